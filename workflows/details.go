package workflows

import (
	"fmt"
	"strings"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// details is the page of a run in Temporal's web UI: Markdown that alone explains what the run did,
// waits for and decided. why, in Markdown, is what it was started for; empty when that is not told.
func details(title, why string, r lifecycle.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s · %s\n\n", visible.Escape(title), visible.Escape(string(r.Outcome)))
	if r.Locale != "" {
		fmt.Fprintf(&b, "Locale %s", visible.Escape(r.Locale))
		if r.Resource != nil {
			fmt.Fprintf(&b, " on %s", visible.Escape(*r.Resource))
		}
		b.WriteString("\n\n")
	}
	if why != "" {
		fmt.Fprintf(&b, "%s\n\n", why)
	}
	if w := r.WaitingFor; w != nil {
		fmt.Fprintf(&b, "**Waiting** for %s", visible.Escape(string(w.Kind)))
		if w.ID != nil {
			fmt.Fprintf(&b, " %s", visible.Code(*w.ID))
		}
		fmt.Fprintf(&b, " since %s", words.Second(w.Since))
		if w.Deadline != nil {
			fmt.Fprintf(&b, ", until %s at the latest", words.Second(*w.Deadline))
		}
		b.WriteString("\n\n")
	}
	detailFailure(&b, r.Error)
	detailVerdict(&b, r)
	detailStages(&b, r.Stages)
	detailFindings(&b, r)
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "- note: %s\n", visible.Escape(note))
	}
	return b.String()
}

// unknown stands where a table has no value.
const unknown = "–"

func detailFailure(b *strings.Builder, f *lifecycle.Failure) {
	if f == nil {
		return
	}
	fmt.Fprintf(b, "**%s**: %s\n\n", visible.Escape(string(f.Type)), visible.Escape(f.Message))
	if f.Next != nil {
		fmt.Fprintf(b, "What to do: %s\n\n", visible.Escape(*f.Next))
	}
}

func detailStages(b *strings.Builder, stages []lifecycle.StageRecord) {
	if len(stages) == 0 {
		return
	}
	fmt.Fprintf(b, "Stages on %s, UTC\n\n", words.Day(stages[0].StartedAt))
	b.WriteString("| stage | began | took | |\n| --- | --- | --- | --- |\n")
	for _, s := range stages {
		took, note := "…", ""
		if s.FinishedAt != nil {
			took = words.Took(s.FinishedAt.Sub(s.StartedAt))
		}
		if s.Note != nil {
			note = visible.Escape(*s.Note)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", visible.Escape(string(s.Name)), words.StampAfter(s.StartedAt, stages[0].StartedAt), took, note)
	}
	b.WriteString("\n")
}

// detailVerdict shows what decided, and while a person is asked, how to answer.
func detailVerdict(b *strings.Builder, r lifecycle.Report) {
	if v := r.Verdict; v != nil {
		fmt.Fprintf(b, "**Verdict %s**: %s\n\n", visible.Escape(string(v.Result)), visible.Escape(v.Reason))
	}
	if w := r.WaitingFor; w != nil && w.Kind == lifecycle.WaitsForApproval {
		fmt.Fprintf(b, "Answer with %s, or `starter reject …`\n\n", visible.Code("starter approve "+r.Name+" --by NAME --reason TEXT"))
	}
	if p := r.Approval; p != nil {
		fmt.Fprintf(b, "**%s**", visible.Escape(string(p.Answer)))
		if p.By != "" {
			fmt.Fprintf(b, " by %s", visible.Escape(p.By))
		}
		fmt.Fprintf(b, ", %s: %s\n\n", words.Second(p.At), visible.Escape(p.Reason))
	}
	if len(r.Tests) == 0 {
		return
	}
	b.WriteString("| test | words | WER | champion | base | difference | |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, t := range r.Tests {
		count := unknown
		if t.Words != nil {
			count = fmt.Sprint(*t.Words)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s |\n", visible.Escape(t.Name), count, words.Rate(t.WordErrorRate, unknown),
			words.Rate(t.Champion, unknown), words.Rate(t.Base, unknown), words.Points(t.Difference, unknown), visible.Escape(string(t.Verdict)))
	}
	b.WriteString("\n")
	if text := words.TestsShow(r.Tests); text != "" {
		fmt.Fprintf(b, "%s\n\n", visible.Escape(text))
	}
}

func detailFindings(b *strings.Builder, r lifecycle.Report) {
	if v := r.Version; v != nil {
		fmt.Fprintf(b, "- version **%s** %s: %s, %s", visible.Escape(v.DisplayName), visible.Code(v.ID), visible.Escape(v.Status), visible.Escape(string(v.State)))
		if v.ExpiresAt != nil {
			fmt.Fprintf(b, ", expires %s", words.Day(*v.ExpiresAt))
		}
		b.WriteString("\n")
	}
	if c := r.Champion; c != nil {
		fmt.Fprintf(b, "- champion before: %s %s", visible.Escape(c.DisplayName), visible.Code(c.ID))
		if c.ExpiresAt != nil {
			fmt.Fprintf(b, ", expires %s", words.Day(*c.ExpiresAt))
		}
		b.WriteString("\n")
	}
	if e := r.Endpoint; e != nil && e.VersionID != nil {
		fmt.Fprintf(b, "- endpoint %s serves %s\n", visible.Code(e.ID), visible.Code(*e.VersionID))
	}
	if m := r.BaseModel; m != nil {
		fmt.Fprintf(b, "- base model **%s**%s: %s\n", visible.Escape(m.DisplayName), family(*m), visible.Escape(m.Reason))
	}
	for _, d := range r.Datasets {
		fmt.Fprintf(b, "- dataset %s (%s)", visible.Escape(d.DisplayName), visible.Escape(string(d.Kind)))
		if d.Accepted != nil && d.Rejected != nil {
			fmt.Fprintf(b, ": %d lines accepted, %d rejected", *d.Accepted, *d.Rejected)
		}
		b.WriteString("\n")
	}
	for _, refused := range r.BaseModelsRefused {
		fmt.Fprintf(b, "- refused base model %s: %s\n", visible.Escape(refused.DisplayName), visible.Escape(refused.Reason))
	}
	for _, d := range r.Deleted {
		fmt.Fprintf(b, "- deleted %s %s: %s\n", visible.Escape(string(d.Kind)), visible.Escape(d.DisplayName), visible.Escape(d.Reason))
	}
}

// family names the family of a base model that is no ordinary one.
func family(m lifecycle.BaseReport) string {
	if m.Family == nil {
		return ""
	}
	return " (family " + visible.Escape(*m.Family) + ")"
}
