package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// BaseInput asks for the model to train from.
type BaseInput struct {
	Scope
	Spec lifecycle.BaseSpec `json:"spec"`
	// Kinds are the kinds of the training data.
	Kinds []lifecycle.DatasetKind `json:"kinds"`
	// Deploy tells that the version is meant for an endpoint.
	Deploy bool `json:"deploy,omitempty"`
	// Family is the family that latest chooses from (lifecycle.WantedFamily); empty for the ordinary base models.
	Family string `json:"family,omitempty"`
	// PassedOver are models that the service would not train from a moment ago.
	PassedOver []lifecycle.Refusal `json:"passedOver,omitempty"`
	// TriedInVain are models whose input was tried already, and is not tried again for an expiry.
	TriedInVain []lifecycle.Refusal `json:"triedInVain,omitempty"`
}

// BaseResult is the model to train from. Custom tells a custom model from one of Microsoft's.
type BaseResult struct {
	Report  lifecycle.BaseReport `json:"report"`
	Custom  bool                 `json:"custom"`
	Refused []lifecycle.Refusal  `json:"refused"`
	// Model is the chosen model as the rules see it.
	Model      lifecycle.Model `json:"model"`
	ObservedAt time.Time       `json:"observedAt"`
}

// ChooseBase lists the base models of the locale and returns the one that lifecycle chooses, or judges
// the one that the request names (Models_ListBaseModels, Models_GetBaseModel, Models_GetCustomModel).
func (a *Activities) ChooseBase(ctx context.Context, in BaseInput) (BaseResult, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return BaseResult{}, err
	}
	return a.chooseBase(ctx, in)
}

func (a *Activities) chooseBase(ctx context.Context, in BaseInput) (BaseResult, error) {
	about := subject{class: lifecycle.NoUsableBaseModel, object: "base models of " + in.Locale, next: "check baseModel in the request"}
	q := lifecycle.BaseQuestion{
		Locale: in.Locale, Kinds: in.Kinds, MinAge: in.Spec.MinAge, Deny: in.Spec.Deny,
		Deploy: in.Deploy, Family: in.Family, PassedOver: slices.Concat(in.TriedInVain, in.PassedOver),
	}
	var choice lifecycle.BaseChoice
	if in.Spec.Choose == lifecycle.Latest {
		notBefore := a.lately()
		if len(in.PassedOver) > 0 {
			notBefore = time.Now() // what was listed has just turned out to be wrong
		}
		list, now, err := a.bases(ctx, in.Locale, notBefore)
		if err != nil {
			return BaseResult{}, classify(err, about)
		}
		q.Now = now
		choice = lifecycle.ChooseBase(list, q)
	} else {
		model, meta, err := a.pinned(ctx, in.Spec.Choose)
		if err != nil {
			return BaseResult{}, err
		}
		q.Now, q.Family = meta.ObservedAt, in.Spec.Family
		choice = lifecycle.PinnedBase(model, q)
	}
	if choice.Model == nil {
		return BaseResult{}, refuse(lifecycle.Failure{
			Type: lifecycle.NoUsableBaseModel, Message: choice.Reason + reasons(choice.Refused), Refused: choice.Refused,
			Object: &about.object,
			Next: lifecycle.Ptr("leave out training data that no base model can be trained with, or relax baseModel (minAge, deny, the named " +
				"model), then start the run again"),
		})
	}
	m := *choice.Model
	return BaseResult{
		Custom: m.Custom, Model: m, Refused: choice.Refused, ObservedAt: q.Now,
		Report: lifecycle.BaseReport{
			ID: m.ID, DisplayName: m.DisplayName, Family: lifecycle.Text(lifecycle.Family(m)), CreatedAt: stamp(m.CreatedAt),
			AdaptationEndsAt: m.AdaptationEndsAt, Charged: m.Charged, Reason: choice.Reason,
		},
	}, nil
}

// pinned reads the model that the request names: a URL says of which kind it is, a bare ID is tried as
// base, then as custom model.
func (a *Activities) pinned(ctx context.Context, choose string) (lifecycle.Model, speech.Meta, error) {
	kinds := []speech.Kind{speech.KindBaseModel, speech.KindModel}
	n, err := speech.ReadName(choose, kinds...)
	if err != nil || !n.Exact() {
		return lifecycle.Model{}, speech.Meta{}, missingModel(choose)
	}
	id := n.ID
	if n.Kind != "" {
		kinds = []speech.Kind{n.Kind}
	}
	var m lifecycle.Model
	var meta speech.Meta
	err = a.insist(ctx, func() (err error) {
		for _, kind := range kinds {
			if m, meta, err = a.model(ctx, kind, id); !speech.IsNotFound(err) {
				return err
			}
		}
		return err
	})
	if speech.IsNotFound(err) {
		return lifecycle.Model{}, speech.Meta{}, missingModel(id)
	}
	return m, meta, classify(err, subject{
		class: lifecycle.InvalidRequest, object: "model " + id,
		next: "check baseModel in the request, then start the run again",
	})
}

func (a *Activities) model(ctx context.Context, kind speech.Kind, id string) (lifecycle.Model, speech.Meta, error) {
	if kind == speech.KindBaseModel {
		m, meta, err := a.speech.GetBaseModel(ctx, id)
		return baseModel(m), meta, err
	}
	m, meta, err := a.speech.GetModel(ctx, id)
	return customModel(m), meta, err
}

func missingModel(id string) error {
	message := fmt.Sprintf("the service has neither a base nor a custom model %s", id)
	return refuse(lifecycle.Failure{
		Type: lifecycle.InvalidRequest, Message: message, Object: lifecycle.Ptr("model " + id),
		Next:     lifecycle.Ptr("set baseModel to latest, or to the ID of a model of this resource, then start the run again"),
		Problems: []lifecycle.Problem{{Path: "baseModel", Message: message}},
	})
}

// shownReasons is how many refused models a message names; the failure's details hold them all.
const shownReasons = 5

func reasons(refused []lifecycle.Refusal) string {
	var b strings.Builder
	for i, r := range refused {
		if i == shownReasons {
			fmt.Fprintf(&b, "; and %d more", len(refused)-i)
			break
		}
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%s%s: %s", sep, r.DisplayName, r.Reason)
	}
	return b.String()
}
