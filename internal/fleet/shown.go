package fleet

import (
	"fmt"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// Applied is what was done with the schedules of a fleet, or in a dry run would be.
type Applied struct {
	Changes []Change `json:"changes"`
	DryRun  bool     `json:"dryRun"`
	Fleet   string   `json:"fleet"`
	// ID is null when the fleet has none.
	ID *string `json:"id"`
	// Left are the models of other task queues than the chosen ones, whose schedules stay as they are.
	Left     []string `json:"left"`
	Warnings []string `json:"warnings"`

	// identified tells that the id is new, file where it is written.
	identified bool
	file       string
}

// Applied is the fleet with these changes.
func (f Held) Applied(changes []Change, dryRun bool) Applied {
	return Applied{
		Changes: changes, DryRun: dryRun, Fleet: f.Name, ID: lifecycle.Text(f.ID), Left: f.Left(), Warnings: append([]string{}, f.Warnings...),
		identified: f.Fresh, file: f.Doc.Name,
	}
}

// mostChanged is how many differences of one schedule are shown, unless all are asked for.
const mostChanged = 6

// Lines are the changes as people read them, and how many there are of each kind. In short they leave out what stays as it
// is, and say of a new schedule what it does; whole they have every value.
func (a Applied) Lines(whole bool) []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if a.identified {
		verb := "written into"
		if a.DryRun {
			verb = "would be written into"
		}
		add("id %s %s %s", *a.ID, verb, a.file)
	}
	counts := map[string]int{}
	for _, c := range a.Changes {
		counts[c.Action]++
		note := ""
		if c.Paused {
			note = ", paused"
		}
		diff, more := c.Diff, 0
		switch {
		case whole:
		case c.Action == Leave && !c.Paused:
			continue
		case c.Action == Create:
			diff = []string{c.To.State()}
			if text := note + "  " + diff[0]; len(c.Schedule+text) < words.Width-10 {
				diff, note = nil, text
			}
		case len(diff) > mostChanged:
			diff, more = diff[:mostChanged], len(diff)-mostChanged
		}
		add("%-9s %s%s", c.Action, c.Schedule, note)
		for _, line := range diff {
			lines = append(lines, words.Hang(visible.Line(line), words.Width-8, 4, 6)...)
		}
		if more > 0 {
			add("    and %d more: see them with --verbose", more)
		}
	}
	if len(a.Left) > 0 {
		add("left as they are: %s of other task queues", words.Count(len(a.Left), "model"))
	}
	if len(lines) > 0 {
		lines = append(lines, "")
	}
	if len(a.Changes) > 0 && counts[Leave] == len(a.Changes) && a.DryRun {
		return append(lines, a.Fleet+": nothing changes")
	}
	form := "%s: %d created, %d changed, %d unchanged, %d deleted"
	if a.DryRun {
		form = "%s: would create %d, change %d, leave %d, delete %d; nothing was changed"
	}
	add(form, a.Fleet, counts[Create], counts[Update], counts[Leave], counts[Delete])
	return lines
}
