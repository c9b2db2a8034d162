package rehearsal

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/table"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// Lines are one line of the timeline and its reason.
func (e Event) Lines() []string {
	line := fmt.Sprintf("%s  %-16s %-8s", words.Day(e.At), words.Fit(visible.Line(cmp.Or(e.Model, "-")), 16), visible.Line(e.What))
	if e.WER != nil {
		line += " WER " + words.Rate(e.WER, "-")
		if e.Compared != nil {
			line += " against " + words.Rate(e.Compared, "-")
		}
	}
	if e.ExpiresAt != nil {
		line += " until " + words.DayOf(e.ExpiresAt, "-")
	}
	why := e.Why
	if e.Base != "" {
		why += "; base " + e.Base
	}
	line = strings.TrimRight(words.Fit(line, words.Width), " ")
	return append([]string{line}, words.Hang(visible.Line(why), words.Width-12, 12, 12)...)
}

// Lines are a table of the models, what their trainings cost, and whether one ever expired.
func (r Result) Lines() []string {
	w := table.New("MODEL", "CHECKS", "TRAINED", "RENEWED", "REJECTED", "FAILED", "ALARMS", "COST", "MARGIN")
	verdict := "no model ever expired while it served"
	for _, s := range r.Models {
		margin := "-"
		if s.LeastMargin != nil {
			margin = fmt.Sprintf("%d d", int(s.LeastMargin.Std()/(24*time.Hour)))
		}
		if s.Expired {
			margin = "EXPIRED"
			verdict = "a model expired while it served"
		}
		w.AppendRow(table.Row{
			words.Fit(visible.Line(s.Model), 20), s.Checks, s.Trainings, s.Renewals, s.Rejected, s.Failed, s.Alarms,
			visible.Line(lifecycle.Money(s.Cost, s.Currency)), margin,
		})
	}
	lines := append([]string{""}, table.Lines(w, nil)...)
	lines = append(lines, "")
	if len(r.Models) > 0 {
		lines = append(lines, words.Wrap(visible.Line(strings.Join(r.Models[0].Notes, "; ")), words.Width)...)
		lines = append(lines, words.Wrap(visible.Line(r.Spent()), words.Width)...)
	}
	return append(lines, fmt.Sprintf("%s to %s, seed %d: %s", words.Day(r.From), words.Day(r.To), r.Seed, verdict))
}

// Spent says in one sentence what was trained, what that is estimated to cost, and how many trainings a day had at most.
func (r Result) Spent() string {
	trainings, hours, evaluations := 0, 0.0, 0
	amounts := map[string]float64{}
	for _, s := range r.Models {
		trainings += s.Trainings
		hours += s.TrainingHours
		evaluations += s.Evaluations
		amounts[s.Currency] += s.Cost
	}
	var money []string
	for _, currency := range slices.Sorted(maps.Keys(amounts)) {
		money = append(money, lifecycle.Money(amounts[currency], currency))
	}
	text := fmt.Sprintf("%s of %.0f h together: %s", words.Count(trainings, "training"), hours, strings.Join(money, " + "))
	if r.Peak != nil {
		text += fmt.Sprintf("; at most %d in a day, on %s", r.Peak.Trainings, r.Peak.Day)
	}
	if r.LaterPeak != nil {
		text += fmt.Sprintf(", and without each model's first at most %d, on %s", r.LaterPeak.Trainings, r.LaterPeak.Day)
	}
	return text + fmt.Sprintf(". An estimate: an hour for text alone and a day with audio, at renew.prices, else %s; %s and hosting come on top",
		lifecycle.DefaultPricesSource, words.Count(evaluations, "evaluation"))
}
