package campaign

import (
	"fmt"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// othersAge is from which age on what another home finished may be deleted by the model's present one.
const othersAge = 90 * 24 * time.Hour

// unfinished are the states of a version that is its own home's alone.
var unfinished = map[string]bool{
	string(lifecycle.StateCandidate): true, string(lifecycle.StateAbandoned): true, string(lifecycle.StateDeploying): true,
}

// living is an object at a moment of the log.
type living struct {
	id      string
	after   stack.After
	created time.Time
	byHand  bool
}

func (o living) mark(key string) string { return o.after.CustomProperties[key] }

// undone are the faults in whose place nothing was done; an exchange with any other took effect.
var undone = map[string]bool{"status": true, "throttle": true, "html": true, "dropBefore": true}

// walk goes through the log and shows each write to an object that exists, before it happens.
func (w world) walk(see func(e stack.Exchange, o living, all map[string]living)) {
	all := map[string]living{}
	for _, e := range w.log {
		if e.Method == "GET" {
			continue
		}
		o, known := all[e.Object]
		if known {
			see(e, o, all)
		}
		switch {
		case e.After != nil && known:
			o.after = *e.After
			all[e.Object] = o
		case e.After != nil:
			all[e.Object] = living{id: e.Object, after: *e.After, created: e.Time, byHand: w.byHand(e)}
		case e.Method == "DELETE" && !undone[e.Fault] && (e.Status < 300 || e.Fault != ""):
			delete(all, e.Object)
		}
	}
}

// kept finds deletions, tried ones too, of what a live request, a schedule, or another installation's run refers to, and
// changes of what another installation has not finished. What an endpoint refers to is the rule served.
func (w world) kept() []string {
	var found []string
	w.walk(func(e stack.Exchange, o living, all map[string]living) {
		if w.byHand(e) || e.Method != "DELETE" && e.Method != "PATCH" || o.mark(lifecycle.MarkOwner) != w.owner {
			return
		}
		why := w.anotherHomes(e, o, all)
		if why == "" && e.Method == "DELETE" {
			why = w.stillNamed(e, o, all)
		}
		if why != "" {
			found = append(found, fmt.Sprintf("exchange %d: %s of %s %q (%s), %s", e.Number, e.Method, o.after.Kind, o.after.DisplayName, o.id, why))
		}
	})
	return found
}

// anotherHomes says why a version or an evaluation is another installation's; empty when it may be written.
func (w world) anotherHomes(e stack.Exchange, o living, all map[string]living) string {
	of := o
	if v, known := all[o.after.Measured]; known {
		of = v // an evaluation goes with the version that it measured, whoever asked for it
	}
	home, run := lifecycle.SplitRun(of.mark(lifecycle.MarkRun))
	if mine := w.homes[e.Caller]; home == "" || mine == "" || home == mine {
		return ""
	}
	state := of.mark(lifecycle.MarkState)
	switch age := e.Time.Sub(of.created); {
	case unfinished[state]:
		return fmt.Sprintf("of a %s version of another home's run %s", state, run)
	case e.Method == "DELETE" && age < othersAge:
		return fmt.Sprintf("of another home's run %s, %s after it was made", run, age.Round(time.Second))
	}
	return ""
}

// stillNamed says who names an object that is to be deleted; empty when nobody does, or when another of the same stays.
func (w world) stillNamed(e stack.Exchange, o living, all map[string]living) string {
	for _, other := range all {
		if other.id != o.id && other.after.Status != "Failed" && o.twinOf(other) {
			return ""
		}
	}
	if o.after.Kind == stack.Datasets && o.byHand {
		return "which a person has uploaded"
	}
	_, run := lifecycle.SplitRun(o.mark(lifecycle.MarkRun))
	for _, a := range w.asked {
		if !a.liveAt(e.Arrived) {
			continue
		}
		who := "run " + a.run
		if a.schedule != "" {
			who = "schedule " + a.schedule
		}
		switch o.after.Kind {
		case stack.Models, stack.Evaluations:
			if run != "" && run == a.run {
				return who + " made it and goes on"
			}
		case stack.Endpoints:
			if a.names(o) {
				return who + " names it"
			}
		case stack.Datasets:
			for _, d := range a.Data() {
				if o.after.Status != "Failed" && (d.Dataset == o.after.DisplayName ||
					strings.Contains(strings.ToLower(d.Dataset), strings.ToLower(o.id)) || d.MayHold(o.after.DisplayName)) {
					return who + " names it"
				}
			}
		}
	}
	return ""
}

// twinOf tells whether two objects are one by name and marks, so that one of them is too many.
func (o living) twinOf(other living) bool {
	if o.after.Kind != other.after.Kind || other.mark(lifecycle.MarkOwner) != o.mark(lifecycle.MarkOwner) {
		return false
	}
	switch o.after.Kind {
	case stack.Models, stack.Evaluations:
		return lifecycle.SameRun(o.mark(lifecycle.MarkRun), other.mark(lifecycle.MarkRun)) && o.mark(lifecycle.MarkStep) == other.mark(lifecycle.MarkStep)
	case stack.Datasets:
		return o.after.DisplayName == other.after.DisplayName && o.mark(lifecycle.MarkContent) == other.mark(lifecycle.MarkContent)
	}
	return o.after.DisplayName == other.after.DisplayName
}

// names tells whether a request names an endpoint, by its name or its ID.
func (a asked) names(o living) bool {
	for _, name := range a.endpoints {
		if name == o.after.DisplayName || name == o.id {
			return true
		}
	}
	return false
}

// named finds endpoints that an installation wrote to, or tried to, though no request of its own names them.
func (w world) named() []string {
	var found []string
	check := func(e stack.Exchange, o living) {
		if w.byHand(e) || o.after.Kind != stack.Endpoints {
			return
		}
		for _, a := range w.asked {
			if a.caller == e.Caller && a.names(o) {
				return
			}
		}
		found = append(found, fmt.Sprintf("exchange %d: %s of endpoint %q (%s), which no request names", e.Number, e.Method, o.after.DisplayName, o.id))
	}
	w.walk(func(e stack.Exchange, o living, _ map[string]living) { check(e, o) })
	for _, e := range w.log {
		if e.Operation == "Endpoints_Create" && e.After != nil {
			check(e, living{id: e.Object, after: *e.After})
		}
	}
	return found
}

// pruned finds schedules that are gone though nobody asked for it.
func (w world) pruned() []string {
	var found []string
	for _, a := range w.asked {
		if a.schedule != "" && !w.schedules[a.schedule] {
			found = append(found, fmt.Sprintf("schedule %s is gone, though nobody asked for it", a.schedule))
		}
	}
	return found
}
