package workflows

import (
	"cmp"
	"errors"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// evaluate measures the version against its opponent on every test, all side by side. A failed
// evaluation leaves its test without numbers and the others as they are.
func (r *run) evaluate(ctx workflow.Context) ([]*measure, error) {
	measures := r.measures(ctx)
	started := make([]pending[activities.EvaluationCreated], len(measures))
	for i, m := range measures {
		if !m.unmade {
			started[i] = begin(ctx, r, fmt.Sprintf("create-evaluation-%d", i), "Start "+m.input.DisplayName, a.CreateEvaluation, m.input)
		}
	}
	for i, m := range measures {
		if m.unmade {
			continue
		}
		created, err := started[i].get(ctx)
		if fault, fatal := evaluationFault(err); fatal != nil {
			return nil, fatal
		} else if fault != "" {
			m.fault, m.failed = fault, true
			continue
		}
		m.id = created.ID
	}
	evaluations := make([]pending[activities.Measured], len(measures))
	for i, m := range measures {
		if m.id != "" {
			w := waiting{
				id: fmt.Sprintf("await-evaluation-%d", i), summary: "Await " + m.input.DisplayName, of: "the evaluation " + m.input.DisplayName,
				limit: r.request.Limits.Evaluation, field: "limits.evaluation",
			}
			evaluations[i] = wait(ctx, r, w, a.AwaitEvaluation, activities.AwaitEvaluationInput{EvaluationInput: m.input, ID: m.id})
		}
	}
	for i, m := range measures {
		if m.id == "" {
			continue
		}
		r.await(ctx, lifecycle.WaitsForEvaluation, m.id, r.request.Limits.Evaluation)
		var err error
		m.numbers, err = evaluations[i].get(ctx)
		fault, fatal := evaluationFault(err)
		if fatal != nil {
			return nil, fatal
		}
		m.fault, m.failed = fault, fault != ""
		if err == nil {
			m.id = m.numbers.ID
			m.fault = lifecycle.Mismeasured(m.numbers.Of, lifecycle.Subjects{First: m.input.Model1.ID, Second: m.input.Model2.ID, Dataset: m.input.DatasetID})
		}
	}
	return measures, nil
}

// evaluateNote says what the version was measured against and on how many tests; a test that no number was to be had of
// has no evaluation.
func evaluateNote(opponent string, measures []*measure) string {
	tests, made := 0, 0
	for _, m := range measures {
		if m.what != withOpponent {
			continue
		}
		if tests++; !m.unmade {
			made++
		}
	}
	if made < tests {
		return fmt.Sprintf("%s on %d of %s", opponent, made, words.Count(tests, "test"))
	}
	return opponent + " on " + words.Count(tests, "test")
}

// evaluationFault tells a failure of one evaluation, which makes its test inconclusive, from one that
// ends the run.
func evaluationFault(err error) (string, error) {
	if err == nil {
		return "", nil
	}
	f, ok := errors.AsType[*failed](err)
	if ok && (f.failure.Type == lifecycle.EvaluationFailed || f.failure.Type == lifecycle.TimedOut) {
		return f.failure.Message, nil
	}
	return "", err
}

// measures lists the evaluations of the run: one a test, with compare.base one more for the two base models, and one
// more against what would serve otherwise when the champion may be near its end by the time of the decision.
func (r *run) measures(ctx workflow.Context) []*measure {
	var measures []*measure
	challenger := activities.ModelRef{ID: r.report.Version.ID, Custom: true}
	oldBase, why := r.comparableBase()
	if why != "" && r.request.Compare.Base && r.opponent.IsChampion {
		r.note("the base models are not compared: %s", why)
	}
	for i, t := range r.request.Tests {
		step := lifecycle.StepEvaluate + t.Label()
		main := r.measure(ctx, i, step, activities.RefOf(r.opponent.Model), challenger)
		if !t.Inspect {
			main.without(lifecycle.NoRate(r.version, &r.base.Model), lifecycle.NoRate(r.opponent.Model, r.opponentBase()))
		}
		measures = append(measures, main)
		if r.request.Compare.Base && why == "" && !t.Inspect {
			m := r.measure(ctx, i, step+"/base", activities.RefOf(oldBase), activities.ModelRef{ID: r.base.Report.ID, Custom: r.base.Custom})
			m.what = ofBases
			m.without(lifecycle.NoRate(oldBase, nil), lifecycle.NoRate(r.base.Model, nil))
			measures = append(measures, m)
		}
		if r.nearEnd() && !t.Inspect {
			m := r.measure(ctx, i, step+"/otherwise", activities.RefOf(*r.fallback), challenger)
			m.what = withOtherwise
			m.without(lifecycle.NoRate(r.version, &r.base.Model))
			measures = append(measures, m)
		}
	}
	return measures
}

// without leaves the evaluation out for the first reason that there is.
func (m *measure) without(reasons ...string) {
	m.fault = cmp.Or(reasons...)
	m.unmade = m.fault != ""
}

// opponentBase is the base model of the champion, when it is what the version is measured against.
func (r *run) opponentBase() *lifecycle.Model {
	if r.opponent.IsChampion {
		return r.serving.Base
	}
	return nil
}

// nearEnd tells that what would serve otherwise is measured besides the champion.
func (r *run) nearEnd() bool {
	return r.opponent.IsChampion && r.fallback != nil && lifecycle.NearEnd(r.serving.Champion, r.request, r.serving.ObservedAt)
}

func (r *run) measure(ctx workflow.Context, test int, step string, first, second activities.ModelRef) *measure {
	input := activities.EvaluationInput{
		Scope: r.scope, Step: step, DatasetID: r.testEntry(test).found.ID, Model1: first, Model2: second,
		DisplayName: lifecycle.RunDisplayName(r.request.Name, workflow.GetInfo(ctx).WorkflowStartTime, r.scope.Run, step),
	}
	if r.report.ProjectID != nil {
		input.ProjectID = *r.report.ProjectID
	}
	return &measure{test: test, input: input}
}

// comparableBase is the champion's base model, or why the two bases cannot be compared.
func (r *run) comparableBase() (lifecycle.Model, string) {
	switch {
	case !r.opponent.IsChampion:
		return r.opponent.Model, "the version is compared with a base model already"
	case r.serving.Base == nil:
		return lifecycle.Model{}, "the champion's base model is unknown or gone"
	}
	return *r.serving.Base, lifecycle.Expired(*r.serving.Base, r.serving.ObservedAt)
}
