package workflows

import (
	"encoding/json"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
)

// Adopt takes over a version that was made by hand, in the portal or by another tool: it becomes the
// model's champion and is renewed like one. No endpoint is changed. It is refused while a retrain of the model
// changes the endpoint, and for a version of another installation or model.
func (w *Workflows) Adopt(ctx workflow.Context, input json.RawMessage) (lifecycle.Report, error) {
	r, err := newRun(ctx, w.options)
	if err != nil {
		return lifecycle.Report{}, err
	}
	return r.endAside(ctx, r.runAdopt(ctx, input))
}

func (r *run) runAdopt(ctx workflow.Context, raw json.RawMessage) error {
	r.enter(ctx, lifecycle.StageValidate)
	in, problems := decode.Adopt(raw)
	request := lifecycle.DefaultRequest()
	request.Name, request.Locale = in.Name, in.Locale
	r.take(request)
	if len(problems) > 0 {
		return invalidRequest(problems)
	}
	if err := r.meetService(ctx); err != nil {
		return err
	}
	found, err := do(ctx, r, "check-adoption", "Read the version", a.CheckAdoption, activities.AdoptionInput{Scope: r.scope, VersionID: in.VersionID})
	if err != nil {
		return err
	}
	r.report.Version = &found.Report
	r.report.Approval = &lifecycle.ApprovalReport{By: in.By, Reason: "taken over by its ID", At: now(ctx), Answer: lifecycle.AnswerAdopt}
	r.say("%s", found.Report.DisplayName)
	promote := activities.PromoteInput{
		Scope: r.scope, ID: in.VersionID, Former: lifecycle.StateRetired, Adopt: true, Verdict: fmt.Sprintf("adopted; %s", in.By),
	}
	promoted, err := do(ctx, r, "adopt-version", "Mark the version champion", a.PromoteVersion, promote)
	if err != nil {
		return err
	}
	r.report.Version.State = lifecycle.StateChampion
	r.report.Kept = append(r.report.Kept, promoted.Retired...)
	for _, key := range promoted.Dropped {
		r.note("version %s has no room for the mark %s", in.VersionID, key)
	}
	r.note("from now on it is kept and deleted like a version of our own: it goes when %d later champions have taken its place (keep), also though it "+
		"was made by hand", request.Keep)
	r.note("no endpoint was changed; what the version was trained on is not known, so a change of the data is not a reason to renew it")
	r.enter(ctx, lifecycle.StageReport)
	return nil
}
