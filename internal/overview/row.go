package overview

import (
	"cmp"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"

	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/table"
	"speech-retrainer/internal/visible"
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
	LastOutcome  *string    `json:"lastOutcome"`
	RetrainRunID *string    `json:"retrainRunId"`
	// Stage is that of the retrain that goes on; null when none does or Temporal does not tell.
	Stage *string `json:"stage"`
	// WaitingFor is what the retrain waits for when that is a person; null else.
	WaitingFor *lifecycle.Waiting `json:"waitingFor"`
	// Scheduled tells that a schedule checks the model, and renews it.
	Scheduled bool       `json:"scheduled"`
	NextCheck *time.Time `json:"nextCheck"`
	// LastGoodCheck is when the last check that succeeded ended, LastGoodCheckAge how long ago; null when Temporal remembers none.
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
	// several tells that another row has the same name.
	several bool
}

// newRow is what the service shows of a model, with its schedule and the retrain that goes on, each empty without.
func newRow(row lifecycle.Row, of fleet.Standing, on ongoing) Row {
	out := Row{
		Model: row.Name, Locale: row.Locale, EndpointNote: lifecycle.Text(row.EndpointNote), NextCheck: of.Next, Paused: of.Paused,
		RetrainRunID: lifecycle.Text(on.runID), Stage: lifecycle.Text(on.stage), Trouble: []lifecycle.Trouble{},
		Needs: []lifecycle.Need{}, OtherOwners: []string{},
		CrawlAge: row.CrawlAge(), crawlSlow: row.CrawlSlow,
	}
	if !row.ObservedAt.IsZero() {
		out.ObservedAt = &row.ObservedAt
	}
	if e := row.Endpoint; e != nil {
		out.Endpoint = &e.ID
	}
	out.serve(row)
	if given, err := of.Given(); err == nil {
		dates := row.Dates(given.Request)
		out.DueAt, out.LastResortAt = dates.DueAt, dates.LastResortAt
	}
	if report, ok := lifecycle.RowReport(row); ok {
		out.LastOutcome = lifecycle.Ptr(string(report.Outcome))
	}
	if on.runID != "" {
		out.LastOutcome = lifecycle.Ptr(string(lifecycle.Running))
	}
	out.Alarm = lifecycle.Text(row.Alarm())
	if on.runID == "" {
		// A retrain that deploys serves its candidate for a moment: nothing is amiss then.
		out.Note = lifecycle.Text(astray(row))
	}
	return out
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

// Lines are a table of rows, with what is to be copied and what is amiss below each.
func Lines(rows []Row, now time.Time) []string {
	w := table.New("MODEL", "VERSION", "WER", "EXPIRES IN", "LAST RUN", "NEXT CHECK")
	var below [][]string
	for _, r := range rows {
		next := words.DayOf(r.NextCheck, "-")
		if r.Paused {
			next = "paused"
		}
		version, expires := "-", "-"
		if r.Version != nil {
			version = words.Fit(visible.Line(strings.TrimPrefix(*r.Version, r.Model+" ")), 20)
			expires = words.Within(r.ExpiresAt, *r.ObservedAt)
		}
		w.AppendRow(table.Row{
			words.Fit(visible.Line(r.Model), nameWidth), version, words.Rate(r.WordErrorRate, "-"), expires, words.OrDash(r.LastOutcome), next,
		})
		below = append(below, r.below(now))
	}
	return append(table.Lines(w, below), crawlLines(rows)...)
}

// crawlLines tell how old the oldest of what carries no date may be, when workers need longer to read it than they should.
func crawlLines(rows []Row) []string {
	var age lifecycle.Duration
	for _, r := range rows {
		if r.crawlSlow && r.CrawlAge != nil {
			age = max(age, *r.CrawlAge)
		}
	}
	if age == 0 {
		return nil
	}
	return append([]string{""}, words.Wrap("NOTE marks, names and deletions made by others may be shown as they were "+words.Elapsed(age.Std())+
		" ago: the resource is so large that a worker needs more than 15 minutes to read it once", words.Width)...)
}

// nameWidth is what the table has room for: a longer name stands whole below its line.
const nameWidth = 16

// below are the lines under a row: what is to be copied, and what is amiss.
func (r Row) below(now time.Time) []string {
	var lines []string
	if runewidth.StringWidth(r.Model) > nameWidth {
		lines = append(lines, "model "+visible.Line(r.Model))
	}
	if r.several {
		lines = append(lines, "locale "+visible.Line(cmp.Or(r.Locale, "-")))
	}
	if r.ObservedAt == nil {
		lines = append(lines, "what serves is not known: the service was not read")
	} else if r.Version == nil && r.Endpoint == nil && r.NextCheck == nil && !r.Paused && r.RetrainRunID == nil {
		return append(lines, words.Wrap("nothing is known of it: neither a version nor a schedule; check the name, and --task-queue", words.Width-2)...)
	}
	switch {
	case r.ObservedAt == nil:
	case r.Endpoint == nil && r.EndpointNote != nil:
		lines = append(lines, words.Wrap("no endpoint: "+visible.Line(*r.EndpointNote), words.Width-2)...)
		lines = append(lines, words.Fit("base "+words.OrDash(r.BaseModel), words.Width-2))
	default:
		lines = append(lines, words.Fit("endpoint "+words.OrDash(r.Endpoint)+", base "+words.OrDash(r.BaseModel), words.Width-2))
	}
	if r.DueAt != nil {
		lines = append(lines, words.Dates(lifecycle.Dates{ExpiresAt: r.ExpiresAt, DueAt: r.DueAt, LastResortAt: r.LastResortAt}))
	}
	if r.RetrainRunID != nil {
		line := "running: "
		if r.Stage != nil {
			line += visible.Line(*r.Stage) + ", "
		}
		lines = append(lines, line+"run "+visible.Line(*r.RetrainRunID))
	}
	lines = append(lines, words.TroubleLines(r.Trouble, now, words.Width-2)...)
	if r.Note != nil {
		lines = append(lines, words.Wrap("NOTE "+visible.Line(*r.Note), words.Width-2)...)
	}
	if r.Alarm != nil {
		lines = append(lines, words.Wrap("ALARM "+visible.Line(*r.Alarm), words.Width-2)...)
	}
	return lines
}
