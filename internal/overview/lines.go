package overview

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/table"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// Line is one line for people, and how urgent it is; empty when it is not.
type Line struct {
	Text    string
	Urgency lifecycle.Urgency
}

// Lines are a table of rows, with what each needs a person for, what is to be copied and what is amiss below it.
func Lines(rows []Row, now time.Time) []Line {
	w := table.New("MODEL", "EXPIRES", "LEFT", "WER", "LAST RUN", "NEXT CHECK")
	below := make([][]Line, len(rows))
	texts := make([][]string, len(rows))
	for i, r := range rows {
		next := words.DayOf(r.NextCheck, "-")
		if r.Paused {
			next = "paused"
		}
		w.AppendRow(table.Row{
			words.Fit(visible.Line(r.Model), nameWidth), r.expires(), r.left(), words.Rate(r.WordErrorRate, "-"), words.OrDash(r.LastOutcome), next,
		})
		below[i] = r.below(now)
		for _, line := range below[i] {
			texts[i] = append(texts[i], line.Text)
		}
	}
	lines := []Line{}
	for _, text := range table.Lines(w, texts) {
		lines = append(lines, Line{Text: text})
	}
	at := 1 // below the header
	for i, r := range rows {
		if len(r.Needs) > 0 && r.Needs[0].Urgency != lifecycle.UrgencyNote {
			lines[at].Urgency = r.Needs[0].Urgency
		}
		for k, line := range below[i] {
			lines[at+1+k].Urgency = line.Urgency
		}
		at += 1 + len(below[i])
	}
	for _, text := range slices.Concat(crawlLines(rows), ownerLines(rows)) {
		lines = append(lines, Line{Text: text})
	}
	return lines
}

// expires is the last day of what serves.
func (r Row) expires() string {
	if r.Version == nil {
		return "-"
	}
	return words.DayOf(r.ExpiresAt, "unknown")
}

// left is how long what serves still lives.
func (r Row) left() string {
	switch {
	case r.Version == nil || r.ExpiresAt == nil || r.ObservedAt == nil:
		return "-"
	case !r.ExpiresAt.After(*r.ObservedAt):
		return "expired"
	}
	return words.Days(r.ExpiresAt.Sub(*r.ObservedAt))
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

// ownerLines name the other installations whose models are on the same resource: that may be so, and each counts on a quota of its own.
func ownerLines(rows []Row) []string {
	var owners []string
	for _, r := range rows {
		owners = append(owners, r.OtherOwners...)
	}
	if len(owners) == 0 {
		return nil
	}
	slices.Sort(owners)
	owners = slices.Compact(owners)
	return append([]string{""}, words.Wrap("NOTE models of other installations (sr.owner) are on the resource too: "+visible.Line(words.Some(owners))+
		"; their requests count on the same limit: SPEECH_QUOTA_SHARE", words.Width)...)
}

// nameWidth is what the table has room for: a longer name stands whole below its line.
const nameWidth = 20

// below are the lines under a row: what serves, its checks, what goes on, what is amiss, and what a person has to do.
func (r Row) below(now time.Time) []Line {
	var lines []Line
	add := func(texts ...string) {
		for _, text := range texts {
			lines = append(lines, Line{Text: text})
		}
	}
	const width = words.Width - 2
	if runewidth.StringWidth(r.Model) > nameWidth {
		add("model " + visible.Line(r.Model))
	}
	if r.several {
		add("locale " + visible.Line(cmp.Or(r.Locale, "-")))
	}
	if r.Unknown() {
		add(words.Wrap("nothing is known of it: neither a version nor a schedule; check the name, and --task-queue", width)...)
		return lines
	}
	add(r.serves(width)...)
	if checked := r.checked(now); checked != "" {
		add(words.Wrap(checked, width)...)
	}
	if r.RetrainRunID != nil {
		line := "running: "
		if r.Stage != nil {
			line += visible.Line(*r.Stage) + ", "
		}
		add(line + "run " + visible.Line(*r.RetrainRunID))
	}
	add(words.TroubleLines(r.Trouble, now, width)...)
	if r.Note != nil && !r.needs(lifecycle.NeedMissing, lifecycle.NeedChanged) {
		add(words.Wrap("NOTE "+visible.Line(*r.Note), width)...)
	}
	for _, need := range r.Needs {
		if need.Kind == lifecycle.NeedRetrain {
			continue // its trouble says it
		}
		for _, text := range needLines(need, width) {
			lines = append(lines, Line{Text: text, Urgency: need.Urgency})
		}
	}
	return lines
}

// Unknown tells that nobody knows the model: neither the service, which was read, nor Temporal.
func (r Row) Unknown() bool {
	return r.ObservedAt != nil && r.Version == nil && r.Endpoint == nil && !r.Scheduled && r.NextCheck == nil && !r.Paused && r.RetrainRunID == nil &&
		r.LastOutcome == nil && len(r.Needs) == 0
}

// needs tells that the model needs a person for one of the kinds.
func (r Row) needs(kinds ...lifecycle.NeedKind) bool {
	return slices.ContainsFunc(r.Needs, func(n lifecycle.Need) bool { return slices.Contains(kinds, n.Kind) })
}

// serves says which version serves, where, and what it was made from.
func (r Row) serves(width int) []string {
	if r.ObservedAt == nil {
		return []string{"what serves is not known: the service was not read"}
	}
	serves := "no version serves"
	if r.Version != nil {
		serves = "serves " + visible.Line(strings.TrimPrefix(*r.Version, r.Model+" "))
	}
	if r.BaseModel != nil {
		serves += ", base " + visible.Line(*r.BaseModel)
	}
	lines := []string{words.Fit(serves, width)}
	switch {
	case r.Endpoint == nil && r.EndpointNote != nil:
		lines = append(lines, words.Wrap("no endpoint: "+visible.Line(*r.EndpointNote), width)...)
	case r.Endpoint != nil:
		lines = append(lines, words.Fit("endpoint "+words.OrDash(cmp.Or(r.EndpointName, r.Endpoint)), width))
	}
	return lines
}

// checked says when the model was and will be checked, and when it is due.
func (r Row) checked(now time.Time) string {
	var parts []string
	switch {
	case r.Paused:
		note := ""
		if r.PauseNote != nil {
			note = *r.PauseNote
		}
		parts = append(parts, "checks "+visible.Line(words.Paused(note)))
	case !r.Scheduled && r.Version == nil:
		parts = append(parts, "no schedule checks it")
	}
	switch {
	case r.LastGoodCheck != nil:
		parts = append(parts, "last good check "+words.Elapsed(now.Sub(*r.LastGoodCheck))+" ago")
	case r.unchecked:
		parts = append(parts, "not checked yet")
	case r.Scheduled:
		parts = append(parts, "no check is known to have succeeded")
	}
	if r.NextCheck != nil {
		parts = append(parts, "next check "+words.Minute(*r.NextCheck))
	}
	if r.DueAt != nil {
		parts = append(parts, "due "+words.Day(*r.DueAt), "last resort "+words.DayOf(r.LastResortAt, "unknown"))
	}
	return strings.Join(parts, ", ")
}

// needLines are what a model needs a person for, and the commands to copy.
func needLines(n lifecycle.Need, width int) []string {
	lines := words.Wrap(strings.ToUpper(string(n.Urgency))+" "+visible.Line(n.Message), width)
	if len(n.Commands) == 0 || n.Kind == lifecycle.NeedFailed && n.Next != "" {
		lines = append(lines, words.AdviceLines(n.Next, width)...)
	}
	switch {
	case n.Kind == lifecycle.NeedFailed && len(n.Commands) == 1:
		lines = append(lines, "its report:")
	case n.Kind == lifecycle.NeedFailed:
		lines = append(lines, "its report, and another try once that is mended:")
	case len(n.Commands) > 0 && n.Next != "":
		lines = append(lines, words.Wrap("what to do: "+visible.Line(n.Next)+":", width)...)
	}
	for _, command := range n.Commands {
		lines = append(lines, words.CommandLines(visible.Line(command), width)...)
	}
	return lines
}
