package screen

import (
	"fmt"
	"slices"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/table"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// Forecast writes what the next months may cost, and the prices of all estimates. months is empty for a single request.
func (s *Screen) Forecast(plans []lifecycle.Plan, months []lifecycle.Month) {
	for i, m := range months {
		if i == 0 || months[i-1].Currency != m.Currency {
			n := i + 1
			for n < len(months) && months[n].Currency == m.Currency {
				n++
			}
			s.Print("")
			s.Print("the next twelve months, estimate in %s", visible.Line(m.Currency))
			s.PrintLines(monthLines(months[i:n]))
		}
	}
	if len(months) > 0 {
		s.PrintLines(words.Wrap(lifecycle.ForecastAssumes, words.Width))
	}
	var told []string
	for _, p := range plans {
		if p.Prices == nil || slices.Contains(told, p.Prices.String()) {
			continue
		}
		if len(told) == 0 && len(months) == 0 {
			s.Print("")
		}
		told = append(told, p.Prices.String())
		s.PrintLines(words.Wrap(visible.Line(p.Prices.String()), words.Width))
	}
}

// monthLines are the table of months of one currency, with their sum.
func monthLines(months []lifecycle.Month) []string {
	w := table.New("MONTH", "   TRAININGS", " EVALUATIONS", "  HOSTING", "    TOTAL", "PEAK DAY")
	sum := lifecycle.Month{Month: "total"}
	peak := 0
	for _, m := range months {
		w.AppendRow(monthRow(m))
		sum.Trainings, sum.Training = sum.Trainings+m.Trainings, sum.Training+m.Training
		sum.Evaluations, sum.Evaluation = sum.Evaluations+m.Evaluations, sum.Evaluation+m.Evaluation
		sum.Hosting, sum.Total = sum.Hosting+m.Hosting, sum.Total+m.Total
		if m.PeakRetrains > peak {
			peak, sum.PeakDay, sum.PeakRetrains = m.PeakRetrains, m.PeakDay, m.PeakRetrains
		}
	}
	w.AppendRow(monthRow(sum))
	return table.Lines(w, nil)
}

func monthRow(m lifecycle.Month) table.Row {
	peak := "-"
	if m.PeakDay != nil {
		peak = fmt.Sprintf("%s: %d", *m.PeakDay, m.PeakRetrains)
	}
	counted := func(n int, money float64) string { return fmt.Sprintf("%12s", fmt.Sprintf("%d: %.2f", n, money)) }
	return table.Row{
		m.Month, counted(m.Trainings, m.Training), counted(m.Evaluations, m.Evaluation), fmt.Sprintf("%9.2f", m.Hosting),
		fmt.Sprintf("%9.2f", m.Total), peak,
	}
}
