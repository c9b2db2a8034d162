package fleet

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// Held is a fleet that is held against the schedules that are there.
type Held struct {
	Fleet

	Have map[string]Standing
	// Owner is whose schedules are ours.
	Owner string
	// Prune deletes what the file does not have, stamp gives its id to what has none; fresh tells that the id is new.
	Prune, Stamp, Fresh bool
	// Adopt takes the schedules of its models that were made by hand into the fleet.
	Adopt bool
}

// Objections are why nothing may be applied; nil when all may. The error is a *exit.Failure with each of them.
func (f Held) Objections() error {
	r := &reader{doc: f.Doc}
	var heads, advice []string
	object := func(line int, path, message, next string) {
		r.problem(line, path, "%s; %s", message, next)
		heads, advice = append(heads, message), append(advice, next)
	}
	for i, m := range f.Models {
		if !f.chosen(m) {
			continue
		}
		path := fmt.Sprintf("models[%d]", i)
		name := path + ".name"
		if s, there := f.Have[m.Name]; there {
			if message, next := f.notOurs(s); message != "" {
				object(f.Doc.line(name), name, message, next)
			} else if message, next := f.strange(s, f.Stamp || s.byHand()); message != "" {
				object(f.Doc.line(name), name, message, next)
			}
			if s.Locale != "" && !lifecycle.SameLocale(s.Locale, m.Locale) {
				object(r.lineOf(path, "locale"), path+".locale",
					fmt.Sprintf("schedule %s renews %s in %s, this file says %s: a name has one locale in a namespace",
						workflows.ScheduleID(m.Name), m.Name, s.Locale, m.Locale),
					"give the model of "+m.Locale+" another name")
			}
		}
		if s, is := f.rival(m); is {
			message, next := f.taken(m, s)
			object(r.lineOf(path, "deploy.endpoint"), path+".deploy.endpoint", message, next)
		}
	}
	for _, s := range f.Pruned() {
		if message, next := f.strange(s, false); message != "" {
			object(0, "", message, next)
		}
	}
	if len(r.problems) == 0 {
		return nil
	}
	return r.told(heads, advice)
}

// has tells whether the file has a model.
func (f Fleet) has(name string) bool {
	return slices.ContainsFunc(f.Models, func(m Model) bool { return m.Name == name })
}

// Pruned are the schedules of this fleet and owner that the file does not have and that are to be deleted.
func (f Held) Pruned() []Standing {
	var all []Standing
	for _, name := range slices.Sorted(maps.Keys(f.Have)) {
		if s := f.Have[name]; f.Prune && f.left(s) {
			all = append(all, s)
		}
	}
	return all
}

// Adoption is a schedule made by hand that the fleet takes over: what it does, and what it does from then on.
type Adoption struct{ Model, Has, Gets string }

// Adopted are the schedules made by hand that the fleet takes over.
func (f Held) Adopted() []Adoption {
	var all []Adoption
	for _, m := range f.Chosen() {
		if s, there := f.Have[m.Name]; there && f.Adopt && s.byHand() {
			all = append(all, Adoption{m.Name, s.State(), m.State()})
		}
	}
	return all
}

// left tells that a schedule is of this fleet and owner, by what it says of itself, and not in the file.
func (f Held) left(s Standing) bool {
	return s.fleet == f.Name && s.owner == f.Owner && !f.has(s.Model)
}

// notOurs says why a schedule is not this file's to change, and what to do; empty when it is.
func (f Held) notOurs(s Standing) (message, next string) {
	id := workflows.ScheduleID(s.Model)
	next = "give the model another name, or delete the schedule: temporal schedule delete --schedule-id " + id
	switch {
	case s.fleet == f.Name && s.owner == f.Owner:
		return "", ""
	case s.byHand() && !s.Checks():
		return fmt.Sprintf("schedule %s starts %s, not Renew: it is left alone", id, cmp.Or(s.workflow, "no workflow")), next
	case s.byHand() && f.Adopt:
		return "", ""
	case s.byHand():
		return "schedule " + id + " was made by hand: it is left alone", "take it into the fleet with --adopt-schedules, or " + next
	}
	return fmt.Sprintf("schedule %s belongs to fleet %q of owner %q, not to %q of %q: it is left alone", id, s.fleet, s.owner, f.Name, f.Owner), next
}

// strange says why a schedule may be of another file with the same fleet's name, and what to do; empty when it is of
// this one. With stamp one that has no id yet gets this file's.
func (f Held) strange(s Standing, stamp bool) (message, next string) {
	id, ours := workflows.ScheduleID(s.Model), f.ID
	if f.Fresh {
		ours = NewID
	}
	switch {
	case s.FleetID == f.ID, stamp && s.FleetID == "":
		return "", ""
	case s.FleetID == "" && f.has(s.Model):
		return fmt.Sprintf("schedule %s has no fleet id, this file has %s: it may be another file's of the same fleet name", id, ours),
			"if it is this file's, apply it once with --write-id"
	case s.FleetID == "":
		return fmt.Sprintf("schedule %s has no fleet id, this file has %s: it may be another file's of the same fleet name, and is not deleted", id, ours),
			"if nobody needs it: temporal schedule delete --schedule-id " + id
	case f.ID == "" || f.Fresh:
		return fmt.Sprintf("schedule %s has fleet id %s, this file has none: it is another file's of the same fleet name, or the line was lost", id, s.FleetID),
			"if it is this file's, give the file its line back: id: " + s.FleetID
	}
	return fmt.Sprintf("schedule %s has fleet id %s, not the one of this file: it is another file's of the same fleet name", id, s.FleetID),
		"give one of the two fleets another name"
}

// rival is the schedule of another model that has the endpoint of m: of this owner, or made by hand, on the same
// resource, and there after this apply.
func (f Held) rival(m Model) (Standing, bool) {
	for _, name := range slices.Sorted(maps.Keys(f.Have)) {
		s := f.Have[name]
		switch {
		case m.endpoint() == "" || endpointKey(s.Endpoint) != endpointKey(m.endpoint()) || s.TaskQueue != m.TaskQueue || s.Model == m.Name:
		case s.owner != f.Owner && s.owner != "":
		case f.Prune && f.left(s):
		case f.has(s.Model):
			// What the file says of it is what counts.
		default:
			return s, true
		}
	}
	return Standing{}, false
}

// taken says that the endpoint of m is another schedule's, and what to do.
func (f Held) taken(m Model, s Standing) (message, next string) {
	message = fmt.Sprintf("%s is the endpoint of schedule %s already: an endpoint serves one model", m.endpoint(), workflows.ScheduleID(s.Model))
	takeOver := fmt.Sprintf("deploy: {endpoint: %s, takeOver: %s}", m.endpoint(), s.Model)
	if f.left(s) {
		return message, fmt.Sprintf("this file does not have %s any more: if %s is its new name, delete the old schedule with --prune; "+
			"the retrain of %s then needs %s", s.Model, m.Name, m.Name, takeOver)
	}
	return message, fmt.Sprintf("name another endpoint, or take it from %s, and let %s take it over: %s", s.Model, m.Name, takeOver)
}

// Renamed warns of models that follow on a schedule that is deleted: without takeOver their retrains are refused.
func (f Held) Renamed() []string {
	var warnings []string
	for i, m := range f.Models {
		for _, s := range f.Pruned() {
			if m.endpoint() == "" || endpointKey(s.Endpoint) != endpointKey(m.endpoint()) || s.TaskQueue != m.TaskQueue || takesOver(m) == s.Model {
				continue
			}
			path := fmt.Sprintf("models[%d].deploy", i)
			warnings = append(warnings, fmt.Sprintf("%s: %s: endpoint %s was that of %s: the retrain of %s is refused unless it says deploy: "+
				"{endpoint: %s, takeOver: %s}",
				f.Doc.at(f.Doc.line(path)), path, s.Endpoint, s.Model, m.Name, m.endpoint(), s.Model))
		}
	}
	return warnings
}

// takesOver is the model whose endpoint m says it takes over; empty when it says none.
func takesOver(m Model) string {
	var request struct {
		Deploy struct{ TakeOver string }
	}
	if json.Unmarshal(m.Raw, &request) != nil {
		return ""
	}
	return request.Deploy.TakeOver
}
