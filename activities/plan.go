package activities

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// PlanInput asks what would be done for one model now, and why.
type PlanInput struct {
	Scope
	Request lifecycle.Request `json:"request"`
}

// PlansInput asks the same for several models.
type PlansInput struct {
	Plans []PlanInput `json:"plans"`
}

// PlansMade are the plans of several models in the order in which they were asked for; nil for one that could not be made
// this time.
type PlansMade struct {
	Plans []*lifecycle.Plan `json:"plans"`
}

// PlanModel says what would be done for a model now. It changes nothing.
func (a *Activities) PlanModel(ctx context.Context, in PlanInput) (lifecycle.Plan, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return lifecycle.Plan{}, err
	}
	return a.planModel(ctx, in)
}

// PlanModels says what would be done for several models now, out of one look at the resource. What a single model's own
// requests fail with leaves the others alone: that plan is missing, and PlanModel takes its time for it.
func (a *Activities) PlanModels(ctx context.Context, in PlansInput) (PlansMade, error) {
	ctx, err := a.begin(ctx, in.Plans[0].Scope)
	if err != nil {
		return PlansMade{}, err
	}
	// What all need comes first: without it each would fail for itself.
	if _, err := a.look(ctx); err != nil {
		return PlansMade{}, classify(err, subject{class: lifecycle.InvalidRequest, object: "models of " + a.speech.Resource(), next: "try again"})
	}
	made := PlansMade{Plans: make([]*lifecycle.Plan, len(in.Plans))}
	var group errgroup.Group
	group.SetLimit(askedAtOnce)
	for i, one := range in.Plans {
		group.Go(func() error {
			defer speech.Alive(ctx)
			if plan, err := a.planModel(ctx, one); err == nil {
				made.Plans[i] = &plan
			}
			return ctx.Err()
		})
	}
	return made, group.Wait()
}

func (a *Activities) planModel(ctx context.Context, in PlanInput) (lifecycle.Plan, error) {
	seen, err := a.observeModel(ctx, ObserveModelInput{Scope: in.Scope, Request: in.Request})
	if err != nil {
		return lifecycle.Plan{}, err
	}
	p := lifecycle.Planned{Observed: seen.Observed, InUse: seen.InUse, Due: lifecycle.Due(seen.Observed, in.Request), Resource: seen.Resource}
	p.Alarms, _ = lifecycle.Alarms(seen.Observed, in.Request, lifecycle.AlarmMark(seen.Observed))
	_, err = a.checkService(ctx, in.Scope)
	if p.Problem, err = planned(err); err != nil {
		return lifecycle.Plan{}, err
	}
	if p.Problem == nil {
		if err := a.planBase(ctx, in, &p); err != nil {
			return lifecycle.Plan{}, err
		}
	}
	return lifecycle.NewPlan(in.Request, p), nil
}

// planBase chooses the base model as a retrain would.
func (a *Activities) planBase(ctx context.Context, in PlanInput, p *lifecycle.Planned) error {
	input := BaseInput{
		Scope: in.Scope, Spec: in.Request.BaseModel, Kinds: kindsOf(p.Observed.Training), Deploy: in.Request.Deploy != nil,
		Family: lifecycle.WantedFamily(in.Request.BaseModel, p.Observed.ChampionBase()),
	}
	if p.Due.Due {
		input.TriedInVain = p.Due.PassedOver // as the retrain passes them over
	}
	base, err := a.chooseBase(ctx, input)
	if p.Problem, err = planned(err); err != nil {
		return err
	}
	if p.Problem != nil {
		p.Refused, p.Problem.Refused = p.Problem.Refused, nil
		return nil
	}
	p.Base, p.Report, p.Refused = &base.Model, &base.Report, base.Refused
	return nil
}

// kindsOf are the kinds of training data as far as they are known, each once.
func kindsOf(training []lifecycle.ObservedData) []lifecycle.DatasetKind {
	var kinds []lifecycle.DatasetKind
	for _, d := range training {
		if d.Kind != "" {
			kinds = append(kinds, d.Kind)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// planned tells what a retrain would be refused for, which is part of a plan, from a failure of the plan itself.
func planned(err error) (*lifecycle.Failure, error) {
	f, other := refused(err)
	if f != nil && f.Type != lifecycle.InvalidRequest && f.Type != lifecycle.NoUsableBaseModel {
		return nil, err
	}
	return f, other
}
