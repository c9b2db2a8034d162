package workflows

import (
	"encoding/json"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// Rollback points the endpoint back at an unexpired earlier champion, and says until when that may
// serve. It is refused while a retrain of the model changes the endpoint.
func (w *Workflows) Rollback(ctx workflow.Context, input json.RawMessage) (lifecycle.Report, error) {
	r, err := newRun(ctx, w.options)
	if err != nil {
		return lifecycle.Report{}, err
	}
	return r.endAside(ctx, r.runRollback(ctx, input))
}

func (r *run) runRollback(ctx workflow.Context, raw json.RawMessage) error {
	r.enter(ctx, lifecycle.StageValidate)
	in, problems := decode.Rollback(raw)
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
	if err := r.findOwnEndpoint(ctx, in.Endpoint); err != nil {
		return err
	}
	// Fresh: what it serves is about to be changed, and nothing else may be by then.
	if err := r.findServing(ctx, "find-champion", activities.ChampionInput{Scope: r.scope, Fresh: true}); err != nil {
		return err
	}
	if r.request.Deploy != nil && r.serving.Endpoint == nil {
		return invalidRequest([]lifecycle.Problem{{Path: "endpoint", Message: fmt.Sprintf("there is no endpoint %q", r.request.Deploy.Endpoint)}})
	}
	input := activities.RollbackInput{Scope: r.scope, VersionID: in.VersionID, Served: r.serving.Endpoint}
	target, err := do(ctx, r, "choose-rollback", "Choose the version to go back to", a.ChooseRollback, input)
	if err != nil {
		return err
	}
	r.report.Version = &target.Report
	r.report.Approval = &lifecycle.ApprovalReport{By: in.By, Reason: in.Reason, At: now(ctx), Answer: lifecycle.AnswerRollback}
	r.say("to %s", target.Report.DisplayName)
	served := ""
	if r.request.Deploy != nil {
		served = r.serving.Endpoint.ModelID
		if err := r.redeploy(ctx); err != nil {
			return err
		}
	} else {
		r.note("the model has no endpoint, and nothing serves it: only the marks were changed")
	}
	if err := r.markRolledBack(ctx, in, served); err != nil {
		return err
	}
	r.enter(ctx, lifecycle.StageReport)
	if at := target.Report.ExpiresAt; at != nil {
		r.note("version %s may serve until %s: plan its successor before that day", target.Report.DisplayName, words.Day(*at))
	}
	return nil
}

// findOwnEndpoint learns which endpoint is the model's: operators use the Temporal CLI, so the workflow reads the schedule
// itself.
func (r *run) findOwnEndpoint(ctx workflow.Context, given string) error {
	input := activities.OwnEndpointInput{Scope: r.scope, Endpoint: given}
	own, err := do(ctx, r, "find-own-endpoint", "Find the model's endpoint", a.FindOwnEndpoint, input)
	if err != nil {
		return err
	}
	r.request.Deploy = nil
	if own.Endpoint != "" {
		r.request.Deploy = &lifecycle.Deploy{Endpoint: own.Endpoint}
		if given == "" {
			r.note("the endpoint %s is named by %s", own.Endpoint, own.From)
		}
	}
	return nil
}

// redeploy points the endpoint at the older version; like a deployment it is not left half done.
func (r *run) redeploy(ctx workflow.Context) error {
	r.enter(ctx, lifecycle.StageDeploy)
	sheltered, _ := workflow.NewDisconnectedContext(ctx)
	r.shelter(ctx)
	endpoint, err := r.repoint(sheltered)
	if err != nil {
		return err
	}
	r.verified(sheltered, endpoint)
	return nil
}

// markRolledBack marks the older version champion, and what served until now rolled back, with who and
// why. It is done even when the run was canceled meanwhile: the endpoint has changed already.
func (r *run) markRolledBack(ctx workflow.Context, in RollbackInput, served string) error {
	sheltered, _ := workflow.NewDisconnectedContext(ctx)
	input := activities.PromoteInput{
		Scope: r.scope, ID: r.report.Version.ID, Former: lifecycle.StateRolledBack, Served: served,
		Said: &activities.Said{What: "back", By: in.By, Reason: in.Reason},
	}
	promoted, err := do(sheltered, r, "mark-rolled-back", "Mark the versions", a.PromoteVersion, input)
	if err != nil {
		return err
	}
	r.report.Version.State = lifecycle.StateChampion
	r.report.Kept = append(r.report.Kept, promoted.Retired...)
	return nil
}
