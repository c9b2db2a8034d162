package main

import (
	"fmt"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
	"speech-retrainer/internal/words"
)

// succeeded is the service's status of what has ended well.
const succeeded = "Succeeded"

// fact is something that a report says, and what it is about.
type fact struct{ about, says string }

// factsOf are the facts of a retrain, in the order in which a run learns them: those of an earlier report of the run are
// the first of those of a later one.
func factsOf(r lifecycle.Report) []fact {
	var facts []fact
	add := func(about, format string, args ...any) {
		facts = append(facts, fact{about, fmt.Sprintf(format, args...)})
	}
	if r.BaseModel == nil {
		return facts
	}
	refused := ""
	if n := len(r.BaseModelsRefused); n > 0 {
		refused = fmt.Sprintf(" (%s refused; the report says why)", words.Count(n, "other"))
	}
	add("base", "%s%s", r.BaseModel.DisplayName, refused)
	if r.Version == nil || r.Version.ExpiresAt == nil || r.Version.Status != succeeded {
		return facts
	}
	add("training", "%s: this version expires on %s", r.Version.Status, words.Day(*r.Version.ExpiresAt))
	if r.Verdict == nil {
		return facts
	}
	for _, t := range r.Tests {
		if t.Words != nil && t.Visible != nil {
			add("test", "word error rates on %s, %s: ±%.1f points may be chance", t.Name, words.Count(*t.Words, "word"), 100**t.Visible)
		}
	}
	add("verdict", "%s: %s", r.Verdict.Result, r.Verdict.Reason)
	return facts
}

// outcomeOf says how a run ended and what its endpoint serves. It is an error when the service says otherwise than the
// report.
func outcomeOf(r lifecycle.Report, now stack.Serving) (fact, error) {
	id, which := "", "serves the new version, champion now"
	switch {
	case r.Outcome == lifecycle.Succeeded && r.Version != nil:
		id = r.Version.ID
	case r.Champion != nil:
		id, which = r.Champion.ID, "still serves the version before"
	}
	if now.ServingID != id {
		return fact{}, fmt.Errorf("endpoint %s serves %s, and not %s as the report has it", model, now.ServingID, id)
	}
	return fact{"outcome", fmt.Sprintf("%s: endpoint %s %s", r.Outcome, model, which)}, nil
}

// measured are the word error rates of two models on the same audio, as the service's evaluation has them.
type measured struct {
	Status     string
	Properties struct {
		First  float64 `json:"wordErrorRate1"`
		Second float64 `json:"wordErrorRate2"`
	}
}

// afterwards says who answers the calls of both endpoints when the first version has expired. It is an error when the one
// is not the last version, or the other no base model in the place of an expired one.
func afterwards(last lifecycle.Report, kept, left stack.Serving, rates measured) ([]fact, error) {
	if kept.ServingID != last.Version.ID {
		return nil, fmt.Errorf("%s serves %s, not %s", model, kept.ServingID, last.Version.ID)
	}
	if !left.Fallback || !left.Base {
		return nil, fmt.Errorf("%s still serves %s", neglected, left.ServingID)
	}
	return []fact{
		{"with", fmt.Sprintf("%s serves the version above: %s of the words wrong", model, words.Rate(&rates.Properties.Second, "?"))},
		{"without", fmt.Sprintf("an endpoint that got the first version, too, and no renewal: its status is %s, its calls are answered, and nothing "+
			"tells that a bare base model answers them: %s of the words wrong", left.Status, words.Rate(&rates.Properties.First, "?"))},
	}, nil
}
