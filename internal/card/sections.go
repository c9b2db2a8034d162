package card

import (
	"strings"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

func (d *document) failure(f *lifecycle.Failure) {
	if f == nil {
		return
	}
	fields := []field{{"Type", text(string(f.Type))}}
	var problems []item
	for _, p := range f.Problems {
		problems = append(problems, item{line: sentence(p.String())})
	}
	if len(problems) == 0 {
		fields = append(fields, field{"What", sentence(f.Message)})
	}
	var more []field
	if f.Object != nil {
		more = append(more, field{"Object", text(*f.Object)})
	}
	if f.Code != nil {
		more = append(more, field{"Service says", text(*f.Code)})
	}
	if f.Next != nil {
		more = append(more, field{"What to do", sentence(*f.Next)})
	}
	d.add("Error", fields, problems, more)
}

func (d *document) version(r lifecycle.Report) {
	if v := r.Version; v != nil {
		fields := []field{
			{"Name", text(v.DisplayName)},
			{"ID", verbatim(v.ID)},
			{"Status", text(v.Status).and(gap(", marked "), text(string(v.State)))},
		}
		if v.CreatedAt != nil {
			fields = append(fields, field{"Created", text(words.LongMoment(*v.CreatedAt))})
		}
		if v.Taken {
			fields = append(fields, field{"Taken", text(takenText(*v, r.BaseModel))})
		}
		// What is not trained, or could not be, has dates at the service as well: they tell nothing.
		if v.Status == lifecycle.StatusSucceeded {
			fields = append(fields, field{"Expires", text(expiry(v.ExpiresAt))})
		}
		d.add("Version", fields)
	}
	if c := r.Champion; c != nil {
		d.add("Champion before this run", []field{
			{"Name", text(c.DisplayName)}, {"ID", verbatim(c.ID)}, {"Expires", text(expiry(c.ExpiresAt))},
		})
	}
}

// takenText says of a version that was there when it was trained and from what: it was paid for then.
func takenText(v lifecycle.VersionReport, base *lifecycle.BaseReport) string {
	s := "it was there: this run has trained nothing; trained"
	if v.CreatedAt != nil {
		s += " on " + words.Day(*v.CreatedAt)
	}
	if base != nil {
		s += " from " + base.DisplayName
	}
	return s + ", paid for then"
}

// dates are the days of what serves now.
func (d *document) dates(r lifecycle.Report) {
	if r.Dates == nil || !r.Dates.Known() {
		return
	}
	d.add("What serves now", []field{
		{"Due", text(words.DayOf(r.Dates.DueAt, "not known") + ", when it is renewed for its expiry")},
		{"Last resort", text("from " + words.DayOf(r.Dates.LastResortAt, "not known") + " on a new version is judged against what would serve otherwise")},
		{"Expires", text(words.DayOf(r.Dates.ExpiresAt, "not known"))},
	})
}

func (d *document) base(r lifecycle.Report) {
	if b := r.BaseModel; b != nil {
		fields := []field{{"Name", text(b.DisplayName)}, {"ID", verbatim(b.ID)}}
		if b.Family != nil {
			fields = append(fields, field{"Family", text(*b.Family)})
		}
		if b.CreatedAt != nil {
			fields = append(fields, field{"Created", text(words.LongMoment(*b.CreatedAt))})
		}
		if b.AdaptationEndsAt != nil {
			fields = append(fields, field{"Trainable", text("until " + words.LongMoment(*b.AdaptationEndsAt))})
		}
		cost := "the service does not say whether training from it is charged"
		switch {
		case r.Version != nil && r.Version.Taken:
			cost = "none in this run: the version was trained, and paid for, before"
		case b.Charged != nil:
			cost = map[bool]string{true: "training from it is charged", false: "training from it is not charged"}[*b.Charged]
		}
		d.add("Base model", append(fields, field{"Cost", text(cost)}, field{"Why", sentence(b.Reason)}))
	}
	refused := r.BaseModelsRefused
	if len(refused) == 0 && r.Error != nil {
		refused = r.Error.Refused
	}
	var items []item
	for _, b := range refused {
		items = append(items, item{line: named(b.DisplayName, b.ID).and(gap(": "), sentence(b.Reason))})
	}
	d.add("Base models refused", items)
}

func (d *document) datasets(datasets []lifecycle.DatasetReport) {
	var items []item
	for _, s := range datasets {
		lines := "line counts not known"
		if s.Accepted != nil {
			lines = words.LongCount(*s.Accepted, "line") + " accepted"
			if s.Rejected != nil {
				lines += ", " + words.Number(*s.Rejected) + " rejected"
			}
		}
		origin := map[bool]string{true: "new with this run", false: "already there"}[s.Created]
		i := item{line: text(s.DisplayName).and(gap(": "), text(string(s.Kind)), gap(", "+lines+"; "+origin)), sub: []line{gap("ID ").and(verbatim(s.ID))}}
		if s.Content != nil {
			i.sub = append(i.sub, gap("content ").and(verbatim(*s.Content)))
		}
		items = append(items, i)
	}
	d.add("Data", items)
}

const testsLegend = "WER is the new version's word error rate: wrong, missing and added words to a hundred words of the reference. " +
	"Beside it are those of the champion and of the bare base model on the same audio. The difference, with its 95 % interval, is " +
	"to the one that the version was compared with: less is better. ± is the smallest difference that a test's words can show; " +
	words.Dependent + "."

func (d *document) tests(tests []lifecycle.TestReport) {
	if len(tests) == 0 {
		return
	}
	screen := grid{
		header: []string{"Test", "Words", "WER", "Champion", "Base", "Difference", "Verdict"},
		right:  []bool{false, true, true, true, true, true, false},
	}
	wide := grid{
		header: []string{"Test", "Words", "WER", "Champion", "Base", "Difference", "95 % interval", "Verdict"},
		right:  []bool{false, true, true, true, true, true, true, false},
	}
	var reasons []item
	for _, t := range tests {
		name, verdict := oneLine(t.Name), oneLine(string(t.Verdict))
		numbers := []string{name, tally(t.Words), rate(t.WordErrorRate), rate(t.Champion), rate(t.Base), points(t.Difference)}
		row := append(append([]string{}, numbers...), verdict)
		if t.Interval != nil {
			row[5] += "\n(" + strings.TrimSuffix(words.Interval(t.Interval), " points") + ")"
		}
		screen.rows = append(screen.rows, row)
		wide.rows = append(wide.rows, append(append([]string{}, numbers...), words.Interval(t.Interval), verdict))
		facts := count64(t.Words, "word") + ", WER " + rate(t.WordErrorRate) + ", champion " + rate(t.Champion) + ", base " + rate(t.Base) +
			", difference " + points(t.Difference)
		if t.Interval != nil {
			facts += " (95 % interval " + words.Interval(t.Interval) + ")"
		}
		screen.instead = append(screen.instead, item{line: text(name+":", verdict), sub: []line{text(facts)}})
		reason := item{line: text(name+":", verdict+",").and(gap(" "), sentence(t.Reason))}
		if shows := words.TestShows(t); shows != "" {
			reason.sub = append(reason.sub, text(shows))
		}
		if t.Best != nil {
			reason.sub = append(reason.sub, text("best of the champions before: "+rate(t.Best)))
		}
		if t.EvaluationID != nil {
			reason.sub = append(reason.sub, gap("evaluation ").and(verbatim(*t.EvaluationID)))
		}
		reasons = append(reasons, reason)
	}
	screen.markdown = &wide
	d.add("Tests", screen, reasons, paragraph(text(testsLegend)))
}

func count64(n *int64, noun string) string {
	if n == nil {
		return noun + "s not known"
	}
	return words.LongCount(*n, noun)
}

// What of an inspection is shown: a card is for reading, the JSON report has all.
const (
	maxInspected   = 50
	maxInspectText = 300
)

func (d *document) inspections(inspections []lifecycle.Inspection) {
	for _, in := range inspections {
		var items []item
		for _, f := range in.Files[:min(len(in.Files), maxInspected)] {
			said := "not available"
			if f.Text != nil {
				said = oneLine(*f.Text)
				if runes := []rune(said); len(runes) > maxInspectText {
					said = string(runes[:maxInspectText-1]) + "…"
				}
				said = "“" + said + "”"
			}
			items = append(items, item{line: text(f.Name).and(gap(": "), text(said))})
		}
		switch more := len(in.Files) - maxInspected; {
		case len(in.Files) == 0:
			items = append(items, item{line: text("results per file are not available")})
		case more > 0:
			items = append(items, item{line: text("and " + words.LongCount(int64(more), "more file") + ", see the JSON report")})
		}
		d.add("Inspection "+oneLine(in.Name), items)
	}
}

func (d *document) decision(r lifecycle.Report) {
	if v := r.Verdict; v != nil {
		d.add("Verdict", []field{{"Result", text(string(v.Result))}, {"Why", sentence(v.Reason)}})
	}
	if a := r.Approval; a != nil {
		d.add("Approval", []field{
			{"Answer", text(string(a.Answer))}, {"By", text(a.By)}, {"At", text(words.LongMoment(a.At))}, {"Why", text(a.Reason)},
		})
	}
}

func (d *document) endpoint(e *lifecycle.EndpointReport) {
	if e == nil {
		return
	}
	fields := []field{{"ID", verbatim(e.ID)}}
	if e.URL != nil {
		fields = append(fields, field{"Address", verbatim(*e.URL)})
	}
	serves := func(id *string) line {
		if id == nil {
			return text("none known")
		}
		return verbatim(*id)
	}
	d.add("Endpoint", append(fields, field{"Before", serves(e.PreviousVersionID)}, field{"Now", serves(e.VersionID)}))
}

func (d *document) disposed(title string, objects []lifecycle.Disposed) {
	var items []item
	for _, o := range objects {
		items = append(items, item{line: text(string(o.Kind)).and(gap(" "), named(o.DisplayName, o.ID), gap(": "), sentence(o.Reason))})
	}
	d.add(title, items)
}

func (d *document) notes(notes []string) {
	var items []item
	for _, n := range notes {
		items = append(items, item{line: sentence(n)})
	}
	d.add("Notes", items)
}

// run says where and when; times are Temporal's.
func (d *document) run(r lifecycle.Report) {
	var fields []field
	for _, f := range []struct {
		label string
		value *string
	}{{"Resource", r.Resource}, {"Project", r.ProjectID}, {"Workflow", r.WorkflowID}, {"Run", r.RunID}} {
		if f.value != nil {
			fields = append(fields, field{f.label, verbatim(*f.value)})
		}
	}
	if len(r.Stages) > 0 {
		fields = append(fields, field{"Started", text(words.LongMoment(r.Stages[0].StartedAt))})
	}
	stages := grid{header: []string{"Stage", "Started", "Took", "Result"}, right: []bool{false, false, true, false}, flex: 3}
	for _, s := range r.Stages {
		name, took, note := oneLine(string(s.Name)), unknown, ""
		if s.FinishedAt != nil {
			took = words.Elapsed(s.FinishedAt.Sub(s.StartedAt))
		}
		if s.Note != nil {
			note = oneLine(*s.Note)
		}
		stages.rows = append(stages.rows, []string{name, words.Stamp(s.StartedAt), took, note})
		stages.instead = append(stages.instead, item{line: text(name+":", took, note)})
	}
	d.add("Run", fields, stages)
}
