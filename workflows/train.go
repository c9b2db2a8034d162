package workflows

import (
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// train creates the run's version, waits until it has succeeded, and makes sure that there is one.
func (r *run) train(ctx workflow.Context) error {
	input, version, err := r.startTraining(ctx)
	if err != nil {
		return err
	}
	r.taken = version.Taken
	r.setVersion(version)
	if r.taken != nil {
		r.note("%s; it was paid for when it was trained", r.taken.Why)
	}
	if version.Bound {
		r.bound = true
		r.request.Approval.When = lifecycle.WhenAlways
		r.note("a person has said no to a version of the same base model and data: it serves only with a person's yes")
	}
	if err := r.adoptBase(ctx, version.BaseID); err != nil {
		return err
	}
	r.beginSettleProject(ctx)
	if r.taken != nil && r.report.Version.Status == lifecycle.StatusSucceeded {
		r.settleProject(ctx)
		r.say("%s", takenNote(r.taken.Version, r.base.Report.DisplayName))
		return nil
	}
	for round := range settleRounds {
		awaited := r.report.Version.ID
		if err := r.awaitVersion(ctx, input, round); err != nil {
			return err
		}
		if r.report.Version.ID == awaited {
			break
		}
		r.note("the training was started twice: version %s counts", r.report.Version.ID)
	}
	r.settleProject(ctx)
	r.say("%s", trainNote(r.report.Version))
	return nil
}

// beginSettleProject begins to look for a second project, if this run has made one: nothing waits for it.
func (r *run) beginSettleProject(ctx workflow.Context) {
	if !r.madeProject {
		return
	}
	input := activities.SettleProjectInput{
		ProjectInput: activities.ProjectInput{Scope: r.scope, Project: r.request.Project},
		ID:           *r.report.ProjectID, VersionID: r.report.Version.ID,
	}
	if r.taken != nil {
		input.VersionID = "" // it stays where its own run has put it
	}
	for _, d := range r.report.Datasets {
		if d.Created {
			input.DatasetIDs = append(input.DatasetIDs, d.ID)
		}
	}
	settling := begin(ctx, r, "settle-project", "Look for a second project of the name", a.SettleProject, input)
	r.settling = &settling
}

// settleProject takes the project that counts, if it is known by now: a run that is over sooner than the lists have caught
// up leaves its version where it is, which is as good a place.
func (r *run) settleProject(ctx workflow.Context) {
	if r.settling == nil || !r.settling.future.IsReady() {
		return
	}
	project, err := r.settling.get(ctx)
	r.settling = nil
	switch {
	case err != nil:
		r.note("whether the project was created twice could not be looked up: %v", err)
		return
	case project.Note != "":
		r.note("%s", project.Note)
	}
	r.report.ProjectID = &project.ID
}

// rechoices bounds how often another base model is chosen because the service has withdrawn the one before.
const rechoices = 3

// startTraining adopts or creates the run's version. When the service has withdrawn the base model since it was chosen, the
// newest of the others is taken; a base that the request names is the only one that it may be.
func (r *run) startTraining(ctx workflow.Context) (activities.VersionInput, activities.VersionResult, error) {
	for try := 0; ; try++ {
		input := r.versionInput(ctx)
		id := "create-version"
		if input.Again = try > 0; input.Again {
			id = fmt.Sprintf("%s-%d", id, try)
		}
		version, err := do(ctx, r, id, "Start the training", a.CreateVersion, input)
		f, ok := errors.AsType[*failed](err)
		if !ok || f.failure.Type != lifecycle.NoUsableBaseModel {
			return input, version, err
		}
		r.note("%s", f.failure.Message)
		r.passedOver = append(r.passedOver, f.failure.Refused...)
		r.report.BaseModel = nil
		if r.request.BaseModel.Choose != lifecycle.Latest || try == rechoices {
			f.failure.Refused = append(slices.Clone(r.report.BaseModelsRefused), f.failure.Refused...)
			return input, version, f
		}
		if err := r.findBase(ctx, fmt.Sprintf("choose-base-%d", try+1)); err != nil {
			return input, version, err
		}
	}
}

// adoptBase takes the base model of a version that the run has adopted: after a reset a newer one may be out, which this
// version was not trained from.
func (r *run) adoptBase(ctx workflow.Context, trainedFrom string) error {
	if trainedFrom == "" || trainedFrom == r.base.Report.ID {
		return nil
	}
	v := r.report.Version
	found, err := do(ctx, r, "read-base", "Read what the version was trained from", a.FindVersion,
		activities.AwaitInput{Scope: r.scope, ID: v.ID, Label: v.DisplayName})
	if err != nil {
		return err
	}
	if found.Base == nil {
		r.note("version %s was trained from model %s earlier in this run, which cannot be read any more", v.DisplayName, trainedFrom)
		return nil
	}
	r.note("version %s was trained from %s earlier in this run: %s is for the next run", v.DisplayName, found.Base.DisplayName, r.base.Report.DisplayName)
	r.base.Model, r.base.Custom = *found.Base, false
	r.report.BaseModel = &lifecycle.BaseReport{
		ID: found.Base.ID, DisplayName: found.Base.DisplayName, Family: lifecycle.Text(lifecycle.Family(*found.Base)),
		CreatedAt: &found.Base.CreatedAt, AdaptationEndsAt: found.Base.AdaptationEndsAt,
		Charged: found.Base.Charged, Reason: "this run had trained from it already",
	}
	r.base.Report = *r.report.BaseModel
	return nil
}

func (r *run) awaitVersion(ctx workflow.Context, input activities.VersionInput, round int) error {
	v := r.report.Version
	w := waiting{
		id: "await-training", summary: "Await the training of " + v.DisplayName, of: "the training of " + v.DisplayName,
		limit: r.request.Limits.Training, field: "limits.training",
	}
	if round > 0 {
		w.id = fmt.Sprintf("%s-%d", w.id, round)
	}
	r.await(ctx, lifecycle.WaitsForModel, v.ID, w.limit)
	version, err := wait(ctx, r, w, a.AwaitVersion, activities.AwaitVersionInput{VersionInput: input, ID: v.ID}).get(ctx)
	if err != nil {
		return err
	}
	r.setVersion(version)
	return nil
}

func (r *run) setVersion(v activities.VersionResult) {
	r.report.Version, r.version, r.hours = &v.Report, v.Model, v.Hours
	r.report.Version.Taken = r.taken != nil
	r.report.Deleted = append(r.report.Deleted, v.Twins...)
}

// versionInput is the same for the create and for every later look, also after a reset.
func (r *run) versionInput(ctx workflow.Context) activities.VersionInput {
	var ids, contents []string
	for _, e := range r.trainingEntries() {
		found := e.found
		if slices.Contains(ids, found.ID) {
			r.noteOnce("dataset %s is named twice in training and is used once", found.DisplayName)
			continue
		}
		ids = append(ids, found.ID)
		contents = append(contents, found.Content)
	}
	input := activities.VersionInput{
		Scope:       r.scope,
		DisplayName: lifecycle.RunDisplayName(r.request.Name, workflow.GetInfo(ctx).WorkflowStartTime, r.scope.Run, lifecycle.StepTrain),
		Description: r.request.Description,
		BaseID:      r.base.Report.ID, BaseName: r.base.Report.DisplayName, CustomBase: r.base.Custom, DatasetIDs: ids,
		Input: lifecycle.InputMark(r.base.Report.ID, contents),
		Take:  &activities.TakeInput{Cause: r.cause, Force: r.request.Force, Lead: r.lead},
	}
	if m := r.serving.Champion; m != nil && m.Custom {
		input.Take.Champion, input.Take.ChampionExpires = m.ID, m.ExpiresAt
	}
	if r.report.ProjectID != nil {
		input.ProjectID = *r.report.ProjectID
	}
	return input
}

// takenNote says which version was taken, from when and from what base model: it was paid for then.
func takenNote(v lifecycle.Version, base string) string {
	text := "taken: " + v.DisplayName
	if v.CreatedAt != nil {
		text += ", trained on " + words.Day(*v.CreatedAt)
	}
	return text + " from " + base + ", paid for then; it was " + string(v.State)
}

func trainNote(v *lifecycle.VersionReport) string {
	if v.ExpiresAt == nil {
		return v.Status + ", the service gives no expiry date"
	}
	return fmt.Sprintf("%s, expires %s", v.Status, words.Day(*v.ExpiresAt))
}
