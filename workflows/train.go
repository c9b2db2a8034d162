package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// settleRounds bounds how often a twin found at the end of a training makes the run wait for the other
// one: with one create at a time there is at most one.
const settleRounds = 3

// train creates the run's version, waits until it has succeeded, and makes sure that there is one.
func (r *retrain) train(ctx workflow.Context) error {
	input := r.versionInput(ctx)
	var version activities.VersionResult
	if err := r.call(ctx, "create-version", "Start the training", a.CreateVersion, input, &version); err != nil {
		return err
	}
	r.setVersion(version)
	if err := r.adoptBase(ctx, version.BaseID); err != nil {
		return err
	}
	for round := range settleRounds {
		awaited := r.report.Version.ID
		if err := r.awaitVersion(ctx, round); err != nil {
			return err
		}
		if err := r.call(ctx, fmt.Sprintf("settle-version-%d", round), "Look for twins of the version", a.SettleVersion, activities.SettleInput{VersionInput: input, ID: awaited}, &version); err != nil {
			return err
		}
		r.setVersion(version)
		if version.Report.ID == awaited {
			break
		}
		r.note("the training was started twice: version %s counts", version.Report.ID)
	}
	r.say("%s", trainNote(r.report.Version))
	return nil
}

// adoptBase takes the base model of a version that the run has adopted: after a reset a newer one may be out, which this
// version was not trained from.
func (r *retrain) adoptBase(ctx workflow.Context, trainedFrom string) error {
	if trainedFrom == "" || strings.EqualFold(trainedFrom, r.base.Report.ID) {
		return nil
	}
	var found activities.VersionFound
	v := r.report.Version
	if err := r.call(ctx, "read-base", "Read what the version was trained from", a.FindVersion, activities.AwaitInput{Scope: r.scope, ID: v.ID, Label: v.DisplayName}, &found); err != nil {
		return err
	}
	if found.Base == nil {
		r.note("version %s was trained from model %s before this run was reset, which cannot be read any more", v.DisplayName, trainedFrom)
		return nil
	}
	r.note("version %s was trained from %s before this run was reset: %s is for the next run", v.DisplayName, found.Base.DisplayName, r.base.Report.DisplayName)
	r.base.Model, r.base.Custom = *found.Base, false
	r.report.BaseModel = &lifecycle.BaseReport{
		ID: found.Base.ID, DisplayName: found.Base.DisplayName, CreatedAt: &found.Base.CreatedAt, AdaptationEndsAt: found.Base.AdaptationEndsAt,
		Charged: found.Base.Charged, Reason: "this run had trained from it before it was reset",
	}
	r.base.Report = *r.report.BaseModel
	return nil
}

func (r *retrain) awaitVersion(ctx workflow.Context, round int) error {
	limit := r.request.Limits.Training
	id := "await-training"
	if round > 0 {
		id = fmt.Sprintf("%s-%d", id, round)
	}
	v := r.report.Version
	r.await(ctx, "model", v.ID, limit)
	options := workflow.WithActivityOptions(ctx, long(limit.Std(), id, "Await the training of "+v.DisplayName))
	var version activities.VersionResult
	err := r.patience().execute(options, a.AwaitVersion, activities.AwaitInput{Scope: r.scope, ID: v.ID, Label: v.DisplayName}).Get(ctx, &version)
	if err = stepError(ctx, err, "the training of "+v.DisplayName, activities.Budget{Limit: limit, Field: "limits.training", Wait: true}); err != nil {
		return err
	}
	r.setVersion(version)
	return nil
}

func (r *retrain) setVersion(v activities.VersionResult) {
	r.report.Version = &v.Report
	r.report.Deleted = append(r.report.Deleted, v.Twins...)
}

// versionInput is the same for the create and for every later look, also after a reset.
func (r *retrain) versionInput(ctx workflow.Context) activities.VersionInput {
	var ids, contents []string
	for _, e := range r.trainingEntries() {
		found := e.found
		if slices.Contains(ids, found.ID) {
			r.note("dataset %s is named twice in training and is used once", found.DisplayName)
			continue
		}
		ids = append(ids, found.ID)
		contents = append(contents, found.Content)
	}
	input := activities.VersionInput{
		Scope:       r.scope,
		DisplayName: lifecycle.RunDisplayName(r.request.Name, workflow.GetInfo(ctx).WorkflowStartTime, r.scope.Run, lifecycle.StepTrain),
		Description: r.request.Description,
		BaseID:      r.base.Report.ID, CustomBase: r.base.Custom, DatasetIDs: ids,
		Input: lifecycle.InputMark(r.base.Report.ID, contents),
	}
	if r.report.ProjectID != nil {
		input.ProjectID = *r.report.ProjectID
	}
	return input
}

func trainNote(v *lifecycle.VersionReport) string {
	if v.ExpiresAt == nil {
		return v.Status + ", the service gives no expiry date"
	}
	return fmt.Sprintf("%s, expires %s", v.Status, words.Day(*v.ExpiresAt))
}
