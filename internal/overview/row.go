package overview

import (
	"cmp"
	"math"
	"strings"
	"time"

	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// Row is one model.
type Row struct {
	Model string `json:"model"`
	// Locale is empty when it is not known: the model has neither a version nor a schedule.
	Locale        string   `json:"locale"`
	Version       *string  `json:"version"`
	VersionID     *string  `json:"versionId"`
	BaseModel     *string  `json:"baseModel"`
	WordErrorRate *float64 `json:"wordErrorRate"`
	Endpoint      *string  `json:"endpoint"`
	// EndpointName is the display name of the endpoint; null when there is none, or a worker of an earlier release was asked.
	EndpointName *string `json:"endpointName"`
	// EndpointNote tells why no endpoint can be told; null when one can, or there is none.
	EndpointNote *string    `json:"endpointNote"`
	ExpiresAt    *time.Time `json:"expiresAt"`
	// DaysLeft are the whole days until ExpiresAt, by the service's now: negative when it has passed, null when it is not known.
	DaysLeft *int `json:"daysLeft"`
	// DueAt and LastResortAt are when that is due for its expiry, and when the last resort begins, by the request of the schedule;
	// null without.
	DueAt        *time.Time `json:"dueAt"`
	LastResortAt *time.Time `json:"lastResortAt"`
	// LastOutcome is how the newest retrain ended, and LastRunID which it was; null when neither the service nor Temporal tells.
	LastOutcome  *string `json:"lastOutcome"`
	LastRunID    *string `json:"lastRunId"`
	RetrainRunID *string `json:"retrainRunId"`
	// Stage is that of the retrain that goes on; null when none does or Temporal does not tell.
	Stage *string `json:"stage"`
	// WaitingFor is what the retrain waits for when that is a person; null else.
	WaitingFor *lifecycle.Waiting `json:"waitingFor"`
	// Scheduled tells that a schedule checks the model, and renews it.
	Scheduled bool       `json:"scheduled"`
	NextCheck *time.Time `json:"nextCheck"`
	// LastGoodCheck is when the last check that succeeded ended, by Temporal's clock, and LastGoodCheckAge how long ago; null
	// when Temporal remembers none.
	LastGoodCheck    *time.Time          `json:"lastGoodCheck"`
	LastGoodCheckAge *lifecycle.Duration `json:"lastGoodCheckAge"`
	Paused           bool                `json:"paused"`
	// PauseNote is what was written when it was paused; null without.
	PauseNote *string `json:"pauseNote"`
	// Alarm is the mark of the alarms that were sent.
	Alarm *string `json:"alarm"`
	// Needs are what the model needs a person for, most urgent first.
	Needs []lifecycle.Need `json:"needs"`
	// Note says what serves when that is not the version promoted last.
	Note *string `json:"note"`
	// Trouble is what keeps the retrain that goes on from getting on.
	Trouble []lifecycle.Trouble `json:"trouble"`
	// OtherOwners are the other installations (sr.owner) that have objects on the resource.
	OtherOwners []string `json:"otherOwners"`
	// ObservedAt is the service's now; null when it could not be asked: then only what Temporal knows is here.
	ObservedAt *time.Time `json:"observedAt"`
	// CrawlAge is how old what carries no date (marks, names, what was deleted) may be here; null when that is not known.
	CrawlAge *lifecycle.Duration `json:"crawlAge"`

	// crawlSlow tells that it is older than it should ever be.
	crawlSlow bool
	// unchecked tells that its schedule has never fired, and no check of it is remembered.
	unchecked bool
	// several tells that another row has the same name.
	several bool
}

// around is what Temporal knows of a model, each part empty without.
type around struct {
	of        fleet.Standing
	scheduled bool
	checks    lifecycle.ChecksSeen
	on        ongoing
	ended     ended
	// place is where commands have to be given.
	place follow.Place
	// now is when it was asked, by Temporal's clock as far as this machine's is right.
	now time.Time
}

// newRow is what the service shows of a model, with what Temporal knows of it, and what it needs a person for.
func newRow(row lifecycle.Row, a around) Row {
	of, on := a.of, a.on
	out := Row{
		Model: row.Name, Locale: row.Locale, EndpointName: lifecycle.Text(row.EndpointName), EndpointNote: lifecycle.Text(row.EndpointNote),
		Scheduled: a.scheduled, NextCheck: of.Next, Paused: of.Paused, LastGoodCheck: a.checks.Good,
		RetrainRunID: lifecycle.Text(on.runID), Stage: lifecycle.Text(on.stage), Trouble: append([]lifecycle.Trouble{}, on.trouble...),
		OtherOwners: append([]string{}, row.OtherOwners...), CrawlAge: row.CrawlAge(), crawlSlow: row.CrawlSlow,
		unchecked: a.scheduled && !of.Fired && a.checks.Failed == 0,
	}
	if at := a.checks.Good; at != nil {
		out.LastGoodCheckAge = lifecycle.Ptr(lifecycle.Duration(max(a.now.Sub(*at), 0).Truncate(time.Second)))
	}
	if of.Paused {
		out.PauseNote = lifecycle.Text(of.Note)
	}
	if !row.ObservedAt.IsZero() {
		out.ObservedAt = &row.ObservedAt
	}
	if e := row.Endpoint; e != nil {
		out.Endpoint = &e.ID
	}
	out.serve(row)
	if out.ExpiresAt != nil && out.ObservedAt != nil {
		out.DaysLeft = lifecycle.Ptr(int(math.Floor(out.ExpiresAt.Sub(*out.ObservedAt).Hours() / 24)))
	}
	dates := lifecycle.Dates{}
	if given, err := of.Given(); err == nil {
		dates = row.Dates(given.Request)
		out.DueAt, out.LastResortAt = dates.DueAt, dates.LastResortAt
	}
	if report, ok := lifecycle.RowReport(row); ok {
		if own := !row.Versions[0].Foreign; report.Outcome != lifecycle.Running || !own {
			out.LastOutcome = lifecycle.Ptr(string(report.Outcome))
		} // else no run of ours goes on, as Temporal says below: how it ended nobody knows
		if id := report.RunID; id != nil && !row.Versions[0].Foreign {
			out.LastRunID = lifecycle.Text(*id)
		}
	}
	if over := a.ended; over.runID != "" {
		out.LastOutcome, out.LastRunID = lifecycle.Ptr(string(over.outcome)), &over.runID
	}
	out.Alarm = lifecycle.Text(row.Alarm())
	question := lifecycle.NeedsQuestion{
		Row: row, Scheduled: a.scheduled, Paused: of.Paused, PauseNote: words.PauseNote(of.Note), Dates: dates, Ended: a.ended.RetrainsSeen,
		Checks: a.checks,
	}
	if on.runID == "" {
		// A retrain that deploys serves its candidate for a moment: nothing is amiss then.
		out.Note = lifecycle.Text(astray(row))
	} else {
		out.LastOutcome, out.LastRunID = lifecycle.Ptr(string(lifecycle.Running)), &on.runID
		question.Retrain = &lifecycle.RetrainSeen{
			Asks: on.asks(), Report: on.report, OnTimeout: on.onTimeout, Cause: on.cause, Trouble: on.trouble,
		}
		if on.asks() && on.report != nil {
			out.WaitingFor = on.report.WaitingFor
		}
	}
	out.Needs = a.needs(question)
	return out
}

// needs are what a model needs a person for, its commands for the server and the namespace that was asked.
func (a around) needs(q lifecycle.NeedsQuestion) []lifecycle.Need {
	all := lifecycle.NeedsOf(q)
	for i := range all {
		for k, command := range all[i].Commands {
			all[i].Commands[k] = a.place.Hint(strings.TrimPrefix(command, "starter "))
		}
	}
	return all
}

// serve takes over what serves: what the endpoint refers to, whoever made it, since that is what expires; only
// without it the version that was promoted last.
func (r *Row) serve(row lifecycle.Row) {
	champion := row.Champion()
	if m := row.Serving; m != nil {
		champion = nil
		r.Version, r.VersionID, r.ExpiresAt, r.BaseModel = &m.DisplayName, &m.ID, m.ExpiresAt, lifecycle.Text(m.BaseID)
		for i, v := range row.Versions {
			if v.ID == m.ID {
				champion = &row.Versions[i]
			}
		}
	}
	if champion == nil {
		return
	}
	r.Version, r.VersionID, r.ExpiresAt = &champion.DisplayName, &champion.ID, champion.ExpiresAt
	r.BaseModel = lifecycle.Text(cmp.Or(champion.BaseModel, champion.BaseModelID))
	if len(champion.Tests) > 0 {
		r.WordErrorRate = champion.Tests[0].WordErrorRate
	}
}

// astray says what serves when it is not the version that was promoted last; empty when it is.
func astray(row lifecycle.Row) string {
	champion := row.Champion()
	switch {
	case row.Endpoint == nil || champion == nil:
		return ""
	case row.Serving == nil:
		return "the endpoint refers to no model that exists: it serves the bare base model, not " + champion.DisplayName
	case row.Serving.ID != champion.ID:
		return "the endpoint serves this version, not " + champion.DisplayName + ", which was promoted last"
	}
	return ""
}
