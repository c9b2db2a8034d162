package workflows

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// call runs one short activity of this run.
func (r *retrain) call(ctx workflow.Context, id, summary string, activity, input, result any) error {
	limit := r.request.Limits.Unavailable
	ctx = workflow.WithActivityOptions(ctx, short(limit.Std(), id, summary))
	err := workflow.ExecuteActivity(ctx, activity, input).Get(ctx, result)
	return stepError(ctx, err, summary, r.trying())
}

// trying is the budget of a step that is not a wait.
func (r *retrain) trying() activities.Budget {
	return activities.Budget{Limit: r.request.Limits.Unavailable, Field: "limits.unavailable"}
}

// validate reads the request, checks it against the service, clears away what earlier runs abandoned,
// and looks every data set up. Nothing is created.
func (r *retrain) validate(ctx workflow.Context, input json.RawMessage) error {
	request, problems := DecodeRequest(input)
	r.request = request
	r.report.Name, r.report.Locale = request.Name, request.Locale
	if len(problems) > 0 {
		return invalidRequest(problems)
	}
	if err := r.checkID(ctx); err != nil {
		return err
	}
	r.title = request.Title()
	r.scope = activities.Scope{Model: request.Name, Run: runOf(ctx), Locale: request.Locale}
	r.upsert(ctx, attributeModel.ValueSet(request.Name), attributeLocale.ValueSet(request.Locale))
	var service activities.Service
	if err := r.call(ctx, "check-service", "Read what the service can train", a.CheckService, r.scope, &service); err != nil {
		return err
	}
	r.scope.Resource = service.Resource
	r.report.Resource = &service.Resource
	if text := lifecycle.ClockNote(service.ObservedAt, service.WorkerAt, service.LocalClock); text != "" {
		r.note("%s", text)
	}
	if err := r.clear(ctx); err != nil {
		return err
	}
	return r.findData(ctx)
}

// invalidRequest is the failure of a request that cannot be used, with everything that is wrong.
func invalidRequest(problems []lifecycle.Problem) error {
	lines := make([]string, 0, len(problems))
	next := "correct the request and start the run again"
	for _, p := range problems {
		lines = append(lines, p.String())
		if p.Secret {
			next = "the signed URL is now kept in Temporal's history: revoke it at once; then correct the request and start the run again"
		}
	}
	return &failed{failure: lifecycle.Failure{
		Type: lifecycle.InvalidRequest, Message: "the request cannot be used: " + strings.Join(lines, "; "),
		Object: lifecycle.Ptr("request"), Next: &next, Problems: problems,
	}}
}

// checkID refuses any other workflow ID: it is what keeps two retrains of one model apart.
func (r *retrain) checkID(ctx workflow.Context) error {
	want, have := RetrainID(r.request.Name), workflow.GetInfo(ctx).WorkflowExecution.ID
	if have == want {
		return nil
	}
	message := fmt.Sprintf("the workflow ID must be %s, not %s: it keeps two retrains of one model apart", want, have)
	return &failed{failure: lifecycle.Failure{
		Type: lifecycle.InvalidRequest, Message: message, Object: lifecycle.Ptr("workflow " + have), Problems: []lifecycle.Problem{},
		Next: lifecycle.Ptr(fmt.Sprintf("temporal workflow start --type %s --task-queue %s --workflow-id %s --input-file request.json", TypeRetrain, r.taskQueue, want)),
	}}
}

// clear removes what earlier runs abandoned, without waiting, and reads the champion.
func (r *retrain) clear(ctx workflow.Context) error {
	var swept activities.SweepResult
	if err := r.call(ctx, "sweep", "Remove abandoned versions", a.SweepPass, r.scope, &swept); err != nil {
		return err
	}
	r.report.Deleted = append(r.report.Deleted, swept.Deleted...)
	for _, refused := range swept.Refused {
		r.note("abandoned version %s (%s) stays: %s", refused.DisplayName, refused.ID, refused.Reason)
	}
	var champion activities.ChampionResult
	if err := r.call(ctx, "find-champion", "Read the champion", a.FindChampion, r.scope, &champion); err != nil {
		return err
	}
	r.report.Champion = champion.Champion
	return nil
}

// findData looks every data set of the request up, side by side.
func (r *retrain) findData(ctx workflow.Context) error {
	limit := r.request.Limits.Unavailable
	futures := make([]workflow.Future, 0, len(r.request.Training))
	for i, data := range r.request.Training {
		options := workflow.WithActivityOptions(ctx, short(limit.Std(), fmt.Sprintf("find-data-%d", i), "Look up "+data.Label()))
		futures = append(futures, workflow.ExecuteActivity(options, a.FindData, r.dataInput(i)))
	}
	r.training = make([]activities.DataFound, len(futures))
	for i, future := range futures {
		err := future.Get(ctx, &r.training[i])
		if err = stepError(ctx, err, "Look up "+r.request.Training[i].Label(), r.trying()); err != nil {
			return err
		}
		if text := r.training[i].Note; text != "" {
			r.note("%s", text)
		}
	}
	return nil
}

func (r *retrain) dataInput(i int) activities.DataInput {
	return activities.DataInput{Scope: r.scope, Path: fmt.Sprintf("training[%d]", i), Data: r.request.Training[i]}
}

func (r *retrain) ensureProject(ctx workflow.Context) error {
	if r.request.Project == "" {
		r.say("no project")
		return nil
	}
	var project activities.ProjectResult
	input := activities.ProjectInput{Scope: r.scope, Project: r.request.Project}
	if err := r.call(ctx, "ensure-project", "Find or create the project", a.EnsureProject, input, &project); err != nil {
		return err
	}
	if project.Note != "" {
		r.note("%s", project.Note)
	}
	switch {
	case project.ID == "":
		r.say("no projects in this API version")
		return nil
	case project.Created:
		r.say("created %s", r.request.Project)
	default:
		r.say("found %s", r.request.Project)
	}
	r.report.ProjectID = &project.ID
	return nil
}

func (r *retrain) chooseBase(ctx workflow.Context) error {
	kinds := make([]string, 0, len(r.training))
	for _, found := range r.training {
		kinds = append(kinds, found.Kind)
	}
	slices.Sort(kinds)
	kinds = slices.Compact(kinds)
	input := activities.BaseInput{Scope: r.scope, Spec: r.request.BaseModel, Kinds: kinds}
	if err := r.call(ctx, "choose-base", "Choose the base model", a.ChooseBase, input, &r.base); err != nil {
		return err
	}
	r.report.BaseModel = &r.base.Report
	r.report.BaseModelsRefused = r.base.Refused
	r.say("%s", r.base.Report.DisplayName)
	if text := lifecycle.AudioNote(r.scope.Resource, kinds); text != "" {
		r.note("%s", text)
	}
	return nil
}
