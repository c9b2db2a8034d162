package workflows

import (
	"encoding/json"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
)

// Evaluate runs the tests of a request on any version of the model, later than its own run, and changes
// nothing but the evaluations that it adds. Its report's verdict says how the version does today.
func (w *Workflows) Evaluate(ctx workflow.Context, input json.RawMessage) (lifecycle.Report, error) {
	r, err := newRun(ctx, w.options)
	if err != nil {
		return lifecycle.Report{}, err
	}
	return r.endAside(ctx, r.runEvaluate(ctx, input))
}

func (r *run) runEvaluate(ctx workflow.Context, input json.RawMessage) error {
	r.enter(ctx, lifecycle.StageValidate)
	in, problems := decode.Evaluate(input)
	r.take(in.Request)
	problems = append(problems, localFiles(in.Request)...)
	if len(problems) > 0 {
		return invalidRequest(problems)
	}
	if err := r.meetService(ctx); err != nil {
		return err
	}
	if err := r.findServing(ctx, "find-champion", activities.ChampionInput{Scope: r.scope, Fallback: true}); err != nil {
		return err
	}
	if err := r.findVersion(ctx, in.VersionID); err != nil {
		return err
	}
	if err := r.findData(ctx); err != nil {
		return err
	}
	if err := r.checkRoom(ctx); err != nil {
		return err
	}
	r.enter(ctx, lifecycle.StageData)
	if err := r.prepareData(ctx); err != nil {
		return err
	}
	r.enter(ctx, lifecycle.StageEvaluate)
	why, champion := "", r.serving.Champion
	if champion != nil && champion.ID == r.report.Version.ID {
		why = "it is the champion itself"
		r.serving.Champion, r.serving.Base = nil, nil
	}
	r.chooseOpponent(why)
	r.fallback = nil // what would serve otherwise is not asked about, and costs
	measures, err := r.evaluate(ctx)
	if err != nil {
		return err
	}
	if fault, all := allFailed(measures); all {
		return &failed{failure: lifecycle.Failure{
			Type: lifecycle.EvaluationFailed, Message: "no test could be measured: " + fault, Object: lifecycle.Ptr("version " + r.report.Version.ID),
			Next: lifecycle.Ptr("read what the service says about the test data, correct it, then test again"), Problems: []lifecycle.Problem{},
		}}
	}
	r.say("%s", evaluateNote(r.opponent.Label, measures))
	if err := r.inspect(ctx, measures); err != nil {
		return err
	}
	r.enter(ctx, lifecycle.StageVerdict)
	verdict := r.verdict(measures)
	r.report.Verdict = &verdict
	r.say("%s", verdict.Result)
	r.enter(ctx, lifecycle.StageReport)
	return nil
}

// findVersion reads the version to test and its base model.
func (r *run) findVersion(ctx workflow.Context, id string) error {
	if id == "" {
		if r.serving.Champion == nil || !r.serving.Champion.Custom {
			return invalidRequest([]lifecycle.Problem{{Path: "versionId", Message: "is required: the model has no champion yet"}})
		}
		id = r.serving.Champion.ID
	}
	found, err := do(ctx, r, "find-version", "Read the version", a.FindVersion, activities.AwaitInput{Scope: r.scope, ID: id, Label: id})
	if err != nil {
		return err
	}
	r.report.Version, r.version = &found.Report, found.Model
	if fault := lifecycle.RefuseTested(found.Model, r.request.Locale, found.ObservedAt); fault != "" {
		return invalidRequest([]lifecycle.Problem{{Path: "versionId", Message: fault}})
	}
	if found.Base != nil {
		r.base = activities.BaseResult{Model: *found.Base, Report: lifecycle.BaseReport{
			ID: found.Base.ID, DisplayName: found.Base.DisplayName, Family: lifecycle.Text(lifecycle.Family(*found.Base)),
		}}
	}
	return nil
}

// allFailed tells whether not one evaluation gave numbers, and why the first did not. What could give none has not failed.
func allFailed(measures []*measure) (string, bool) {
	for _, m := range measures {
		if m.fault == "" || m.unmade {
			return "", false
		}
	}
	return measures[0].fault, true
}
