package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Outlives is by how much a version must outlive the champion to be worth serving in its place for an expiry, and by how
// much a renewal must have moved the expiry to have done its work.
const Outlives = 30 * Day

// TakeQuestion is what a run is about to train.
type TakeQuestion struct {
	// Input is the mark sr.input of what it would train; empty when that is not known, and then nothing is taken.
	Input string
	// Champion is the ID of what serves, or served last, ChampionInput its input and ChampionExpires its expiry; empty
	// and nil when there is none or it is not known.
	Champion        string
	ChampionInput   string
	ChampionExpires *time.Time
	// Cause is why the run began; empty when a person started it.
	Cause string
	// Lead is how long before its expiry a version is due again.
	Lead Duration
	// Endpoints tells that the versions say whether an endpoint refers to them (InUse): then a champion that none refers to
	// any more may be taken, too. Its endpoint was deleted, or serves something else.
	Endpoints bool
	// Force trains in any case: only what still trains is waited for.
	Force bool
	// Now is the service's.
	Now time.Time
}

// Take is the version that a run takes instead of training the same input again, and why; nil when it has to train. It is
// the newest that has Succeeded and is no longer of use to another run, with more than the lead left, or one that
// still trains although its run has failed. Candidates must be of this home, and their runs must have ended by themselves.
func Take(versions []Version, q TakeQuestion) (*Version, string) {
	if q.Input == "" {
		return nil, ""
	}
	v := newest(versions, func(v Version) bool {
		if v.Input != q.Input || v.ID == q.Champion || !leftOver(v) && !q.unserved(v) {
			return false
		}
		if !v.Terminal() {
			return v.State == StateFailed || v.State == StateCandidate
		}
		return !q.Force && v.Status == StatusSucceeded && q.worth(v)
	})
	switch {
	case v == nil:
		return nil, ""
	case !v.Terminal():
		return v, fmt.Sprintf("%s of the same input still trains, and its run is over: it is waited for", v.DisplayName)
	}
	return v, fmt.Sprintf("%s of %s has the same base model and data, so nothing is trained", v.DisplayName, date(timeOf(v.CreatedAt)))
}

// leftOver tells that no other run has a hand on a version.
func leftOver(v Version) bool {
	switch v.State {
	case StateFailed, StateRejected, StateRolledBack, StateRetired:
		return true
	case StateCandidate:
		return !v.Foreign && v.Known.State == RunEnded
	}
	return false
}

// unserved tells that a version is the champion, and that no endpoint refers to it.
func (q TakeQuestion) unserved(v Version) bool {
	return q.Endpoints && v.State == StateChampion && !v.InUse
}

// worth tells that a version lives long enough to serve. For an expiry it must outlive the champion, since nothing would be
// gained otherwise; in place of a champion of the same input it must not end before that. A date that is not known is no
// reason to pay twice, but none to count on when something expires.
func (q TakeQuestion) worth(v Version) bool {
	if v.ExpiresAt == nil {
		return q.Cause != CauseExpiry
	}
	// As champion it would have this lead: without one yet, nothing else holds it to the version's life.
	lead, _, _ := capLead(q.Lead, "", v.DisplayName, v.CreatedAt, v.ExpiresAt)
	if v.ExpiresAt.Sub(q.Now) <= lead.Std() {
		return false
	}
	switch {
	case q.ChampionExpires == nil:
		return true
	case q.Cause == CauseExpiry:
		return v.ExpiresAt.Sub(*q.ChampionExpires) >= Outlives
	case q.ChampionInput == q.Input:
		return !v.ExpiresAt.Before(*q.ChampionExpires)
	}
	return true
}

// Judged is what is already known of a version that is taken.
type Judged struct {
	// Answer is yes, no, or empty when it has to be asked for.
	Answer string `json:"answer,omitempty"`
	// Until is when an open question is asked again, or what failed is repeated; zero when that is now.
	Until time.Time `json:"until,omitzero"`
	// Why says how it came about.
	Why string `json:"why,omitempty"`
}

// askedAgain is how long a question that nobody has answered rests.
const askedAgain = 7 * Day

// failurePauses are those after one, two, and more failed evaluations or deployments of a version in a row.
var failurePauses = []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour}

// JudgedBefore is what the mark of a taken version knows already: the answer when the question is the same, and when what nobody has
// answered or what has failed is tried again by itself.
func JudgedBefore(v Version, request Request, question string) Judged {
	r := ReadRecord(v.Verdict)
	said := answerOf(v, request)
	same := r.Question == question
	switch {
	case same && said == answeredNo:
		return Judged{Answer: string(answeredNo), Why: fmt.Sprintf("%s was judged by the same question already: %s", v.DisplayName, orUnknown(r.Decision()))}
	case r.Failures > 0:
		pause := failurePauses[min(r.Failures, len(failurePauses))-1]
		j := Judged{Until: r.FailedAt.Add(pause), Why: fmt.Sprintf("an evaluation or deployment of %s has failed %s, the last time on %s",
			v.DisplayName, times(r.Failures), r.FailedAt.UTC().Format("2006-01-02 15:04 UTC"))}
		if same && said == answeredYes {
			j.Answer = string(answeredYes)
		}
		return j
	case same && said == answeredYes:
		return Judged{Answer: string(answeredYes), Why: fmt.Sprintf("%s was judged by the same question already: %s", v.DisplayName, r.Decision())}
	case same && !r.Unanswered.IsZero():
		return Judged{Until: r.Unanswered.Add(askedAgain), Why: fmt.Sprintf("nobody has answered what is to become of %s by %s", v.DisplayName, date(r.Unanswered))}
	}
	return Judged{}
}

// Prospect is what is known of a model when somebody asks what training would come to.
type Prospect struct {
	Request Request
	// Versions are the model's, newest first.
	Versions []Version
	// Serving is what serves; nil when nothing does.
	Serving *Model
	// Champion is the version of the model that serves, or served last; nil without.
	Champion *Version
	Bases    []Model
	// Contents are those of the training data, and Tests those of the tests in the request's order. Contents is nil when
	// one of them is not known now.
	Contents, Tests []string
	Cause           string
	Lead            Duration
	// Pilot is the model that goes first with a new base model; nil without.
	Pilot *PilotSeen
	// Now is the service's.
	Now time.Time
}

// ProspectOf is what was observed of a model, for a run with that cause.
func ProspectOf(o Observed, request Request, cause string) Prospect {
	p := Prospect{
		Request: request, Versions: o.Versions, Serving: o.Serving, Champion: championOf(o), Bases: o.Bases, Cause: cause, Pilot: o.Pilot, Now: o.Now,
	}
	p.Lead, _, _ = leadOf(o, request)
	for _, data := range o.Training {
		if data.Content == "" || data.Upload || data.Fault != "" {
			p.Contents = nil
			break
		}
		if !slices.Contains(p.Contents, data.Content) {
			p.Contents = append(p.Contents, data.Content)
		}
	}
	for _, data := range o.Tests {
		p.Tests = append(p.Tests, data.Content)
	}
	return p
}

// input is what would be trained from a base; empty when the data are not known.
func (p Prospect) input(base Model) string {
	if len(p.Contents) == 0 {
		return ""
	}
	return InputMark(base.ID, p.Contents)
}

// take is the version that would be taken instead of a training from a base.
func (p Prospect) take(base Model) (*Version, string) {
	q := TakeQuestion{Input: p.input(base), Cause: p.Cause, Lead: p.Lead, Now: p.Now}
	if c := p.Champion; c != nil {
		q.Champion, q.ChampionInput, q.ChampionExpires = c.ID, c.Input, c.ExpiresAt
	}
	if p.Serving != nil && p.Serving.Custom {
		q.Champion, q.ChampionExpires = p.Serving.ID, p.Serving.ExpiresAt
		if p.Champion != nil && p.Champion.ID != p.Serving.ID {
			q.ChampionInput = ""
		}
	}
	return Take(p.Versions, q)
}

// question is what would be asked now of a version of a base.
func (p Prospect) question(base Model) string {
	opponent := ChooseOpponent(p.Serving, base, Fallback(p.Bases, p.Request.Locale, p.Now), p.Request.LastResort.Before, p.Now)
	return Question(p.Request, opponent.Model.ID, p.Tests)
}

// trial is what is known of training from one base model: whether it has been tried, or has to wait.
type trial struct {
	// taken is the version that would be taken; nil when one would be trained.
	taken *Version
	// no tells that it was tried, and the answer was no.
	no bool
	// until is when it is tried again by itself; zero when that is now.
	until time.Time
	// stuck tells that trying again has not helped so far, and last is when it was tried last.
	stuck bool
	last  time.Time
	why   string
}

// trial of a base model.
func (p Prospect) trial(base Model) trial {
	taken, why := p.take(base)
	if taken == nil {
		return p.failedTrainings(p.input(base))
	}
	t := trial{taken: taken, why: why}
	if !taken.Terminal() {
		// That one more is under way helps nobody yet.
		if failed := p.failedTrainings(p.input(base)); failed.stuck {
			t.stuck, t.last, t.why = true, failed.last, failed.why
		}
		return t
	}
	judged := JudgedBefore(*taken, p.Request, p.question(base))
	if judged.Why != "" {
		t.why = judged.Why
	}
	t.no = judged.Answer == string(answeredNo)
	t.until = judged.Until
	return t
}

// failedTrainings holds back an input whose trainings have failed: the service would fail it again, for money.
func (p Prospect) failedTrainings(input string) trial {
	tries, last := 0, time.Time{}
	for _, v := range p.Versions {
		if input != "" && v.Input == input && v.Status == StatusFailed {
			ended := v.EndedAt
			if ended == nil {
				ended = v.CreatedAt
			}
			tries, last = tries+1, latest(last, timeOf(ended))
		}
	}
	if tries == 0 {
		return trial{}
	}
	return trial{
		until: last.Add(tryPause(tries)), stuck: tries > growingTries, last: last,
		why: fmt.Sprintf("the training of this base model and data has failed %s, the last time on %s", times(tries), date(last)),
	}
}

// passable is how many base models with a no are passed over for an expiry.
const passable = 2

// chosen is the base model that a retrain would train from, and what is known of that.
type chosen struct {
	base  *Model
	trial trial
	// first is the trial of the newest base: when all were tried, that is what a person hears of.
	first trial
	// passed are the base models that were passed over.
	passed []Refusal
}

// choose picks the base model to train from as a retrain does. For an expiry those are passed over whose input was tried in
// vain, here or by the pilot, two at most. When nothing but the pilot's trial speaks against one, it is tried here all
// the same: the last resort needs a version to take.
func (p Prospect) choose(q BaseQuestion) chosen {
	if p.Request.BaseModel.Choose != Latest {
		base := Model{ID: lastSegment(p.Request.BaseModel.Choose)}
		t := p.trial(base)
		return chosen{base: &base, trial: t, first: t}
	}
	var c chosen
	// untried is the newest base that nothing but the pilot's trial speaks against: an expiry does not wait for others.
	var untried *chosen
	for {
		choice := ChooseBase(p.Bases, q)
		if choice.Model == nil {
			break
		}
		c.base, c.trial = choice.Model, p.trial(*choice.Model)
		if no := p.Pilot.refused(choice.Model.ID); no != "" && p.Cause == CauseExpiry && c.trial.taken == nil {
			if untried == nil {
				untried = &chosen{base: c.base, trial: c.trial, first: c.trial, passed: slices.Clone(c.passed)}
			}
			c.trial = trial{no: true, why: no}
		}
		if len(c.passed) == 0 {
			c.first = c.trial
		}
		if !c.trial.no || p.Cause != CauseExpiry {
			return c
		}
		if len(c.passed) == passable {
			break
		}
		passed := Refusal{ID: choice.Model.ID, DisplayName: choice.Model.DisplayName, Reason: "passed over: " + c.trial.why}
		c.passed = append(c.passed, passed)
		q.PassedOver = append(q.PassedOver, passed)
	}
	if untried != nil {
		return *untried
	}
	if len(c.passed) > 0 {
		c.trial = c.first // none is left: the newest one's answer stands
	}
	return c
}

// PassOver are the base models that a retrain passes over, because their input was tried in vain.
func PassOver(p Prospect, q BaseQuestion) []Refusal {
	if c := p.choose(q); !c.trial.no {
		return c.passed
	}
	return nil // all were tried: the newest is as good as the others
}

// lastSegment is the ID in a reference to a model, which is an ID or a URL.
func lastSegment(ref string) string {
	ref, _, _ = strings.Cut(strings.ToLower(ref), "?")
	return ref[strings.LastIndex(ref, "/")+1:]
}
