package page

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// runView is the page of a run.
type runView struct {
	head

	Headline, Tone string
	Model          link
	Temporal       string
	Needs          []needView
	Facts          []fact
	Waiting        string
	// Keeps is what keeps it from getting on.
	Keeps         []string
	Stages        []stageView
	Tests         []runTest
	Verdict       string
	Approval      string
	Refused       []lifecycle.Refusal
	Data          []dataView
	Kept, Deleted []lifecycle.Disposed
	Notes         []string
	Failure       *lifecycle.Failure
	Command       string
}

// stageView is one stage of a run.
type stageView struct {
	Name, Began, Took, Note, State string
	Bar                            template.HTML
}

// runTest is one test with its arithmetic.
type runTest struct {
	Name, Words, Rate, Champion, Base, Difference, Range, Visible, Best, Verdict, Tone, Reason string
}

// dataView is one dataset of a run.
type dataView struct{ Name, Kind, Lines, Made string }

// shownPrefixes begin the IDs of the workflows that have a page: others of the namespace are none of ours.
var shownPrefixes = []string{lifecycle.RetrainID(""), lifecycle.EvaluateID(""), "rollback/", "adopt/"}

func (p *Page) run(w http.ResponseWriter, r *http.Request) {
	path := r.PathValue("run")
	at := strings.LastIndexByte(path, '/')
	known := false
	for _, prefix := range shownPrefixes {
		known = known || at > len(prefix) && strings.HasPrefix(path, prefix)
	}
	if !known {
		p.missing(w, r)
		return
	}
	id, runID := path[:at], path[at+1:]
	name := id[strings.IndexByte(id, '/')+1:]
	head := head{Title: "Run of " + name, At: "fleet", Self: runLink(id, runID), Namespace: p.Source.Namespace()}
	report, read, err := p.Source.report(r.Context(), id, runID)
	head.Ages = []string{"read from Temporal " + ago(p.Now(), read)}
	code := http.StatusOK
	if err != nil {
		failure := exit.As(err)
		f, _, _ := p.read(r, name, "fleet")
		remembered, m, ok := rememberedRun(f, id, runID)
		if !ok {
			code = http.StatusServiceUnavailable
			if failure.Cause.Type == exit.NotFound {
				code = http.StatusNotFound
			}
			head.Troubles = append(head.Troubles, troubleFrom("This run could not be read", failure))
			p.show(w, code, "message", messageView{head: head})
			return
		}
		head.Ages = []string{"made from what the service shows, read " + ago(p.Now(), f.LookedAt)}
		if failure.Cause.Type != exit.NotFound {
			code = http.StatusServiceUnavailable
			head.Troubles = append(head.Troubles, troubleFrom("Temporal could not be read", failure))
		}
		report = remembered
		name = m.Model
	}
	v := p.runOf(report, id, runID, head)
	v.Model = link{name, modelLink(name, report.Locale)}
	p.show(w, code, "run", v)
}

// rememberedRun is the report of a run that Temporal does not have any more, from the marks of the version that it made.
func rememberedRun(f *Fleet, id, runID string) (report lifecycle.Report, m Model, ok bool) {
	if f == nil {
		return report, m, false
	}
	for _, m := range f.Models {
		if lifecycle.RetrainID(m.Model) != id {
			continue
		}
		for _, v := range m.Seen.Versions {
			if _, run := lifecycle.SplitRun(v.Run); run == runID {
				row := m.Seen
				row.Versions = []lifecycle.Version{v}
				report, ok = lifecycle.RowReport(row)
				return report, m, ok
			}
		}
	}
	return report, m, false
}

// runOf is the page of a run.
func (p *Page) runOf(r lifecycle.Report, id, runID string, head head) runView {
	now := p.Now()
	v := runView{
		head: head, Temporal: p.temporalLink(id, runID), Refused: r.BaseModelsRefused, Kept: r.Kept, Deleted: r.Deleted, Notes: r.Notes, Failure: r.Error,
		Command: "starter report " + strings.TrimPrefix(id, lifecycle.RetrainID("")),
	}
	v.Headline, v.Tone = headlineOf(r)
	if w := r.WaitingFor; w != nil {
		v.Waiting = waitingOf(*w, now)
	}
	if w := r.WaitingFor; w != nil && w.Kind == lifecycle.WaitsForApproval && w.ID != nil && r.Outcome == lifecycle.Running {
		need := lifecycle.Need{Kind: lifecycle.NeedApproval, Urgency: lifecycle.UrgencyNow, Message: v.Waiting}
		// What is no name is not put into a command.
		for _, verb := range []string{"approve", "reject"} {
			if decode.Name(r.Name) == "" {
				need.Commands = append(need.Commands, "starter "+verb+" "+r.Name+" --version "+*w.ID+` --reason "..."`)
			}
		}
		v.Needs = []needView{{Need: need, Model: r.Name, Link: modelLink(r.Name, r.Locale), Title: needKinds[need.Kind]}}
		v.Waiting = ""
	}
	for _, t := range r.Trouble {
		text := t.Sentence(words.Soon(now))
		if t.Next != nil {
			text += "; " + *t.Next
		}
		v.Keeps = append(v.Keeps, text)
	}
	v.Facts = append(runFacts(r), fact{Name: "Run", Value: runID, Note: id})
	v.Stages = stagesOf(r, now)
	for _, t := range r.Tests {
		v.Tests = append(v.Tests, runTestOf(t))
	}
	if r.Verdict != nil {
		v.Verdict = string(r.Verdict.Result) + ": " + r.Verdict.Reason
	}
	if a := r.Approval; a != nil {
		v.Approval = fmt.Sprintf("%s by %s on %s: %s", a.Answer, a.By, words.Moment(a.At), a.Reason)
	}
	for _, d := range r.Datasets {
		view := dataView{Name: d.DisplayName, Kind: string(d.Kind), Lines: "–", Made: "was there"}
		if d.Created {
			view.Made = "by this run"
		}
		if d.Accepted != nil {
			view.Lines = words.LongCount(*d.Accepted, "line")
			if d.Rejected != nil && *d.Rejected > 0 {
				view.Lines += ", " + words.Number(*d.Rejected) + " rejected"
			}
		}
		v.Data = append(v.Data, view)
	}
	return v
}

// headlineOf says in a few words what became of a run.
func headlineOf(r lifecycle.Report) (text, tone string) {
	switch r.Outcome {
	case lifecycle.Running:
		stage := "has begun"
		if r.Stage != nil {
			stage = "is in stage " + string(*r.Stage)
		}
		return "Goes on: it " + stage, "busy"
	case lifecycle.Succeeded:
		return "Succeeded", "ok"
	case lifecycle.Rejected:
		return "Rejected: the version does not serve", "soon"
	case lifecycle.Failed:
		return "Failed", "now"
	case lifecycle.Canceled:
		return "Canceled", "soon"
	}
	return string(r.Outcome), ""
}

// waitingOf says what a run waits for.
func waitingOf(w lifecycle.Waiting, now time.Time) string {
	text := "waits for "
	switch {
	case w.Kind == lifecycle.WaitsForApproval && w.ID != nil:
		text = "version " + *w.ID + " waits for an answer of a person"
	case w.ID != nil:
		text += "the service's " + string(w.Kind) + " " + *w.ID
	default:
		text += "the " + string(w.Kind)
	}
	text += ", since " + words.Moment(w.Since) + " (" + words.Elapsed(now.Sub(w.Since)) + ")"
	if w.Deadline != nil {
		text += ", until " + words.Moment(*w.Deadline) + " at the latest"
	}
	return text
}

// runFacts are what a run has found and made.
func runFacts(r lifecycle.Report) []fact {
	var facts []fact
	add := func(name, value, note string) {
		if value != "" {
			facts = append(facts, fact{Name: name, Value: value, Note: note})
		}
	}
	if v := r.Version; v != nil {
		state := cmp.Or(stateWords[v.State], string(v.State))
		if v.Taken {
			state += ", taken: it was there already"
		}
		add("Version", v.DisplayName, v.ID)
		add("State", state, v.Status)
		if v.ExpiresAt != nil {
			add("Expires", words.Day(*v.ExpiresAt), "")
		}
	}
	if c := r.Champion; c != nil {
		note := ""
		if c.ExpiresAt != nil {
			note = "expires " + words.Day(*c.ExpiresAt)
		}
		add("Champion before", c.DisplayName, note)
	}
	if b := r.BaseModel; b != nil {
		add("Base model", b.DisplayName, b.Reason)
	}
	if e := r.Endpoint; e != nil {
		add("Endpoint", e.ID, "serves "+textOf(e.VersionID))
	}
	add("Resource", opt(r.Resource), "")
	return facts
}

// stagesOf are the stages of a run, each with its share of the time.
func stagesOf(r lifecycle.Report, now time.Time) []stageView {
	const width, height = 160, 10
	if len(r.Stages) == 0 {
		return nil
	}
	first, last := r.Stages[0].StartedAt, r.Stages[0].StartedAt
	end := func(s lifecycle.StageRecord) time.Time {
		switch {
		case s.FinishedAt != nil:
			return *s.FinishedAt
		case r.Outcome == lifecycle.Running:
			return now
		}
		return s.StartedAt
	}
	for _, s := range r.Stages {
		if e := end(s); e.After(last) {
			last = e
		}
	}
	var stages []stageView
	for i, s := range r.Stages {
		v := stageView{Name: string(s.Name), Began: words.Second(s.StartedAt), Took: words.Elapsed(end(s).Sub(s.StartedAt)), State: "done"}
		if s.Note != nil {
			v.Note = *s.Note
		}
		class := "bar-ok"
		if s.FinishedAt == nil && r.Outcome == lifecycle.Running {
			v.State, class = "goes on", "bar-busy"
		}
		if i == len(r.Stages)-1 && (r.Outcome == lifecycle.Failed || r.Outcome == lifecycle.Canceled) {
			v.State, class = string(r.Outcome), "bar-now"
		}
		c := newCanvas(width, height)
		at := scale{from: first, to: last, left: 0, right: width}
		c.box("bar-track", 0, 4, width, height-4)
		left := min(at.at(s.StartedAt), width-3)
		c.box(class, left, 1, max(at.at(end(s)), left+3), height-1)
		v.Bar = c.image("bar", "", "", "")
		stages = append(stages, v)
	}
	return stages
}

// runTestOf is a test with its arithmetic.
func runTestOf(t lifecycle.TestReport) runTest {
	v := runTest{
		Name: t.Name, Words: "–", Rate: words.Rate(t.WordErrorRate, "–"), Champion: words.Rate(t.Champion, "–"), Base: words.Rate(t.Base, "–"),
		Difference: words.Points(t.Difference, "–"), Range: words.Interval(t.Interval), Best: words.Rate(t.Best, ""), Verdict: string(t.Verdict), Reason: t.Reason,
		Tone: map[lifecycle.VerdictKind]string{lifecycle.Pass: "ok", lifecycle.Inconclusive: "soon", lifecycle.Fail: "now"}[t.Verdict],
	}
	if t.Words != nil {
		v.Words = words.Number(*t.Words)
	}
	if t.Visible != nil {
		v.Visible = fmt.Sprintf("±%.1f points", 100**t.Visible)
	}
	return v
}

// report reads what a run tells of itself.
func (s *Source) report(ctx context.Context, id, runID string) (lifecycle.Report, time.Time, error) {
	run := &follow.Run{Session: s.session, ID: id, RunID: runID, Name: id[strings.IndexByte(id, '/')+1:]}
	k := s.reports.of(ctx, id+"\n"+runID, run.Told)
	return k.value, k.tried, k.err
}
