package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// markChampion marks the version champion, and the champion before it retired.
func (r *run) markChampion(ctx workflow.Context) error {
	input := activities.PromoteInput{
		Scope: r.scope, ID: r.report.Version.ID, Verdict: r.verdictMark(), Best: r.best, Own: r.taken != nil, Former: lifecycle.StateRetired,
		TakesOver: r.takesOver,
	}
	promoted, err := do(ctx, r, "promote", "Mark the version champion", a.PromoteVersion, input)
	if err != nil {
		return err
	}
	if r.request.Deploy == nil { // else they were written, and noted, before the endpoint was changed
		r.noteDropped(promoted.Dropped)
	}
	if r.takesOver != "" {
		r.note("the endpoint was taken over from the model %s: its champion is retired, and its schedule %s goes on until somebody deletes it",
			r.takesOver, ScheduleID(r.takesOver))
	}
	r.report.Version.State = lifecycle.StateChampion
	return nil
}

func (r *run) noteDropped(marks []string) {
	for _, mark := range marks {
		r.note("mark %s found no room beside other properties of the version", mark)
	}
}

// verdictMark is what outlives the run: the verdict, its numbers, the question, and who decided why. What was judged
// before stays as it was.
func (r *run) verdictMark() string {
	var before lifecycle.Record
	if r.taken != nil {
		before = lifecycle.ReadRecord(r.taken.Version.Verdict)
	}
	record := before
	if r.judgedBefore.Answer == "" {
		var rate, compared *float64
		if len(r.report.Tests) > 0 {
			t := r.report.Tests[0]
			rate, compared = t.WordErrorRate, t.Champion
			if compared == nil {
				compared = t.Base
			}
		}
		record = lifecycle.NewRecord(r.report.Verdict, rate, compared, r.report.Approval)
		record.Question, record.Serves = r.asks(), before.Serves
		if before.Said == lifecycle.SaidNo || before.Said == lifecycle.SaidBack {
			record = record.Keeps(before)
		}
	}
	record.Failures, record.Hours = 0, r.hours
	return record.String()
}

// asks is what is asked of the version now (sr.verdict q): the request's own question, whatever the run was started for.
func (r *run) asks() string {
	request := r.request
	request.Approval.When = r.asked
	var contents []string
	for i := range request.Tests {
		contents = append(contents, r.testEntry(i).found.Content)
	}
	return lifecycle.Question(request, r.opponent.Model.ID, contents)
}

// findServing reads what serves now, and what else the input asks for.
func (r *run) findServing(ctx workflow.Context, id string, input activities.ChampionInput) error {
	if r.request.Deploy != nil {
		input.Endpoint, input.TakeOver = r.request.Deploy.Endpoint, r.request.Deploy.TakeOver
	}
	champion, err := do(ctx, r, id, "Read what serves now", a.FindChampion, input)
	if err != nil {
		return err
	}
	r.found(ctx, champion)
	return nil
}

// found takes what serves now.
func (r *run) found(ctx workflow.Context, champion activities.ChampionResult) {
	r.serving, r.looked = champion, workflow.Now(ctx)
	if champion.TakesOver != "" {
		r.takesOver = champion.TakesOver
	}
	r.report.Champion = championReport(champion.Champion)
	if e := champion.Endpoint; e != nil {
		r.report.Endpoint = &lifecycle.EndpointReport{
			ID: e.ID, URL: lifecycle.Text(e.URL),
			PreviousVersionID: lifecycle.Text(e.ModelID), VersionID: lifecycle.Text(e.ModelID),
		}
		if champion.Unserved {
			r.report.Endpoint.PreviousVersionID, r.report.Endpoint.VersionID = nil, nil
		}
		if champion.Own {
			r.report.Endpoint.PreviousVersionID = nil
			if champion.Champion != nil {
				r.report.Endpoint.PreviousVersionID = &champion.Champion.ID
			}
		}
	}
	if champion.Note != "" && !slices.Contains(r.report.Notes, champion.Note) {
		r.note("%s", champion.Note)
	}
}

func championReport(m *lifecycle.Model) *lifecycle.ChampionReport {
	if m == nil {
		return nil
	}
	return &lifecycle.ChampionReport{ID: m.ID, DisplayName: m.DisplayName, ExpiresAt: m.ExpiresAt}
}

// serves tells whether the endpoint was seen to serve the version.
func (r *run) serves(version string) bool {
	e := r.report.Endpoint
	return e != nil && e.VersionID != nil && *e.VersionID == version
}
