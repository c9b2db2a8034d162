package workflows

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// Plan says what would be done for a model now, and why. It changes nothing. Input is a request and result its plan, or
// several requests and a plan for each in their order.
func (w *Workflows) Plan(ctx workflow.Context, input json.RawMessage) (any, error) {
	requests, several, problems := decode.Plans(input)
	switch {
	case len(problems) > 0:
		return nil, ended(ctx, invalidRequest(problems))
	case several:
		plans, err := w.plans(ctx, requests)
		return plans, ended(ctx, err)
	}
	c, err := w.newCheck(ctx, input)
	if err != nil {
		return nil, ended(ctx, err)
	}
	plan, err := c.plan(ctx)
	return plan, ended(ctx, err)
}

// plans makes the plans of several requests side by side. One that could not be made has the failure in its place: it does
// not hide the others.
func (w *Workflows) plans(ctx workflow.Context, requests []json.RawMessage) ([]lifecycle.Plan, error) {
	whole, err := newQuietRun(ctx, w.options)
	if err != nil {
		return nil, err
	}
	plans, errs := make([]lifecycle.Plan, len(requests)), make([]error, len(requests))
	group := workflow.NewWaitGroup(ctx)
	for i, request := range requests {
		group.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer group.Done()
			report := lifecycle.NewReport("", "")
			one := &run{stages: &stages{report: &report, taskQueue: whole.taskQueue}, suffix: fmt.Sprintf("-%d", i)}
			plans[i], errs[i] = planOf(ctx, one, request)
		})
	}
	group.Wait(ctx)
	workflow.SetCurrentDetails(ctx, words.Count(len(requests), "plan"))
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return plans, nil
}

// planOf is the plan of one of several requests.
func planOf(ctx workflow.Context, r *run, request json.RawMessage) (lifecycle.Plan, error) {
	c, err := checkOf(ctx, r, request)
	if err == nil {
		var plan lifecycle.Plan
		if plan, err = c.plan(ctx); err == nil {
			return plan, nil
		}
	}
	if canceled(ctx, err) {
		return lifecycle.Plan{}, err
	}
	return lifecycle.NewPlan(r.request, lifecycle.Planned{Problem: lifecycle.Ptr(asFailure(err))}), nil
}

func (c *check) plan(ctx workflow.Context) (lifecycle.Plan, error) {
	if err := c.observe(ctx, "observe", false); err != nil {
		return lifecycle.Plan{}, err
	}
	planned := lifecycle.Planned{
		Observed: c.observed.Observed, InUse: c.observed.InUse, Due: c.due, Alarms: c.alarms, Resource: c.observed.Resource,
	}
	_, err := do(ctx, c.run, "check-service", "Read what the service can train", a.CheckService, c.scope)
	if planned.Problem, err = refusalOf(err); err != nil {
		return lifecycle.Plan{}, err
	}
	if planned.Problem == nil {
		if err := c.planBase(ctx, &planned); err != nil {
			return lifecycle.Plan{}, err
		}
	}
	plan := lifecycle.NewPlan(c.request, planned)
	if text := lifecycle.RegionNote(c.scope.Resource); text != "" {
		plan.Notes = append(plan.Notes, text)
	}
	if c.suffix == "" {
		c.title = "plan of " + c.request.Title()
		workflow.SetCurrentDetails(ctx, planDetails(plan))
	}
	return plan, nil
}

// planBase chooses the base model as a retrain would.
func (c *check) planBase(ctx workflow.Context, planned *lifecycle.Planned) error {
	input := activities.BaseInput{
		Scope: c.scope, Spec: c.request.BaseModel, Kinds: c.kinds(), Deploy: c.request.Deploy != nil,
		Family: lifecycle.WantedFamily(c.request.BaseModel, c.observed.ChampionBase()),
	}
	if c.due.Due {
		input.TriedInVain = c.due.PassedOver // as the retrain passes them over
	}
	base, err := do(ctx, c.run, "choose-base", "Choose the base model", a.ChooseBase, input)
	problem, err := refusalOf(err)
	if err != nil {
		return err
	}
	if problem != nil {
		planned.Problem, planned.Refused = problem, problem.Refused
		problem.Refused = nil
		return nil
	}
	planned.Base, planned.Report, planned.Refused = &base.Model, &base.Report, base.Refused
	return nil
}

// kinds are those of the training data, as far as they are known.
func (c *check) kinds() []lifecycle.DatasetKind {
	var kinds []lifecycle.DatasetKind
	for _, d := range c.observed.Training {
		if d.Kind != "" {
			kinds = append(kinds, d.Kind)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// refusalOf tells what a retrain would be refused for, which is part of a plan, from a failure of the
// plan itself.
func refusalOf(err error) (*lifecycle.Failure, error) {
	f, ok := errors.AsType[*failed](err)
	if !ok {
		return nil, err
	}
	switch f.failure.Type {
	case lifecycle.InvalidRequest, lifecycle.NoUsableBaseModel:
		return lifecycle.Ptr(f.failure), nil
	default:
		return nil, err
	}
}
