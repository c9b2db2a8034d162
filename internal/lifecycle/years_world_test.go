package lifecycle_test

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
)

// yearsPlan is what a world of years is made of. Chances are per cent, and of one seed always the same.
type yearsPlan struct {
	seed, days int
	// baseEvery is how many days lie between two base models, trainable how many one can be trained from; after
	// lastBase days none comes any more.
	baseEvery, trainable, lastBase int
	// life is how many days after the end of its quarter a version lives; ofBase lets it end with its base model instead.
	life   int
	ofBase bool
	// passes is the chance of a version to be as good as what it is compared with, badBase that of a base to be worse.
	passes, badBase int
	// fails is the chance of a training, an evaluation, a deployment or an import to fail, and of a run to end before its
	// training does.
	fails, runFails int
	// yes and no are the chances of a person's answers; else nobody answers.
	yes, no int
	request func(*lifecycle.Request)
}

// training is one that was paid for.
type training struct {
	input, version, cause string
	at                    time.Time
	person, succeeded     bool
	// again says why the input was trained again although it had been trained before; empty for the first time.
	again string
}

// word is what a person said of a version.
type word struct {
	input, version string
	no             bool
}

// world is one model over years, and what is remembered of it to hold the rules to their promises.
type world struct {
	plan    yearsPlan
	name    string
	request lifecycle.Request
	now     time.Time
	// versions are those on the service, newest first; trains tells when the running ones end, and how.
	versions []lifecycle.Version
	trains   map[string]ending
	bases    []lifecycle.Model
	content  string
	test     string
	endpoint bool
	serves   string
	// foreign is a model of somebody else, which a person may set.
	foreign *lifecycle.Model
	// imported tells the contents that are datasets, tries the failed imports of the others.
	imported map[string]bool
	tries    map[string]int
	triedAt  time.Time
	pilot    *world
	run      *played
	noChecks time.Time
	made     int

	trained []training
	words   []word
	// gone are inputs of which a version was deleted, canceled, or left in another home.
	gone    map[string]string
	stucks  []string
	stir    int
	heard   map[string]int
	journal []string
	fail    func(string)
}

type ending struct {
	at     time.Time
	status string
}

func newWorld(plan yearsPlan, name string, fail func(string)) *world {
	w := &world{
		plan: plan, name: name, request: desk(), now: noon, content: "A", test: "test", fail: fail,
		trains: map[string]ending{}, imported: map[string]bool{}, tries: map[string]int{}, gone: map[string]string{}, heard: map[string]int{},
	}
	w.request.Name = name
	w.request.Renew.Window = lifecycle.Duration(21 * aDay)
	w.request.Notify = []lifecycle.Notify{{On: lifecycle.Events}}
	w.request.Tests = []lifecycle.Test{{Data: lifecycle.Data{Name: "calls", Kind: "Acoustic", Dataset: "t"}}}
	if plan.request != nil {
		plan.request(&w.request)
	}
	for i, day := 0, -plan.baseEvery; day < min(plan.days, plan.lastBase) || i == 0; i, day = i+1, day+plan.baseEvery {
		m := base(fmt.Sprint("base-", i), 0)
		m.CreatedAt = noon.Add(time.Duration(day) * aDay)
		m.AdaptationEndsAt = lifecycle.Ptr(quarterEnd(m.CreatedAt).Add(time.Duration(plan.trainable) * aDay))
		m.ExpiresAt = lifecycle.Ptr(m.AdaptationEndsAt.Add(365 * aDay))
		w.bases = append(w.bases, m)
	}
	return w
}

// quarterEnd is the end of a quarter as the service counts them, about.
func quarterEnd(t time.Time) time.Time {
	const quarter = 91 * aDay
	return noon.Add((t.Sub(noon)/quarter + 1) * quarter)
}

// chance tells whether something that happens so often happens here.
func (w *world) chance(percent int, of ...any) bool { return w.roll(100, of...) < percent }

func (w *world) roll(n int, of ...any) int {
	h := fnv.New32a()
	_, _ = fmt.Fprint(h, w.plan.seed, w.name, of)
	return int(h.Sum32()>>4) % n
}

func (w *world) say(format string, args ...any) {
	w.journal = append(w.journal, fmt.Sprintf("%s %s: ", w.now.Format("2006-01-02T15"), w.name)+fmt.Sprintf(format, args...))
}

// wrong ends the check of a property, with what has led to it.
func (w *world) wrong(format string, args ...any) {
	said := fmt.Sprintf(format, args...)
	w.fail(fmt.Sprintf("%s\non day %d; before:\n%s", said, int(w.now.Sub(noon)/aDay), strings.Join(w.journal[max(0, len(w.journal)-40):], "\n")))
}

func (w *world) version(id string) *lifecycle.Version {
	for i := range w.versions {
		if w.versions[i].ID == id {
			return &w.versions[i]
		}
	}
	return nil
}

func (w *world) visibleBases() []lifecycle.Model {
	var seen []lifecycle.Model
	for _, b := range w.bases {
		if !b.CreatedAt.After(w.now) && b.ExpiresAt.After(w.now) {
			seen = append(seen, b)
		}
	}
	return seen
}

func (w *world) base(id string) *lifecycle.Model {
	i := slices.IndexFunc(w.bases, func(b lifecycle.Model) bool { return b.ID == id })
	if i < 0 {
		return nil
	}
	return &w.bases[i]
}

// serving is what the endpoint refers to; nil when that is nothing.
func (w *world) serving() *lifecycle.Model {
	if v := w.version(w.serves); v != nil {
		return &lifecycle.Model{
			ID: v.ID, DisplayName: v.DisplayName, Custom: true, Status: v.Status, CreatedAt: *v.CreatedAt, ExpiresAt: v.ExpiresAt, BaseID: v.BaseModelID,
		}
	}
	if w.foreign != nil && w.serves == w.foreign.ID {
		return w.foreign
	}
	return w.base(w.serves)
}

func (w *world) observe() lifecycle.Observed {
	o := lifecycle.Observed{
		Now: w.now, Owner: "years", Versions: w.versions, Serving: w.serving(), Bases: w.visibleBases(),
		Training: []lifecycle.ObservedData{{Label: "text", Kind: "Language", Content: w.content, Tries: w.tries[w.content]}},
	}
	if o.Training[0].Tries > 0 {
		o.Training[0].TriedAt = w.triedAt
	}
	if w.imported[w.content] {
		o.Training[0].DatasetID, o.Training[0].Tries = "d-"+w.content, 0
	}
	for range w.request.Tests {
		o.Tests = append(o.Tests, lifecycle.ObservedData{Label: "calls", Kind: "Acoustic", DatasetID: "d-" + w.test, Content: w.test})
	}
	if w.endpoint {
		o.Endpoint = &lifecycle.ObservedEndpoint{ID: "e", DisplayName: "Desk", Status: "Succeeded", ModelID: w.serves}
	}
	if w.run != nil {
		o.Retrain = w.run.id
	}
	if w.pilot != nil {
		o.Pilot = &lifecycle.PilotSeen{Name: w.pilot.name, Versions: w.pilot.versions}
	}
	return o
}

// rate is the word error rate of a model on a test: for a version as good or as bad as its seed and its base make it.
func (w *world) rate(id string) float64 {
	v := w.version(id)
	if v == nil {
		return 0.30 // a base model, or a foreign one
	}
	rate := 0.10
	if w.plan.badBase > 0 && (&world{plan: w.plan}).chance(w.plan.badBase, v.BaseModelID) {
		rate = 0.15
	}
	if !w.chance(w.plan.passes, id, w.test) {
		rate += 0.02 + float64(w.roll(30, id, w.test, "rate"))/1000
	}
	return rate
}

// tick lets trainings end whose time has come.
func (w *world) tick() {
	for i := range w.versions {
		v := &w.versions[i]
		if e, trains := w.trains[v.ID]; trains && !e.at.After(w.now) {
			v.Status, v.EndedAt = e.status, lifecycle.Ptr(e.at)
			if e.status == lifecycle.StatusFailed {
				v.ExpiresAt = nil
			} else {
				w.stir++
				i := slices.IndexFunc(w.trained, func(t training) bool { return t.version == v.ID })
				w.trained[i].succeeded = true
			}
			delete(w.trains, v.ID)
			w.say("the training of %s ends: %s", v.ID, e.status)
		}
	}
}

// post starts a training.
func (w *world) post(r *played, from lifecycle.Model, input string) *lifecycle.Version {
	w.made++
	id := fmt.Sprintf("%s-%d", w.name, w.made)
	took := time.Duration(2+w.roll(46, id, "took")) * time.Hour
	expires := quarterEnd(w.now).Add(time.Duration(w.plan.life) * aDay)
	if w.plan.ofBase {
		expires = *from.ExpiresAt
	}
	status := lifecycle.StatusSucceeded
	if w.chance(w.plan.fails, id, "training") {
		status = lifecycle.StatusFailed
	}
	w.trains[id] = ending{w.now.Add(took), status}
	w.trained = append(w.trained, training{input: input, version: id, cause: r.cause, at: w.now, person: r.person, again: w.excuse(r, input)})
	w.say("trains %s from %s and %s, %s", id, from.ID, w.content, r.why())
	w.versions = slices.Insert(w.versions, 0, lifecycle.Version{
		ID: id, DisplayName: id, Status: "Running", State: lifecycle.StateCandidate, CreatedAt: lifecycle.Ptr(w.now), ExpiresAt: &expires,
		BaseModelID: from.ID, Input: input, Run: "test/" + r.id, Known: lifecycle.RunKnown{State: lifecycle.RunActive}, Step: "train",
	})
	return &w.versions[0]
}

// excuse says why an input is trained that was trained before; "" when it was not. None is good enough: the property fails.
func (w *world) excuse(r *played, input string) string {
	var last *training
	for i := range w.trained {
		if w.trained[i].input == input {
			last = &w.trained[i]
		}
	}
	champion := w.version(w.serves)
	switch {
	case last == nil:
		return ""
	case r.force:
		return "force"
	case r.cause == lifecycle.CauseExpiry, r.cause == lifecycle.CauseMissing, r.cause == lifecycle.CauseSetByHand:
		return r.cause
	case r.person && slices.ContainsFunc(w.versions, func(v lifecycle.Version) bool { return v.State == lifecycle.StateChampion && v.Input == input }):
		return "a person's own run on the champion's input"
	case champion != nil && champion.Input == input && champion.State != lifecycle.StateChampion:
		return "a person has set the endpoint to the version of it, and the champion is gone"
	case w.gone[input] != "":
		return w.gone[input]
	}
	v := w.version(last.version)
	switch {
	case v == nil:
		w.wrong("%s was trained again, but nobody knows where %s is", input, last.version)
	case v.Status == lifecycle.StatusFailed:
		return "a failed training"
	case v.ExpiresAt != nil && v.ExpiresAt.Sub(w.now) <= min(r.lead.Std(), v.ExpiresAt.Sub(*v.CreatedAt)/2):
		return "it is about to expire"
	}
	w.wrong("input %s is trained again for %q, although %s of it is there: %s %s, %s, expires %s", input, r.cause, v.ID, v.Status, v.State, v.Verdict, v.ExpiresAt)
	return ""
}

// drop deletes a version.
func (w *world) drop(id, why string) {
	if v := w.version(id); v != nil {
		w.gone[v.Input] = why
	}
	w.versions = slices.DeleteFunc(w.versions, func(v lifecycle.Version) bool { return v.ID == id })
	delete(w.trains, id)
	w.say("%s is deleted: %s", id, why)
}

// said remembers a person's word.
func (w *world) said(v *lifecycle.Version, no bool) {
	w.words = append(w.words, word{input: v.Input, version: v.ID, no: no})
}

// forbidden tells that the last word that is remembered on an input is a no.
func (w *world) forbidden(input string) bool {
	for _, word := range slices.Backward(w.words) {
		if word.input == input && w.version(word.version) != nil {
			return word.no
		}
	}
	return false
}
