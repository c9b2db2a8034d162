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
	if err == nil {
		c.title = "plan of " + c.request.Title()
		workflow.SetCurrentDetails(ctx, planDetails(plan))
	}
	return plan, ended(ctx, err)
}

// plans makes the plans of several requests in one look. One that could not be made has the failure in its place: it does
// not hide the others.
func (w *Workflows) plans(ctx workflow.Context, requests []json.RawMessage) ([]lifecycle.Plan, error) {
	whole, err := newQuietRun(ctx, w.options)
	if err != nil {
		return nil, err
	}
	plans := make([]lifecycle.Plan, len(requests))
	var at []int
	var asked []*check
	for i, request := range requests {
		report := lifecycle.NewReport("", "")
		one := &run{stages: &stages{report: &report, taskQueue: whole.taskQueue}, suffix: fmt.Sprintf("-%d", i)}
		c, err := checkOf(ctx, one, request)
		if err != nil {
			plans[i] = unplanned(one.request, err)
			continue
		}
		at, asked = append(at, i), append(asked, c)
	}
	made, err := whole.planAll(ctx, asked)
	if err != nil {
		return nil, err
	}
	for n, plan := range made {
		plans[at[n]] = plan
	}
	workflow.SetCurrentDetails(ctx, plansDetails(plans))
	return plans, nil
}

// planAll makes the plans of several checks. The error is a cancellation.
func (r *run) planAll(ctx workflow.Context, checks []*check) ([]lifecycle.Plan, error) {
	plans, errs := make([]lifecycle.Plan, len(checks)), make([]error, len(checks))
	if len(checks) == 0 {
		return plans, nil
	}
	var input activities.PlansInput
	for _, c := range checks {
		input.Plans = append(input.Plans, activities.PlanInput{Scope: c.scope, Request: c.request})
		// The most patient of the requests says how long: the answer is one for all.
		r.request.Limits.Unavailable = max(r.request.Limits.Unavailable, c.request.Limits.Unavailable)
		if c.until.After(r.until) {
			r.until = c.until
		}
	}
	made, err := do(ctx, r, "plan", "Say what would be done for "+words.Count(len(checks), "model"), a.PlanModels, input)
	if err != nil && canceled(ctx, err) {
		return nil, err
	}
	group := workflow.NewWaitGroup(ctx)
	for i, c := range checks {
		if errs[i] = err; err != nil {
			continue
		}
		if plan := made.Plans[i]; plan != nil {
			plans[i] = *plan
			continue
		}
		// What its own requests failed with is tried again for as long as it says.
		group.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer group.Done()
			plans[i], errs[i] = c.plan(ctx)
		})
	}
	group.Wait(ctx)
	for i, err := range errs {
		if err != nil && canceled(ctx, err) {
			return nil, err
		}
		if err != nil {
			plans[i] = unplanned(checks[i].request, err)
		}
	}
	return plans, nil
}

// unplanned is a plan that could not be made.
func unplanned(request lifecycle.Request, err error) lifecycle.Plan {
	return lifecycle.NewPlan(request, lifecycle.Planned{Problem: lifecycle.Ptr(asFailure(err))})
}

// plan says what would be done for the model.
func (c *check) plan(ctx workflow.Context) (lifecycle.Plan, error) {
	return do(ctx, c.run, "plan", "Say what would be done for the model", a.PlanModel, activities.PlanInput{Scope: c.scope, Request: c.request})
}
