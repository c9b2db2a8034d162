package workflows

import (
	"encoding/json"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// RollbackInput asks to let an earlier champion serve again. VersionID empty = the newest earlier
// champion that has not expired.
type RollbackInput struct {
	Name      string `json:"name"`
	Locale    string `json:"locale"`
	Endpoint  string `json:"endpoint,omitempty"`
	VersionID string `json:"versionId,omitempty"`
	By        string `json:"by"`
	Reason    string `json:"reason"`
}

// Rollback points the endpoint back at an unexpired earlier champion, and says until when that may
// serve. It is refused while a retrain of the model changes the endpoint.
func (w *Workflows) Rollback(ctx workflow.Context, input json.RawMessage) (lifecycle.Report, error) {
	r, err := newRetrain(ctx, w.options)
	if err != nil {
		return lifecycle.Report{}, err
	}
	return r.endAside(ctx, r.runRollback(ctx, input))
}

func (r *retrain) runRollback(ctx workflow.Context, raw json.RawMessage) error {
	r.enter(ctx, lifecycle.StageValidate)
	in, problems := decodeRollback(raw)
	request := lifecycle.DefaultRequest()
	request.Name, request.Locale = in.Name, in.Locale
	if in.Endpoint != "" {
		request.Deploy = &lifecycle.Deploy{Endpoint: in.Endpoint}
	}
	r.take(request)
	if len(problems) > 0 {
		return invalidRequest(problems)
	}
	if err := r.meetService(ctx); err != nil {
		return err
	}
	var target activities.VersionFound
	input := activities.RollbackInput{Scope: r.scope, VersionID: in.VersionID}
	if err := r.call(ctx, "choose-rollback", "Choose the version to go back to", a.ChooseRollback, input, &target); err != nil {
		return err
	}
	if err := r.findChampion(ctx, "find-champion"); err != nil {
		return err
	}
	if request.Deploy != nil && r.serving.Endpoint == nil {
		return invalidRequest([]lifecycle.Problem{{Path: "endpoint", Message: fmt.Sprintf("there is no endpoint %q", in.Endpoint)}})
	}
	r.report.Version = &target.Report
	r.report.Approval = &lifecycle.ApprovalReport{By: in.By, Reason: in.Reason, At: now(ctx), Answer: "rollback"}
	r.say("to %s", target.Report.DisplayName)
	if request.Deploy != nil {
		if err := r.redeploy(ctx); err != nil {
			return err
		}
	}
	if err := r.markRolledBack(ctx, in); err != nil {
		return err
	}
	r.enter(ctx, lifecycle.StageReport)
	if at := target.Report.ExpiresAt; at != nil {
		r.note("version %s may serve until %s: plan its successor before that day", target.Report.DisplayName, at.Format("2006-01-02"))
	}
	return nil
}

// redeploy points the endpoint at the older version; like a deployment it is not left half done.
func (r *retrain) redeploy(ctx workflow.Context) error {
	r.enter(ctx, lifecycle.StageDeploy)
	sheltered, _ := workflow.NewDisconnectedContext(ctx)
	r.shelter(ctx)
	endpoint, err := r.repoint(sheltered)
	if err != nil {
		return err
	}
	r.report.Endpoint.VersionID, r.report.Endpoint.URL = lifecycle.Text(endpoint.ModelID), lifecycle.Text(endpoint.URL)
	r.enter(sheltered, lifecycle.StageVerify)
	return r.verify(sheltered)
}

// markRolledBack marks the older version champion, and what served until now rolled back, with who and
// why. It is done even when the run was canceled meanwhile: the endpoint has changed already.
func (r *retrain) markRolledBack(ctx workflow.Context, in RollbackInput) error {
	sheltered, _ := workflow.NewDisconnectedContext(ctx)
	var promoted activities.PromoteResult
	input := activities.PromoteInput{
		Scope: r.scope, ID: r.report.Version.ID, Former: lifecycle.StateRolledBack,
		FormerVerdict: fmt.Sprintf("rolled back; %s: %s", in.By, in.Reason),
	}
	if err := r.call(sheltered, "mark-rolled-back", "Mark the versions", a.PromoteVersion, input, &promoted); err != nil {
		return err
	}
	r.report.Version.State = lifecycle.StateChampion
	r.report.Kept = append(r.report.Kept, promoted.Retired...)
	return nil
}

func decodeRollback(raw []byte) (RollbackInput, []lifecycle.Problem) {
	var in RollbackInput
	root, problems := parseTree(raw)
	c := &checker{problems: problems}
	if root.kind == "" {
		return in, c.problems
	}
	o, ok := c.asObject(root, "")
	if !ok {
		return in, c.problems
	}
	o.model(&in.Name, &in.Locale)
	o.line("endpoint", &in.Endpoint, maxTitle)
	o.line("versionId", &in.VersionID, maxTitle)
	if !o.has("by") {
		o.problem(o.at("by"), "is required: who decides")
	}
	o.line("by", &in.By, maxTitle)
	if !o.has("reason") {
		o.problem(o.at("reason"), "is required: why")
	}
	o.line("reason", &in.Reason, 200)
	o.done()
	return in, c.problems
}
