package fleet

import (
	"speech-retrainer/workflows"
)

// The actions of a change.
const (
	Create = "create"
	Update = "update"
	Leave  = "unchanged"
	Delete = "delete"
)

// Change is what is done with one schedule.
type Change struct {
	Model    string   `json:"model"`
	Schedule string   `json:"schedule"`
	Action   string   `json:"action"`
	Diff     []string `json:"diff"`
	Paused   bool     `json:"paused"`
	// To is what it shall be; empty for a deletion.
	To Model `json:"-"`
}

// Changes are what is to be done with each schedule, for models whose local files are datasets by now.
func (f Held) Changes(models []Model) []Change {
	var changes []Change
	for _, m := range models {
		changes = append(changes, f.change(m))
	}
	for _, s := range f.Pruned() {
		changes = append(changes, Change{Model: s.Model, Schedule: workflows.ScheduleID(s.Model), Action: Delete, Diff: []string{}, Paused: s.Paused})
	}
	return changes
}

// change compares the schedule of a model with what it should be.
func (f Held) change(m Model) Change {
	s, there := f.Have[m.Name]
	c := Change{Model: m.Name, Schedule: workflows.ScheduleID(m.Name), Diff: []string{}, To: m, Action: Create}
	if there {
		c.Action, c.Paused = Leave, s.Paused
	}
	if there && (s.byHand() || s.takenInto != "") {
		m.takenInto, m.takenFor = f.Name, f.Owner
		c.To = m
	}
	c.Diff = append(c.Diff, differences(s.schedule, wanted(m))...)
	if there && len(c.Diff) > 0 {
		c.Action = Update
	}
	return c
}
