package rehearsal

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// training is one that the service was asked for.
type training struct {
	model string
	at    time.Time
	hours float64
}

// planTrainings lets each model's trainings last as long as lifecycle takes them to when nothing is known: an hour for text
// alone, a day with audio.
func planTrainings(service *emulator.Server, models []Model) error {
	// The longest name first: others may end like it.
	sorted := slices.SortedFunc(slices.Values(models), func(a, b Model) int { return len(b.Request.Name) - len(a.Request.Name) })
	for _, m := range sorted {
		var o lifecycle.Observed
		for _, d := range m.Request.Training {
			o.Training = append(o.Training, lifecycle.ObservedData{Kind: d.Kind})
		}
		hours := lifecycle.EstimateRetrain(o, m.Request, nil).TrainingHours
		lasts := emulator.Duration(time.Duration(hours * float64(time.Hour)))
		err := service.Plan(emulator.Outcome{Kind: "training", Contains: m.Request.Name + " 20", Duration: &lasts, Count: math.MaxInt})
		if err != nil {
			return fmt.Errorf("plan the trainings of %s: %w", m.Request.Name, err)
		}
	}
	return nil
}

// count looks at the service itself, not at what the product tells, for trainings and evaluations that were not seen yet.
// What a model's versions are called depends on the run; here they are called after their day.
func (r *rehearsal) count() {
	for _, kind := range []string{"model", "evaluation"} {
		for _, o := range r.service.Objects(kind) {
			p := r.of[o.CustomProperties[lifecycle.MarkModel]]
			if r.seen[o.ID] || p == nil {
				continue
			}
			r.seen[o.ID] = true
			if kind == "evaluation" {
				p.summary.Evaluations++
				continue
			}
			t := training{model: p.summary.Model, at: o.Created}
			if o.LastAction != nil {
				t.hours = o.LastAction.Sub(o.Created).Hours()
			}
			r.trainings = append(r.trainings, t)
			r.names = append(r.names, o.DisplayName, fmt.Sprintf("%s of %s", p.summary.Model, words.Day(o.Created)))
			p.summary.Trainings++
			p.summary.TrainingHours += t.hours
			p.summary.Cost += t.hours * p.request.Renew.Prices.List().TrainingHour
		}
	}
}

// question is how a text names what was asked of a version: by a sum of IDs, which differ from run to run.
var question = regexp.MustCompile(`q:[0-9a-f]{8}(; )?`)

// called puts the names of versions in a text that say what they are in a rehearsal.
func (r *rehearsal) called(text string) string {
	return strings.NewReplacer(r.names...).Replace(question.ReplaceAllString(text, ""))
}

// peak is the day (UTC) on which most trainings began, the first of several; nil without any.
func peak(trainings []training) *Peak {
	days := map[string]int{}
	var most *Peak
	for _, t := range trainings {
		days[words.Day(t.at)]++
	}
	for day, n := range days {
		if most == nil || n > most.Trainings || n == most.Trainings && day < most.Day {
			most = &Peak{Day: day, Trainings: n}
		}
	}
	return most
}

// afterFirst are the trainings but for each model's first: a fleet that has nothing yet trains all at once.
func afterFirst(trainings []training) []training {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(trainings), func(t training) bool {
		first := !seen[t.model]
		seen[t.model] = true
		return first
	})
}
