package workflows

import (
	"encoding/json"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// EvaluateInput asks for the tests of a request on one version.
type EvaluateInput struct {
	Request json.RawMessage `json:"request"`
	// VersionID is the version to test; empty = the champion.
	VersionID string `json:"versionId,omitempty"`
}

// Evaluate runs the tests of a request on any version of the model, later than its own run, and changes
// nothing but the evaluations that it adds. Its report's verdict says how the version does today.
func (w *Workflows) Evaluate(ctx workflow.Context, input json.RawMessage) (lifecycle.Report, error) {
	r, err := newRetrain(ctx, w.options)
	if err != nil {
		return lifecycle.Report{}, err
	}
	return r.endAside(ctx, r.runEvaluate(ctx, input))
}

func (r *retrain) runEvaluate(ctx workflow.Context, input json.RawMessage) error {
	r.enter(ctx, lifecycle.StageValidate)
	request, versionID, problems := decodeEvaluate(input)
	r.take(request)
	problems = append(problems, localFiles(request)...)
	if len(problems) > 0 {
		return invalidRequest(problems)
	}
	if err := r.meetService(ctx); err != nil {
		return err
	}
	if err := r.findChampion(ctx, "find-champion"); err != nil {
		return err
	}
	if err := r.findVersion(ctx, versionID); err != nil {
		return err
	}
	if err := r.findData(ctx); err != nil {
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
	if err := r.chooseOpponent(ctx, why); err != nil {
		return err
	}
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
	r.say("%s on %s", r.opponent.Label, words.Count(len(r.request.Tests), "test"))
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
func (r *retrain) findVersion(ctx workflow.Context, id string) error {
	if id == "" {
		if r.serving.Champion == nil || !r.serving.Champion.Custom {
			return invalidRequest([]lifecycle.Problem{{Path: "versionId", Message: "is required: the model has no champion yet"}})
		}
		id = r.serving.Champion.ID
	}
	var found activities.VersionFound
	if err := r.call(ctx, "find-version", "Read the version", a.FindVersion, activities.AwaitInput{Scope: r.scope, ID: id, Label: id}, &found); err != nil {
		return err
	}
	r.report.Version = &found.Report
	if fault := lifecycle.RefuseTested(found.Model, r.request.Locale, found.ObservedAt); fault != "" {
		return invalidRequest([]lifecycle.Problem{{Path: "versionId", Message: fault}})
	}
	if found.Base != nil {
		r.base = activities.BaseResult{Model: *found.Base, Report: lifecycle.BaseReport{ID: found.Base.ID, DisplayName: found.Base.DisplayName}}
	}
	return nil
}

// allFailed tells whether not one evaluation gave numbers, and why the first did not.
func allFailed(measures []*measure) (string, bool) {
	for _, m := range measures {
		if m.fault == "" {
			return "", false
		}
	}
	return measures[0].fault, true
}

func decodeEvaluate(raw []byte) (lifecycle.Request, string, []lifecycle.Problem) {
	request, version := lifecycle.DefaultRequest(), ""
	root, problems := parseTree(raw)
	c := &checker{problems: problems}
	if root.kind == "" {
		return request, version, c.problems
	}
	o, ok := c.asObject(root, "")
	if !ok {
		return request, version, c.problems
	}
	o.text("versionId", &version)
	if inner, ok := o.child("request"); ok {
		decodeRequest(inner, &request)
		if len(request.Tests) == 0 {
			inner.problem(inner.at("tests"), "at least one test is required")
		}
	} else if !o.has("request") {
		o.problem(o.at("request"), "is required: the request with the tests")
	}
	o.done()
	return request, version, c.problems
}
