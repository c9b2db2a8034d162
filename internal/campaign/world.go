package campaign

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// world is everything that the service knows after a case: its objects, and its own log of what happened.
type world struct {
	owner   string
	objects []stack.Object
	log     []stack.Exchange
	// foreign are the objects of others, as they were made; endpoint tells which one a request names.
	foreign []stack.Object
	// homes are the installations: the home of each, by how the log names its workers. hands are the people.
	homes map[string]string
	hands map[string]bool
	// asked is what the installations were asked for, schedules the schedules that are left.
	asked     []asked
	schedules map[string]bool
	// watches are the models that were near their end, and what was heard of them.
	watches []watch
	// against is what the contract check found.
	against []stack.Violation
}

// world reads what is left; other installations than the lane's own are given.
func (l *lane) world(ctx context.Context, foreign []stack.Object, others ...*lane) (world, error) {
	w := world{owner: owner, foreign: foreign, homes: map[string]string{}, hands: map[string]bool{l.emulator.As(person).Caller(): true}, asked: l.asked.all()}
	var err error
	for _, o := range append(others, l) {
		if w.homes[o.emulator.Caller()], err = o.home(ctx); err != nil {
			return w, err
		}
	}
	if w.objects, err = l.emulator.Objects(ctx, ""); err != nil {
		return w, err
	}
	if w.log, err = l.emulator.Requests(ctx, 0); err != nil {
		return w, err
	}
	w.against, _, err = l.emulator.Violations(ctx)
	return w, err
}

// violations are all rules that were broken, each as a sentence.
func (w world) violations() []string {
	var found []string
	for _, rule := range []func(world) []string{
		world.twins, world.unmarked, world.touched, world.served, world.kept, world.named, world.pruned, world.silent, world.hurried,
	} {
		found = append(found, rule(w)...)
	}
	for _, v := range w.against {
		found = append(found, "against the contract: "+v.String())
	}
	return found
}

// byHand tells whether a person sent a request: what people do is no fault of ours.
func (w world) byHand(e stack.Exchange) bool { return w.hands[e.Caller] }

// ours tells whether an object carries our owner.
func (w world) ours(o stack.Object) bool { return o.CustomProperties[lifecycle.MarkOwner] == w.owner }

// sameMoment is how far apart, by the service's clock, two runs may have created what both need and neither saw of the
// other: a slow request and the lag of the lists, at the speed of a campaign.
const sameMoment = 10 * time.Minute

// twins finds what exists twice: versions of a run, evaluations of a test, endpoints, and datasets of one content or
// projects of one name, unless they were created at the same moment: those are harmless, and go when nothing uses them.
func (w world) twins() []string {
	seen := map[string]stack.Object{}
	var found []string
	for _, o := range w.objects {
		p := o.CustomProperties
		if !w.ours(o) {
			continue
		}
		key := ""
		switch o.Kind {
		case stack.Models, stack.Evaluations:
			// The ID of a run is unique in all homes, and the mark of one that began before homes were written has none.
			_, run := lifecycle.SplitRun(p[lifecycle.MarkRun])
			key = run + "/" + p[lifecycle.MarkStep]
		case stack.Endpoints:
			key = p[lifecycle.MarkModel] + "/" + o.DisplayName + "/" + o.Locale
		case stack.Datasets:
			if o.Status == "Failed" || lifecycle.HasSpareMark(p) {
				continue // neither adopted nor counted, or found unused: it goes in a week
			}
			key = o.DisplayName + "/" + p[lifecycle.MarkContent]
		case stack.Projects:
			key = o.DisplayName + "/" + o.Locale
		}
		key = o.Kind + " " + key
		if other, twice := seen[key]; twice && !(shared[o.Kind] && o.Created.Sub(other.Created).Abs() < sameMoment) {
			found = append(found, fmt.Sprintf("two of %s: %s and %s", key, other.ID, o.ID))
		}
		seen[key] = o
	}
	return found
}

// remade finds what was created a second time, though it may be gone again: each was paid for. A slow request that takes
// effect after its run has looked for it twice can do that; a crash alone must not. It looks at the kinds given, at all when
// none is.
func (w world) remade(kinds ...string) []string {
	made := map[string]int{}
	var found []string
	for _, e := range w.log {
		if e.After == nil || !strings.HasSuffix(e.Operation, "_Create") || e.After.CustomProperties[lifecycle.MarkOwner] != w.owner ||
			len(kinds) > 0 && !slices.Contains(kinds, e.After.Kind) {
			continue
		}
		p := e.After.CustomProperties
		key := fmt.Sprintf("%s %q %s %s", e.After.Kind, e.After.DisplayName, p[lifecycle.MarkRun], p[lifecycle.MarkStep])
		if made[key]++; made[key] == 2 {
			found = append(found, "created twice: "+strings.TrimSpace(key))
		}
	}
	return found
}

// shared are the kinds that several runs use.
var shared = map[string]bool{stack.Datasets: true, stack.Projects: true}

// required are the marks that each kind of object must have.
var required = map[string][]string{
	stack.Models: {
		lifecycle.MarkOwner, lifecycle.MarkModel, lifecycle.MarkRun, lifecycle.MarkStep, lifecycle.MarkInput, lifecycle.MarkState,
	},
	stack.Evaluations: {lifecycle.MarkOwner, lifecycle.MarkModel, lifecycle.MarkRun, lifecycle.MarkStep, lifecycle.MarkTestingKind},
	stack.Endpoints:   {lifecycle.MarkOwner, lifecycle.MarkModel},
	stack.Datasets:    {lifecycle.MarkOwner, lifecycle.MarkContent},
	stack.Projects:    {lifecycle.MarkOwner},
}

// unmarked finds objects that nobody could recognise as ours, and runs that no installation could recognise as its own.
func (w world) unmarked() []string {
	others := map[string]bool{}
	for _, o := range w.foreign {
		others[o.ID] = true
	}
	for _, e := range w.log { // also what a person made without hearing of it
		if e.After != nil && w.byHand(e) && strings.HasSuffix(e.Operation, "_Create") {
			others[e.Object] = true
		}
	}
	homes := map[string]bool{}
	for _, home := range w.homes {
		homes[home] = true
	}
	var found []string
	for _, o := range w.objects {
		if others[o.ID] {
			continue
		}
		for _, key := range required[o.Kind] {
			if o.CustomProperties[key] == "" {
				found = append(found, fmt.Sprintf("%s %q (%s) has no %s", o.Kind, o.DisplayName, o.ID, key))
			}
		}
		mark := o.CustomProperties[lifecycle.MarkRun]
		if home, _ := lifecycle.SplitRun(mark); mark != "" && len(homes) > 0 && !homes[home] {
			found = append(found, fmt.Sprintf("%s %q (%s) has sr.run %s, which is of no installation here", o.Kind, o.DisplayName, o.ID, mark))
		}
	}
	return found
}

// touched finds writes to what belongs to others, and losses among it.
func (w world) touched() []string {
	now := map[string]stack.Object{}
	for _, o := range w.objects {
		now[o.ID] = o
	}
	var found []string
	others := map[string]bool{}
	for _, o := range w.foreign {
		others[o.ID] = true
		have, exists := now[o.ID]
		switch {
		case !exists:
			found = append(found, fmt.Sprintf("%s %q of somebody else is gone", o.Kind, o.DisplayName))
		case have.DisplayName != o.DisplayName || !maps.Equal(have.CustomProperties, o.CustomProperties):
			found = append(found, fmt.Sprintf("%s %q of somebody else was changed", o.Kind, o.DisplayName))
		}
	}
	for _, e := range w.log {
		if others[e.Object] && !w.byHand(e) && (e.Method == "DELETE" || e.Method == "PATCH") {
			found = append(found, fmt.Sprintf("exchange %d: %s of %s, which belongs to somebody else", e.Number, e.Method, e.Object))
		}
	}
	return found
}
