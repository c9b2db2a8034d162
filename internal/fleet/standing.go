package fleet

import (
	"cmp"
	"encoding/json"
	"strconv"
	"time"

	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/secret"
	"speech-retrainer/workflows"
)

// Standing is the schedule of a model as Temporal has it, and whose it is.
type Standing struct {
	schedule

	// Model is its name.
	Model string
	// fleet and owner are empty when it was made by hand, and not taken into a fleet since.
	fleet, owner string
	// Locale and Endpoint are those of its request; empty when that names none or cannot be read.
	Locale, Endpoint string
	// Budget is that of its request; nil without.
	Budget *lifecycle.Budget
	// earlier tells that its request is of a version that spread nothing.
	earlier bool
	// Paused tells that it does not fire, Next when it fires; nil when that is not known, or it is paused.
	Paused bool
	Next   *time.Time
	// Fired tells that it has fired, by itself or by hand.
	Fired bool
	// Gap is the longest time between two firings that Temporal foresees; 0 when it names fewer than two.
	Gap time.Duration
	// Note is what an operator wrote when it was paused or resumed last; empty without.
	Note string
}

// NewStanding is what d says of the schedule of a model.
func NewStanding(model string, d *client.ScheduleDescription) Standing {
	fields := d.Memo.GetFields()
	s := Standing{schedule: existing(d.Schedule), Model: model, fleet: MemoText(fields[memoFleet]), owner: MemoText(fields[memoOwner])}
	if s.byHand() {
		s.fleet, s.owner = s.takenInto, s.takenFor
	}
	if state := d.Schedule.State; state != nil {
		s.Paused, s.Note = state.Paused, state.Note
	}
	s.Fired = d.Info.NumActions > 0
	next := d.Info.NextActionTimes
	if len(next) > 0 && !s.Paused {
		s.Next = &next[0]
	}
	for i := 1; i < len(next); i++ {
		s.Gap = max(s.Gap, next[i].Sub(next[i-1]))
	}
	var request struct {
		Locale string
		Deploy struct{ Endpoint string }
	}
	// A request of an earlier release may not be one any more: what it names is still what its checks will use.
	if json.Unmarshal(s.input, &request) == nil {
		s.Locale, s.Endpoint = request.Locale, request.Deploy.Endpoint
	}
	var spending struct {
		Renew struct {
			Budget *lifecycle.Budget
			Window *string
		}
	}
	read := json.Unmarshal(s.input, &spending) == nil
	s.earlier = read && spending.Renew.Window == nil
	if read && spending.Renew.Budget != nil {
		s.Budget = spending.Renew.Budget
		s.Budget.OnExceed = cmp.Or(s.Budget.OnExceed, lifecycle.ExceedWait)
	}
	return s
}

// Named is what the schedule names, for the input of a workflow; ok is false when that may not hold it.
func (s Standing) Named() (named lifecycle.ScheduledEndpoint, ok bool) {
	named = lifecycle.ScheduledEndpoint{Name: s.Model, Locale: s.Locale, Endpoint: s.Endpoint}
	return named, !secret.HoldsSignedURL(s.Locale) && !secret.HoldsSignedURL(s.Endpoint)
}

// Checks tells that it checks a model: a schedule of that ID may be somebody's for something else.
func (s Standing) Checks() bool { return s.workflow == workflows.TypeRenew }

// Starts is the type of workflow that it starts, for people.
func (s Standing) Starts() string { return strconv.Quote(s.workflow) }

// Given is the request that it gives to each check, its local files uploaded. The error is a *exit.Failure with every problem.
func (s Standing) Given() (Given, error) {
	given := Given{Raw: s.input, Doc: Document{Name: "the request of schedule " + workflows.ScheduleID(s.Model), Source: s.input}}
	var problems []lifecycle.Problem
	if given.Request, problems = decodeGiven(given.Raw); len(problems) > 0 {
		return given, given.Refuse(problems)
	}
	return given, nil
}

// byHand tells that it is no fleet's.
func (s Standing) byHand() bool { return s.fleet == "" && s.owner == "" }

// State is what a schedule does, in short.
func (s Standing) State() string {
	text := state(s.Locale, s.timing, s.Endpoint)
	if s.Paused {
		text += ", paused"
	}
	return text
}

// State is what the schedule of the model is to do, in short.
func (m Model) State() string { return state(m.Locale, wanted(m).timing, m.endpoint()) }

func state(locale, timing, endpoint string) string {
	text := cmp.Or(locale, "-") + ", " + cmp.Or(timing, "no time")
	if endpoint != "" {
		text += ", endpoint " + endpoint
	}
	return text
}
