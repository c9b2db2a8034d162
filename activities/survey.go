package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/temporal"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// SurveyInput is the run that is about to begin. Run of its scope is that of Temporal alone: the home is this worker's to
// tell.
type SurveyInput struct {
	Scope
	Request lifecycle.Request `json:"request"`
	// Cause is why Renew started the run; empty when a person did.
	Cause string `json:"cause,omitempty"`
}

// Surveyed is what a run has to know before it makes anything.
type Surveyed struct {
	Service  Service        `json:"service"`
	Swept    SweepResult    `json:"swept"`
	Champion ChampionResult `json:"champion"`
	// Data are the data of the request in its order, training first; empty with DataFault, which says why one cannot be
	// used.
	Data      []DataFound        `json:"data"`
	DataFault *lifecycle.Failure `json:"dataFault,omitempty"`
	// Room refuses the run for want of room on the resource; nil when there is.
	Room *lifecycle.Failure `json:"room,omitempty"`
	// Base is the model to train from; nil with BaseFault, which says why there is none.
	Base      *BaseResult        `json:"base,omitempty"`
	BaseFault *lifecycle.Failure `json:"baseFault,omitempty"`
	// Lead is how long before its expiry a version of the model is due again.
	Lead lifecycle.Duration `json:"lead,omitempty"`
	// Dates are those of what serves the model.
	Dates lifecycle.Dates `json:"dates,omitzero"`
	// PassedOver are base models that the run passes over, because their input was tried in vain.
	PassedOver []lifecycle.Refusal `json:"passedOver,omitempty"`
}

// Survey reads in one go, out of the listing, what a run has to know: which resource and locale, what serves, its data, the
// room for what has to be created, and the model to train from. Before that it clears away what earlier runs left, which
// may change what serves. What it refuses for its own reasons it returns, so that the run can say first what is wrong
// with the request.
func (a *Activities) Survey(ctx context.Context, in SurveyInput) (Surveyed, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return Surveyed{}, err
	}
	var seen Surveyed
	if seen.Service, err = a.checkService(ctx, in.Scope); err != nil {
		return Surveyed{}, err
	}
	s := in.Scope
	s.Resource, s.Run = seen.Service.Resource, lifecycle.RunMark(seen.Service.Home, s.Run)
	sweep := SweepInput{Scope: s, Heal: &HealInput{Deploy: in.Request.Limits.Deploy}, Request: lifecycle.Ptr(lifecycle.LiveOf(in.Request))}
	champion := ChampionInput{Scope: s}
	if d := in.Request.Deploy; d != nil {
		sweep.Heal.Endpoint, champion.Endpoint, champion.TakeOver = d.Endpoint, d.Endpoint, d.TakeOver
	}
	if seen.Swept, err = a.sweepPass(ctx, sweep); err != nil {
		return Surveyed{}, err
	}
	if seen.Champion, err = a.findChampion(ctx, champion); err != nil {
		return Surveyed{}, err
	}
	seen.Data, err = a.findAll(ctx, s, in.Request)
	if seen.DataFault, err = refused(err); err != nil || seen.DataFault != nil {
		return seen, err
	}
	if seen.Room, err = refused(a.checkRoom(ctx, roomFor(s, in.Request, seen))); err != nil {
		return Surveyed{}, err
	}
	want := BaseInput{
		Scope: s, Spec: in.Request.BaseModel, Kinds: trainingKinds(in.Request, seen.Data), Deploy: in.Request.Deploy != nil,
		Family: lifecycle.WantedFamily(in.Request.BaseModel, seen.Champion.Base),
	}
	if err := a.passOver(ctx, s, in, want, &seen); err != nil {
		return Surveyed{}, err
	}
	want.TriedInVain = seen.PassedOver
	base, err := a.chooseBase(ctx, want)
	if seen.BaseFault, err = refused(err); err != nil {
		return Surveyed{}, err
	}
	if seen.BaseFault == nil {
		seen.Base = &base
	}
	return seen, nil
}

// passOver adds the base models that a run for an expiry passes over, as the check that started it did, the model's lead, and
// the dates of what serves.
func (a *Activities) passOver(ctx context.Context, s Scope, in SurveyInput, want BaseInput, seen *Surveyed) error {
	l, err := a.lookOnly(ctx, speech.KindModel)
	if err == nil {
		l, err = a.addBases(ctx, l, a.lately(), s.Locale)
	}
	if err != nil {
		return classify(err, subject{class: lifecycle.InvalidRequest, object: "model " + s.Model, next: "try again"})
	}
	o := lifecycle.Observed{Now: l.observedAt, Owner: a.owner, Versions: l.versionsOf(s), Serving: seen.Champion.Champion, Bases: l.basesOf(s.Locale)}
	if e := seen.Champion.Endpoint; e != nil {
		o.Endpoint = &lifecycle.ObservedEndpoint{ID: e.ID, DisplayName: e.DisplayName, ModelID: e.ModelID}
	}
	for i, d := range seen.Data {
		data := lifecycle.ObservedData{Content: d.Content}
		if i < len(in.Request.Training) {
			o.Training = append(o.Training, data)
		} else {
			o.Tests = append(o.Tests, data)
		}
	}
	undecided, err := a.undecided(ctx, o.Versions)
	if err != nil {
		return err
	}
	known(o.Versions, undecided)
	if o.Pilot, err = a.pilot(ctx, l, s, in.Request, true); err != nil {
		return classify(err, subject{class: lifecycle.InvalidRequest, object: "pilot " + in.Request.Renew.Pilot, next: "try again"})
	}
	p := lifecycle.ProspectOf(o, in.Request, in.Cause)
	seen.Lead, seen.Dates = p.Lead, o.Dates(in.Request)
	seen.PassedOver = lifecycle.PassOver(p, lifecycle.BaseQuestion{
		Locale: s.Locale, Kinds: want.Kinds, MinAge: want.Spec.MinAge, Deny: want.Spec.Deny, Deploy: want.Deploy, Family: want.Family, Now: o.Now,
	})
	return nil
}

// dataOf are the data of a request by where they stand in it, training first.
func dataOf(s Scope, r lifecycle.Request) []DataInput {
	var all []DataInput
	for i, d := range r.Training {
		all = append(all, DataInput{Scope: s, Path: fmt.Sprintf("training[%d]", i), Data: d})
	}
	for i, t := range r.Tests {
		all = append(all, DataInput{Scope: s, Path: fmt.Sprintf("tests[%d]", i), Data: t.Data})
	}
	return all
}

// findAll looks all data up, side by side: a server of data may take its time. Of several failures it is the first in
// the request.
func (a *Activities) findAll(ctx context.Context, s Scope, r lifecycle.Request) ([]DataFound, error) {
	all := dataOf(s, r)
	found, errs := make([]DataFound, len(all)), make([]error, len(all))
	var group errgroup.Group
	for i, d := range all {
		group.Go(func() error {
			defer speech.Alive(ctx)
			found[i], errs[i] = a.findData(ctx, d)
			return nil
		})
	}
	_ = group.Wait() // what failed is in errs
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// roomFor is what a run would have to create.
func roomFor(s Scope, r lifecycle.Request, seen Surveyed) RoomInput {
	in := RoomInput{Scope: s}
	if r.Deploy != nil && seen.Champion.Endpoint == nil {
		in.Endpoint = r.Deploy.Endpoint
	}
	for i, d := range dataOf(s, r) {
		if seen.Data[i].ID == "" {
			in.Data = append(in.Data, RoomData{Path: d.Path, Label: d.Data.Label(), Found: seen.Data[i]})
		}
	}
	return in
}

// trainingKinds are the kinds of the training data, each once.
func trainingKinds(r lifecycle.Request, found []DataFound) []lifecycle.DatasetKind {
	var kinds []lifecycle.DatasetKind
	for _, d := range found[:len(r.Training)] {
		kinds = append(kinds, d.Kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// refused tells a refusal, which will be the same the next time, from an error that may pass by itself.
func refused(err error) (*lifecycle.Failure, error) {
	var application *temporal.ApplicationError
	var f lifecycle.Failure
	if errors.As(err, &application) && application.NonRetryable() && application.HasDetails() && application.Details(&f) == nil {
		return &f, nil
	}
	return nil, err
}
