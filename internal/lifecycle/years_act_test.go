package lifecycle_test

import (
	"slices"
	"time"

	"speech-retrainer/internal/lifecycle"
)

// act does what was decided on the run's version.
func (w *world) act(r *played, decision lifecycle.Decision) {
	v := w.version(r.version)
	switch {
	case v == nil:
		w.end(r, lifecycle.RunEnded, "its version was deleted")
	case decision == lifecycle.DecideReject:
		w.reject(r, v)
	default:
		w.deploy(r, v)
	}
}

// verdictMark is the mark sr.verdict as the workflow writes it.
func (w *world) verdictMark(r *played) string {
	var record lifecycle.Record
	if r.taken != nil {
		record = lifecycle.ReadRecord(r.taken.Verdict)
	}
	if r.judged.Answer == "" {
		before := record
		record = lifecycle.NewRecord(r.verdict, r.rate, r.against, r.approval)
		record.Question, record.Serves = r.asks(w), before.Serves
		if before.Said == lifecycle.SaidNo || before.Said == lifecycle.SaidBack {
			record = record.Keeps(before)
		}
	}
	record.Failures, record.Hours = 0, 5.5
	return record.String()
}

func (w *world) reject(r *played, v *lifecycle.Version) {
	if r.judged.Answer == "" {
		w.stir++
		v.Verdict = w.verdictMark(r)
		if r.evalFailed {
			record := lifecycle.ReadRecord(v.Verdict)
			record.Failures, record.FailedAt = r.failedBefore()+1, w.now
			v.Verdict = record.String()
		}
		if r.taken == nil || r.taken.State == lifecycle.StateCandidate {
			v.State = lifecycle.StateRejected
		}
	}
	w.say("%s is rejected: %s", v.ID, v.Verdict)
	w.retire("", "")
	w.end(r, lifecycle.RunEnded, "rejected")
}

func modelID(m *lifecycle.Model) string {
	if m == nil {
		return ""
	}
	return m.ID
}

// deploy lets the endpoint serve the version, if that has not been changed since it was measured.
func (w *world) deploy(r *played, v *lifecycle.Version) {
	if serving := w.serving(); modelID(serving) != modelID(r.serving) {
		r.serving = serving
		if r.verdict != nil {
			r.judged = lifecycle.Judged{}
			r.verdict = &lifecycle.Verdict{Result: lifecycle.Inconclusive, Reason: "the endpoint was changed"}
			switch lifecycle.Decide(r.verdict.Result, r.request.Approval.When) {
			case lifecycle.DecideAsk:
				w.ask(r)
				return
			case lifecycle.DecideReject:
				w.reject(r, v)
				return
			}
		}
	}
	v.State, v.Verdict = lifecycle.StateDeploying, w.verdictMark(r)
	if r.taken != nil {
		v.Run, v.Foreign, v.Known = "test/"+r.id, false, lifecycle.RunKnown{State: lifecycle.RunActive}
	}
	if w.chance(w.plan.fails, r.id, "deployment") {
		w.failVersion(r, r.failedBefore()+1)
		w.end(r, lifecycle.RunEnded, "the deployment failed")
		return
	}
	answered := r.approval != nil && r.approval.Answer == lifecycle.AnswerApproved
	if r.judged.Answer != "" {
		answered = lifecycle.ReadRecord(v.Verdict).Said == lifecycle.SaidYes
	}
	if w.forbidden(v.Input) && !answered {
		w.wrong("%s serves, although the last word of a person on its input is a no: %s", v.ID, v.Verdict)
	}
	w.promote(v, lifecycle.StateRetired)
	w.retire(v.ID, modelID(r.serving))
	w.end(r, lifecycle.RunEnded, "promoted")
}

// promote marks what serves now, and what has served until now.
func (w *world) promote(v *lifecycle.Version, former lifecycle.State) {
	if w.endpoint = true; w.serves != v.ID {
		w.stir++
	}
	w.serves = v.ID
	record := lifecycle.ReadRecord(v.Verdict)
	record.Serves, record.Failures = w.now, 0
	v.State, v.Verdict = lifecycle.StateChampion, record.String()
	for i := range w.versions {
		other := &w.versions[i]
		if other.ID == v.ID || other.State != lifecycle.StateChampion {
			continue
		}
		if other.State = former; former == lifecycle.StateRolledBack {
			other.Verdict = lifecycle.ReadRecord(other.Verdict).Says(lifecycle.SaidBack, "ann", "worse").String()
			w.said(other, true)
		}
	}
	w.say("%s serves: %s", v.ID, v.Verdict)
}

// retire lets go what Retain says.
func (w *world) retire(champion, previous string) {
	q := lifecycle.RetainQuestion{Champion: champion, Previous: previous, Keep: w.request.Keep, Sources: w.visibleBases(), Now: w.now}
	for i := range w.versions {
		w.versions[i].InUse = w.versions[i].ID == w.serves
	}
	for _, d := range lifecycle.Retain(w.versions, q).Delete {
		w.drop(d.ID, "let go: "+d.Reason)
	}
}

// sweep clears away what runs have abandoned, and puts marks right.
func (w *world) sweep() {
	for i := range w.versions {
		w.versions[i].InUse = w.versions[i].ID == w.serves
	}
	for _, found := range lifecycle.FindAbandoned(w.versions, "", w.now) {
		v := w.version(found.Version.ID)
		if v.State = lifecycle.StateAbandoned; v.Terminal() {
			w.drop(v.ID, "abandoned: "+found.Reason)
		}
	}
	served := lifecycle.Served{Endpoint: "e", ModelID: w.serves, Status: "Succeeded", ChangedAt: w.now.Add(-aDay)}
	for _, m := range lifecycle.Heal(w.versions, served, w.request.Limits.Deploy, w.now, w.now) {
		w.version(m.ID).State = m.State
		w.say("%s is healed: %s", m.ID, m.State)
	}
}

// happening is something that befalls a model on a day.
type happening struct {
	day  int
	what string
	n    int
}

// The happenings of wild years.
var happenings = []string{
	"data", "data", "test", "base by hand", "foreign by hand", "earlier by hand", "champion deleted", "version deleted", "cancel", "terminate", "reset",
	"run", "force", "rollback", "no checks", "lost home",
}

// befall lets something happen.
func (w *world) befall(h happening) {
	w.stir++
	w.say("%s (%d)", h.what, h.n)
	v := w.some(h.n)
	switch h.what {
	case "data":
		w.content = string("ABC"[h.n%3])
	case "test":
		w.test = "test" + string("XY"[h.n%2])
	case "base by hand":
		if bases := w.visibleBases(); w.endpoint && len(bases) > 0 { // none is left when the last has gone
			w.serves = bases[0].ID
		}
	case "foreign by hand":
		if w.endpoint {
			expires := w.now.Add(time.Duration(h.n) * 20 * aDay)
			w.foreign = &lifecycle.Model{
				ID: "foreign", DisplayName: "foreign", Custom: true, Status: "Succeeded", CreatedAt: w.now.Add(-100 * aDay), ExpiresAt: &expires,
			}
			w.serves = w.foreign.ID
		}
	case "earlier by hand":
		if w.endpoint && v != nil && v.Status == lifecycle.StatusSucceeded {
			w.serves = v.ID
		}
	case "champion deleted":
		w.drop(w.serves, "a person deleted it")
	case "version deleted":
		if v != nil && v.ID != w.serves {
			w.drop(v.ID, "a person deleted it")
		}
	case "cancel":
		w.stop(lifecycle.RunCanceled)
	case "terminate":
		w.stop(lifecycle.RunTerminated)
	case "reset":
		if r := w.run; r != nil && w.version(r.version) != nil {
			r.judged, r.verdict, r.approval, r.evalFailed = lifecycle.Judged{}, nil, nil, false
			w.later(r, 0, func() { w.awaitTraining(r) })
		}
	case "run", "force":
		w.start("", h.what == "force")
	case "rollback":
		w.rollback()
	case "no checks":
		w.noChecks = w.now.Add(time.Duration(5+3*h.n) * aDay)
	case "lost home":
		w.loseHome()
	}
}

func (w *world) some(n int) *lifecycle.Version {
	if len(w.versions) == 0 {
		return nil
	}
	return &w.versions[n%len(w.versions)]
}

// stop stops the run that goes on.
func (w *world) stop(how lifecycle.RunState) {
	r := w.run
	if r == nil {
		return
	}
	if v := w.version(r.version); v != nil && r.taken == nil {
		w.gone[v.Input] = "its run was " + string(how)
	}
	w.end(r, how, "a person stopped it")
}

func (w *world) rollback() {
	target, reason := lifecycle.ChooseRollback(w.versions, lifecycle.ServedNow{Endpoint: w.endpoint, ModelID: w.serves}, w.now)
	if reason != "" || !w.endpoint {
		return
	}
	w.promote(w.version(target.ID), lifecycle.StateRolledBack)
	// A rollback is a person's word for what serves since.
	w.words = slices.DeleteFunc(w.words, func(said word) bool { return said.input == target.Input && said.version == target.ID && said.no })
}

// loseHome lets another installation go on with the model.
func (w *world) loseHome() {
	if w.run != nil {
		w.stop(lifecycle.RunTerminated)
	}
	for i := range w.versions {
		v := &w.versions[i]
		if v.Foreign, v.Known = true, (lifecycle.RunKnown{State: lifecycle.RunForeign}); v.State == lifecycle.StateCandidate {
			w.gone[v.Input] = "it is another home's"
		}
	}
}
