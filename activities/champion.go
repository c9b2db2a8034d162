package activities

import (
	"context"
	"fmt"
	"slices"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// ChampionInput names the model, and the endpoint that serves it as the request gives it; empty when
// the model has none.
type ChampionInput struct {
	Scope
	Endpoint string `json:"endpoint,omitempty"`
	// TakeOver names the model from which the endpoint is taken over; empty = none.
	TakeOver string `json:"takeOver,omitempty"`
	// Fresh asks for the endpoint as it is now, since it is about to be changed.
	Fresh bool `json:"fresh,omitempty"`
	// Fallback asks for what would serve otherwise, too.
	Fallback bool `json:"fallback,omitempty"`
}

// ChampionResult is what serves now. Each part is nil when there is none.
type ChampionResult struct {
	Endpoint *EndpointSeen    `json:"endpoint"`
	Champion *lifecycle.Model `json:"champion"`
	// Base is the base model that the champion was trained from.
	Base *lifecycle.Model `json:"base"`
	// Own tells that the run's own version serves already, as after a reset behind its deployment. Champion is then
	// the one before it.
	Own bool `json:"own,omitempty"`
	// Unserved tells that the endpoint refers to a version of the model whose deployment failed: nothing serves.
	Unserved bool `json:"unserved,omitempty"`
	// TakesOver is the model from which the endpoint is taken over now; empty when it is not, or no longer.
	TakesOver string `json:"takesOver,omitempty"`
	// Note says what an operator should know: that the endpoint's model is gone.
	Note       string    `json:"note,omitempty"`
	ObservedAt time.Time `json:"observedAt"`
	// Best are the best word error rates that champions of the model ever had, as their marks say.
	Best []lifecycle.BestRate `json:"best,omitempty"`
	// Fallback is the base model that the service would serve with otherwise, when it was asked for; nil when the locale
	// has none.
	Fallback *lifecycle.Model `json:"fallback,omitempty"`
}

// FindChampion reads what serves: the model that the endpoint refers to, whoever made it; without an
// endpoint the newest Succeeded version of ours that is marked champion. A version is never compared with itself: when
// it is the run's own, the champion is the one before it. An endpoint that cannot be used is
// refused (Endpoints_Get, Endpoints_List, Models_GetCustomModel, Models_GetBaseModel).
func (a *Activities) FindChampion(ctx context.Context, in ChampionInput) (ChampionResult, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return ChampionResult{}, err
	}
	result, err := a.findChampion(ctx, in)
	if err != nil || !in.Fallback {
		return result, err
	}
	bases, now, err := a.bases(ctx, in.Locale, a.lately())
	if err != nil {
		return ChampionResult{}, classify(err, subject{class: lifecycle.EvaluationFailed, object: "base models of " + in.Locale, next: "start the run again"})
	}
	result.Fallback = lifecycle.Fallback(bases, in.Locale, now)
	return result, nil
}

func (a *Activities) findChampion(ctx context.Context, in ChampionInput) (ChampionResult, error) {
	if in.Endpoint == "" {
		return a.markedChampion(ctx, in.Scope)
	}
	about := endpointSubject(in.Endpoint)
	look := a.look
	if in.Fresh {
		look = func(ctx context.Context, _ ...string) (*listing, error) {
			return a.lookNow(ctx, speech.KindEndpoint, speech.KindModel)
		}
	}
	l, err := look(ctx)
	if err != nil {
		return ChampionResult{}, classify(err, about)
	}
	e, found, err := a.endpoint(ctx, in, l, about)
	if err != nil || !found {
		return ChampionResult{ObservedAt: l.observedAt, Best: lifecycle.BestOfChampions(l.versionsOf(in.Scope), in.Run)}, err
	}
	facts := endpointFacts(e)
	result := ChampionResult{Endpoint: endpointSeen(e), ObservedAt: l.observedAt}
	var model *lifecycle.Model
	var marks map[string]string
	if e.Model != nil {
		kind, id := e.Model.Kind(), e.Model.ID()
		if id == "" {
			return ChampionResult{}, refuseEndpoint(in.Endpoint, fmt.Sprintf("endpoint %q refers to something that is no model", speech.Clean(e.DisplayName)))
		}
		known := l
		if in.Fallback || in.Fresh {
			// It is about to be measured, or replaced: it may be gone since it was listed, or another model's champion.
			known = &listing{}
		}
		if model, marks, err = a.anyModel(ctx, known, kind, id); err != nil {
			return ChampionResult{}, classify(err, about)
		}
		if model == nil {
			result.Note = fmt.Sprintf("endpoint %q refers to model %s, which no longer exists: it serves the bare base model", speech.Clean(e.DisplayName), id)
		}
		facts.ServesModel = championMark(marks, a.owner)
	}
	if fault := lifecycle.RefuseEndpoint(facts, in.Model, in.Locale, a.owner, in.TakeOver); fault != "" {
		return ChampionResult{}, refuseEndpoint(in.Endpoint, fmt.Sprintf("endpoint %q (%s) %s", speech.Clean(e.DisplayName), e.ID(), fault))
	}
	result.TakesOver = lifecycle.TakesOver(facts, in.Model, in.TakeOver)
	result.Best = lifecycle.BestOfChampions(l.versionsOf(in.Scope), in.Run)
	if model == nil {
		return result, nil
	}
	if l.neverServed(e, in.Scope) {
		before, err := a.servedBefore(ctx, l, in.Scope)
		before.Endpoint, before.Unserved, before.TakesOver = result.Endpoint, true, result.TakesOver
		return before, err
	}
	if lifecycle.Ours(marks, a.owner) && lifecycle.SameRun(marks[lifecycle.MarkRun], in.Run) {
		before, err := a.servedBefore(ctx, l, in.Scope)
		before.Endpoint, before.Own, before.TakesOver = result.Endpoint, true, result.TakesOver
		return before, err
	}
	result.Champion = model
	result.Base, err = a.baseOf(ctx, *model)
	return result, classify(err, about)
}

// anyModel is a base or custom model with its marks, as it was listed, else as the service has it; nil when it does not
// exist.
func (a *Activities) anyModel(ctx context.Context, l *listing, kind speech.Kind, id string) (*lifecycle.Model, map[string]string, error) {
	if kind == speech.KindBaseModel {
		m, _, err := insistent(a, a.speech.GetBaseModel)(ctx, id)
		if speech.IsNotFound(err) {
			return nil, nil, nil
		}
		return lifecycle.Ptr(baseModel(m)), nil, err
	}
	if m, ok := l.model(id); ok {
		return lifecycle.Ptr(customModel(m)), m.CustomProperties, nil
	}
	m, _, err := insistent(a, a.speech.GetModel)(ctx, id)
	if speech.IsNotFound(err) {
		return nil, nil, nil
	}
	return lifecycle.Ptr(customModel(m)), m.CustomProperties, err
}

// endpoint finds the endpoint of a request. One that is named by its ID or URL and does not exist is refused: nothing
// may be created under that name.
func (a *Activities) endpoint(ctx context.Context, in ChampionInput, l *listing, about subject) (speech.Endpoint, bool, error) {
	n, err := speech.ReadName(in.Endpoint, speech.KindEndpoint)
	if err != nil {
		return speech.Endpoint{}, false, refuseEndpoint(in.Endpoint, "the endpoint that the request names "+err.Error())
	}
	found, err := lookUp(ctx, n, l.endpoints, insistent(a, a.speech.GetEndpoint), a.speech.Endpoints)
	switch {
	case err != nil:
		return speech.Endpoint{}, false, classify(err, about)
	case len(found) > 1:
		return speech.Endpoint{}, false, refuseEndpoint(in.Endpoint,
			fmt.Sprintf("there are %d endpoints named %q: name one by its ID", len(found), in.Endpoint))
	case len(found) == 1 && !in.Fresh:
		return found[0], true, nil
	case len(found) == 1:
		// A list may show what was before.
		e, _, err := insistent(a, a.speech.GetEndpoint)(ctx, found[0].ID())
		if !speech.IsNotFound(err) {
			return e, err == nil, classify(err, about)
		}
	}
	if n.Exact() {
		return speech.Endpoint{}, false, refuseEndpoint(in.Endpoint, lifecycle.NoSuchEndpoint(in.Endpoint))
	}
	return speech.Endpoint{}, false, nil
}

func (a *Activities) markedChampion(ctx context.Context, in Scope) (ChampionResult, error) {
	about := subject{class: lifecycle.InvalidRequest, object: "versions of " + in.Model, next: "start the run again"}
	l, err := a.lookOnly(ctx, speech.KindModel)
	if err != nil {
		return ChampionResult{}, classify(err, about)
	}
	champion := lifecycle.MarkedChampion(l.versionsOf(in))
	if champion != nil && lifecycle.SameRun(champion.Run, in.Run) {
		result, err := a.servedBefore(ctx, l, in)
		result.Own = true
		return result, err
	}
	return a.championOf(ctx, l, in, champion)
}

// servedBefore is the champion before the run's own version took its place.
func (a *Activities) servedBefore(ctx context.Context, l *listing, in Scope) (ChampionResult, error) {
	return a.championOf(ctx, l, in, lifecycle.ServedBefore(l.versionsOf(in), in.Run))
}

// championOf is one of the versions that were listed, with its base model; nothing when there is none.
func (a *Activities) championOf(ctx context.Context, l *listing, in Scope, champion *lifecycle.Version) (ChampionResult, error) {
	result := ChampionResult{ObservedAt: l.observedAt, Best: lifecycle.BestOfChampions(l.versionsOf(in), in.Run)}
	if champion == nil {
		return result, nil
	}
	result.Champion = l.anyModel(champion.ID)
	var err error
	if result.Base, err = a.baseOf(ctx, *result.Champion); err != nil {
		return ChampionResult{}, classify(err, subject{class: lifecycle.InvalidRequest, object: "version " + champion.ID, next: "start the run again"})
	}
	return result, nil
}

// baseOf reads the base model of a version; nil when there is none to be had.
func (a *Activities) baseOf(ctx context.Context, m lifecycle.Model) (*lifecycle.Model, error) {
	if !m.Custom || m.BaseID == "" {
		return nil, nil
	}
	known, _, err := a.bases(ctx, m.Locale, a.lately())
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(known, func(b lifecycle.Model) bool { return b.ID == m.BaseID }); i >= 0 {
		return &known[i], nil
	}
	base, _, err := insistent(a, a.speech.GetBaseModel)(ctx, m.BaseID)
	if speech.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return lifecycle.Ptr(baseModel(base)), nil
}

func endpointSubject(name string) subject {
	return subject{
		class: lifecycle.DeployFailed, object: fmt.Sprintf("endpoint %q", name),
		next: "look at the endpoint in the portal, correct deploy.endpoint of the request, then start the run again",
	}
}

func refuseEndpoint(name, message string) error {
	about := endpointSubject(name)
	return refuse(lifecycle.Failure{
		Type: lifecycle.InvalidRequest, Message: message, Object: &about.object, Next: &about.next,
		Problems: []lifecycle.Problem{{Path: "deploy.endpoint", Message: message}},
	})
}
