package workflows

import (
	"fmt"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
)

// details is the page of a run in Temporal's web UI: Markdown that alone explains what the run did,
// waits for and decided.
func details(title string, r lifecycle.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s · %s\n\n", escape(title), escape(string(r.Outcome)))
	if r.Locale != "" {
		fmt.Fprintf(&b, "Locale %s", escape(r.Locale))
		if r.Resource != nil {
			fmt.Fprintf(&b, " on %s", escape(*r.Resource))
		}
		b.WriteString("\n\n")
	}
	if w := r.WaitingFor; w != nil {
		fmt.Fprintf(&b, "**Waiting** for %s", escape(w.Kind))
		if w.ID != nil {
			fmt.Fprintf(&b, " %s", code(*w.ID))
		}
		fmt.Fprintf(&b, " since %s", clock(w.Since))
		if w.Deadline != nil {
			fmt.Fprintf(&b, ", until %s at the latest", clock(*w.Deadline))
		}
		b.WriteString("\n\n")
	}
	detailFailure(&b, r.Error)
	detailVerdict(&b, r)
	detailStages(&b, r.Stages)
	detailFindings(&b, r)
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "- note: %s\n", escape(note))
	}
	return b.String()
}

func detailFailure(b *strings.Builder, f *lifecycle.Failure) {
	if f == nil {
		return
	}
	fmt.Fprintf(b, "**%s**: %s\n\n", escape(string(f.Type)), escape(f.Message))
	if f.Next != nil {
		fmt.Fprintf(b, "What to do: %s\n\n", escape(*f.Next))
	}
}

func detailStages(b *strings.Builder, stages []lifecycle.StageRecord) {
	if len(stages) == 0 {
		return
	}
	fmt.Fprintf(b, "Stages on %s, UTC\n\n", stages[0].StartedAt.UTC().Format(time.DateOnly))
	b.WriteString("| stage | began | took | |\n| --- | --- | --- | --- |\n")
	for _, s := range stages {
		took, note := "…", ""
		if s.FinishedAt != nil {
			took = s.FinishedAt.Sub(s.StartedAt).Round(time.Second).String()
		}
		if s.Note != nil {
			note = escape(*s.Note)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", escape(string(s.Name)), began(s.StartedAt, stages[0].StartedAt), took, note)
	}
	b.WriteString("\n")
}

// detailVerdict shows what decided, and while a person is asked, how to answer.
func detailVerdict(b *strings.Builder, r lifecycle.Report) {
	if v := r.Verdict; v != nil {
		fmt.Fprintf(b, "**Verdict %s**: %s\n\n", escape(string(v.Result)), escape(v.Reason))
	}
	if w := r.WaitingFor; w != nil && w.Kind == waitingApproval {
		fmt.Fprintf(b, "Answer with %s, or `starter reject …`\n\n", code("starter approve "+r.Name+" --by NAME --reason TEXT"))
	}
	if p := r.Approval; p != nil {
		fmt.Fprintf(b, "**%s**", escape(p.Answer))
		if p.By != "" {
			fmt.Fprintf(b, " by %s", escape(p.By))
		}
		fmt.Fprintf(b, ", %s: %s\n\n", clock(p.At), escape(p.Reason))
	}
	if len(r.Tests) == 0 {
		return
	}
	b.WriteString("| test | words | WER | champion | base | difference | |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, t := range r.Tests {
		words, difference := "–", "–"
		if t.Words != nil {
			words = fmt.Sprint(*t.Words)
		}
		if t.Difference != nil {
			difference = lifecycle.Points(*t.Difference)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s |\n", escape(t.Name), words, rate(t.WordErrorRate), rate(t.Champion), rate(t.Base), difference, escape(string(t.Verdict)))
	}
	b.WriteString("\n")
}

func rate(fraction *float64) string {
	if fraction == nil {
		return "–"
	}
	return lifecycle.Percent(*fraction)
}

func detailFindings(b *strings.Builder, r lifecycle.Report) {
	if v := r.Version; v != nil {
		fmt.Fprintf(b, "- version **%s** %s: %s, %s", escape(v.DisplayName), code(v.ID), escape(v.Status), escape(string(v.State)))
		if v.ExpiresAt != nil {
			fmt.Fprintf(b, ", expires %s", v.ExpiresAt.Format(time.DateOnly))
		}
		b.WriteString("\n")
	}
	if c := r.Champion; c != nil {
		fmt.Fprintf(b, "- champion before: %s %s", escape(c.DisplayName), code(c.ID))
		if c.ExpiresAt != nil {
			fmt.Fprintf(b, ", expires %s", c.ExpiresAt.Format(time.DateOnly))
		}
		b.WriteString("\n")
	}
	if e := r.Endpoint; e != nil && e.VersionID != nil {
		fmt.Fprintf(b, "- endpoint %s serves %s\n", code(e.ID), code(*e.VersionID))
	}
	if m := r.BaseModel; m != nil {
		fmt.Fprintf(b, "- base model **%s**%s: %s\n", escape(m.DisplayName), family(*m), escape(m.Reason))
	}
	for _, d := range r.Datasets {
		fmt.Fprintf(b, "- dataset %s (%s)", escape(d.DisplayName), escape(d.Kind))
		if d.Accepted != nil && d.Rejected != nil {
			fmt.Fprintf(b, ": %d lines accepted, %d rejected", *d.Accepted, *d.Rejected)
		}
		b.WriteString("\n")
	}
	for _, refused := range r.BaseModelsRefused {
		fmt.Fprintf(b, "- refused base model %s: %s\n", escape(refused.DisplayName), escape(refused.Reason))
	}
	for _, d := range r.Deleted {
		fmt.Fprintf(b, "- deleted %s %s: %s\n", escape(d.Kind), escape(d.DisplayName), escape(d.Reason))
	}
}

// family names the family of a base model that is no ordinary one.
func family(m lifecycle.BaseReport) string {
	if m.Family == nil {
		return ""
	}
	return " (family " + escape(*m.Family) + ")"
}

// escape writes text of the service or of a request so that it is shown as it is: it must not draw on the page.
func escape(s string) string {
	return strings.ReplaceAll(visible.Markdown(visible.Line(s)), "|", `\|`)
}

// code is an ID as it is typed. Nothing that is no ID can end it early or hide in it.
func code(id string) string { return "`" + strings.ReplaceAll(visible.Line(id), "`", "'") + "`" }

// began is the time of day, with the date when it is not the first stage's.
func began(t, first time.Time) string {
	if t.UTC().Format(time.DateOnly) == first.UTC().Format(time.DateOnly) {
		return t.UTC().Format(time.TimeOnly)
	}
	return t.UTC().Format(time.DateTime)
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
