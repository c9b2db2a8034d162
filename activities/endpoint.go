package activities

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// EndpointInput is an endpoint that is to be made.
type EndpointInput struct {
	Scope
	Name      string   `json:"name"`
	Version   ModelRef `json:"version"`
	ProjectID string   `json:"projectId,omitempty"`
}

// EnsureEndpoint adopts the endpoint of this name that we made, or creates it with the version
// (Endpoints_List, Endpoints_Create).
func (a *Activities) EnsureEndpoint(ctx context.Context, in EndpointInput) (EndpointSeen, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return EndpointSeen{}, err
	}
	if n, err := speech.ReadName(in.Name, speech.KindEndpoint); err != nil || n.Exact() {
		return EndpointSeen{}, refuseEndpoint(in.Name, lifecycle.NoSuchEndpoint(in.Name))
	}
	f, err := adoptOrCreate(ctx, a, a.endpointShelf(in), laterAttempt(ctx, in.Scope))
	if err != nil {
		return EndpointSeen{}, classify(err, endpointSubject(in.Name))
	}
	return *endpointSeen(f.item), nil
}

// SettleEndpointInput is the endpoint of a first deployment as it is known so far.
type SettleEndpointInput struct {
	EndpointInput
	ID string `json:"id"`
	// NotBefore is the service's now when the run began: nothing older is deleted.
	NotBefore time.Time `json:"notBefore"`
}

// EndpointSettled is the endpoint that counts, and what became of the others.
type EndpointSettled struct {
	ID      string               `json:"id"`
	Deleted []lifecycle.Disposed `json:"deleted"`
	// Waiting names twins that cannot be deleted before their deployment has ended.
	Waiting []string `json:"waiting"`
	// Kept names twins that stay: older than the run, or the service would not delete them.
	Kept []lifecycle.Disposed `json:"kept"`
}

// SettleEndpoint lists the endpoints of the name once more and deletes the twin that a lost answer has left: it was
// made by this run, nobody has been told of it, and it would be paid for. The earliest counts.
func (a *Activities) SettleEndpoint(ctx context.Context, in SettleEndpointInput) (EndpointSettled, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return EndpointSettled{}, err
	}
	about := endpointSubject(in.Name)
	s := a.endpointShelf(in.EndpointInput)
	found, err := s.look(ctx, true)
	if err != nil {
		return EndpointSettled{}, classify(err, about)
	}
	var known speech.Endpoint
	if err := a.existing(ctx, about, func() (err error) { known, _, err = a.speech.GetEndpoint(ctx, in.ID); return err }); err != nil {
		return EndpointSettled{}, err
	}
	f, err := pickFound(ctx, a, s, append(found, known), known.ID())
	if err != nil {
		return EndpointSettled{}, classify(err, about)
	}
	result := EndpointSettled{ID: f.item.ID(), Deleted: []lifecycle.Disposed{}, Waiting: []string{}, Kept: []lifecycle.Disposed{}}
	for _, e := range f.losers {
		d := lifecycle.Disposed{
			Kind: lifecycle.ObjectEndpoint, ID: e.ID(), DisplayName: speech.Clean(e.DisplayName),
			Reason: "it was created twice: " + result.ID + " is the one that counts",
		}
		if e.CreatedDateTime.Before(in.NotBefore) {
			d.Reason = "it has the name of endpoint " + result.ID + ", but is older than this run: name the endpoint by its ID"
			result.Kept = append(result.Kept, d)
			continue
		}
		if !e.Status.Terminal() {
			result.Waiting = append(result.Waiting, e.ID())
			continue
		}
		refusal, err := deletion(func() error { _, err := a.speech.DeleteEndpoint(ctx, e.ID()); return err })
		switch {
		case err != nil:
			return EndpointSettled{}, classify(err, about)
		case refusal != "":
			d.Reason += "; " + refusal
			result.Kept = append(result.Kept, d)
		default:
			result.Deleted = append(result.Deleted, d)
		}
	}
	return result, nil
}

func (a *Activities) endpointShelf(in EndpointInput) shelf[speech.Endpoint] {
	is := func(e speech.Endpoint) bool {
		return e.DisplayName == in.Name && isOf(e.CustomProperties, e.Locale, in.Scope, a.owner)
	}
	return shelf[speech.Endpoint]{
		origin: speech.Endpoint.Origin,
		is:     is,
		get:    a.speech.GetEndpoint,
		shared: true,
		look: func(ctx context.Context, fresh bool) ([]speech.Endpoint, error) {
			l, err := a.lookAt(ctx, speech.KindEndpoint, fresh)
			if err != nil {
				return nil, err
			}
			return keep(l.endpoints, is), nil
		},
		put: func(ctx context.Context) (speech.Endpoint, error) {
			e, _, err := a.speech.CreateEndpoint(ctx, speech.NewEndpoint{
				DisplayName: in.Name, Locale: in.Locale, Model: lifecycle.Ptr(a.modelRef(in.Version)), Project: a.projectRef(in.ProjectID),
				CustomProperties: map[string]string{lifecycle.MarkOwner: a.owner, lifecycle.MarkModel: in.Model},
			})
			return e, err
		},
	}
}

// DeployInput names an endpoint and the model that it shall serve.
type DeployInput struct {
	Scope
	EndpointID string   `json:"endpointId"`
	Label      string   `json:"label"`
	Version    ModelRef `json:"version"`
	// FailedAt is when an earlier deployment failed; zero when none did. That failure is not this one's.
	FailedAt time.Time `json:"failedAt,omitzero"`
	// Always sends the change even when the endpoint refers to the model already: a change to another one
	// may be on its way, and an endpoint may show its old model until that is through.
	Always bool `json:"always,omitempty"`
	// Over are the models that the endpoint may serve by then: what the run has seen there, or has set. Any other has been
	// set by somebody else since, and stays. None = whatever it serves.
	Over []string `json:"over,omitempty"`
	// TakesOver is the model from which the endpoint is taken over; empty when it is not.
	TakesOver string `json:"takesOver,omitempty"`
	// Mark puts the model's name on the endpoint once it serves.
	Mark bool `json:"mark,omitempty"`
}

// Pointed is what an endpoint was like before its model was changed.
type Pointed struct {
	// FailedAt is when the deployment before failed (lastActionDateTime); zero when it had not.
	FailedAt time.Time `json:"failedAt,omitzero"`
	// Left is the model that somebody else has set since the run looked, and that was left; empty when the model was changed.
	Left string `json:"left,omitempty"`
}

// PointEndpoint changes the model of an endpoint (Endpoints_Update), and sends nothing when it refers to
// the model already, unless told to, nor when somebody else has changed it meanwhile. Its success does not say that the
// deployment is done.
func (a *Activities) PointEndpoint(ctx context.Context, in DeployInput) (Pointed, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return Pointed{}, err
	}
	about := endpointSubject(in.Label)
	var e speech.Endpoint
	if err := a.existing(ctx, about, func() (err error) { e, _, err = a.speech.GetEndpoint(ctx, in.EndpointID); return err }); err != nil {
		return Pointed{}, err
	}
	if fault := lifecycle.RefuseEndpoint(endpointFacts(e), in.Model, in.Locale, a.owner, in.TakesOver); fault != "" {
		return Pointed{}, refuseEndpoint(in.Label, fmt.Sprintf("endpoint %q (%s) %s", speech.Clean(e.DisplayName), e.ID(), fault))
	}
	var before Pointed
	refers := e.Model != nil && speech.Same(*e.Model, a.modelRef(in.Version))
	switch {
	case e.Status == speech.StatusFailed:
		before.FailedAt = e.LastActionDateTime
	case !in.Always && refers:
		return before, nil
	}
	if serves := endpointSeen(e).ModelID; len(in.Over) > 0 && lifecycle.Overtaken(string(e.Status), serves, in.Over) {
		return Pointed{Left: serves}, nil
	}
	return before, a.existing(ctx, about, func() error {
		_, _, err := a.speech.UpdateEndpoint(ctx, in.EndpointID, speech.EndpointUpdate{Model: lifecycle.Ptr(a.modelRef(in.Version))})
		return err
	})
}

// AwaitDeployed waits until the endpoint is Succeeded and refers to the model: an endpoint may say
// Succeeded all the while, still with the old one. It fails when the endpoint ends as Failed; like
// Succeeded, the Failed of the deployment before may stand until this one is through. What serves is marked, if asked for.
func (a *Activities) AwaitDeployed(ctx context.Context, in DeployInput) (EndpointSeen, error) {
	about := endpointSubject(in.Label)
	return a.pollEndpoint(ctx, in, func(e speech.Endpoint) (bool, error) {
		if e.Status == speech.StatusFailed {
			if !in.FailedAt.IsZero() && e.LastActionDateTime.Equal(in.FailedAt) {
				return false, nil
			}
			return false, a.entityFailure(about.class, about.object, e.Properties.Error, about.next)
		}
		if e.Status != speech.StatusSucceeded || e.Model == nil || !speech.Same(*e.Model, a.modelRef(in.Version)) {
			return false, nil
		}
		if in.Mark {
			return true, a.markEndpoint(ctx, in, e)
		}
		return true, nil
	})
}

// AwaitEndpointEnd waits until the endpoint is terminal, however it ended.
func (a *Activities) AwaitEndpointEnd(ctx context.Context, in DeployInput) (EndpointSeen, error) {
	return a.pollEndpoint(ctx, in, func(e speech.Endpoint) (bool, error) { return e.Status.Terminal(), nil })
}

// Bounds of the pause between two looks at an endpoint.
const (
	// lastPace is the longest when the service names none.
	lastPace = 30 * time.Second
	// longestPause is the longest even if the service asks for a longer one: a deployment is watched.
	longestPause = 2 * time.Minute
)

// pollEndpoint looks at an endpoint until done says so. Deployments are few and take minutes, so each
// looks for itself.
func (a *Activities) pollEndpoint(ctx context.Context, in DeployInput, done func(speech.Endpoint) (bool, error)) (EndpointSeen, error) {
	ctx, beat, err := a.beginWait(ctx, in.Scope)
	if err != nil {
		return EndpointSeen{}, err
	}
	for pace := a.pace; ; pace = min(2*pace, lastPace) {
		var e speech.Endpoint
		var meta speech.Meta
		err := a.existing(ctx, endpointSubject(in.Label), func() (err error) { e, meta, err = a.speech.GetEndpoint(ctx, in.EndpointID); return err })
		if err != nil {
			return EndpointSeen{}, err
		}
		beat.saw(ctx, string(e.Status))
		finished, err := done(e)
		if err != nil || finished {
			return *endpointSeen(e), err
		}
		delay := pace + rand.N(pace/4)
		if meta.HasRetryAfter {
			delay = min(max(meta.RetryAfter, time.Second), longestPause)
		}
		if err := pause(ctx, delay); err != nil {
			return EndpointSeen{}, err
		}
	}
}

// OwnEndpointInput asks for the endpoint of a model; Endpoint is the one that the request at hand names, empty when it
// names none.
type OwnEndpointInput struct {
	Scope
	Endpoint string `json:"endpoint,omitempty"`
}

// OwnEndpoint is the endpoint of a model, by ID or exact name, and who names it; empty when the model has none.
type OwnEndpoint struct {
	Endpoint string `json:"endpoint"`
	From     string `json:"from,omitempty"`
}

// FindOwnEndpoint tells which endpoint is a model's: the one that the request at hand names, else that of its schedule,
// else the one that carries our owner and the model's name. It refuses to guess: several, or only ones made by hand
// that serve a version of the model, are an InvalidRequest that lists them (Endpoints_List, Models_ListCustomModels).
func (a *Activities) FindOwnEndpoint(ctx context.Context, in OwnEndpointInput) (OwnEndpoint, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil || in.Endpoint != "" {
		return OwnEndpoint{Endpoint: in.Endpoint, From: "the request"}, err
	}
	live, scheduled, err := a.runs.Scheduled(ctx, in.Model)
	if err != nil {
		return OwnEndpoint{}, a.noTemporal(err, "schedule of "+in.Model)
	}
	if scheduled && live.Endpoint() != "" && lifecycle.SameLocale(live.Locale, in.Locale) {
		return OwnEndpoint{Endpoint: live.Endpoint(), From: "its schedule"}, nil
	}
	about := subject{class: lifecycle.InvalidRequest, object: "endpoints of " + in.Model, next: "try again"}
	l, err := a.lookNow(ctx, speech.KindEndpoint, speech.KindModel)
	if err != nil {
		return OwnEndpoint{}, classify(err, about)
	}
	id, fault := l.ownEndpoint(in.Model, in.Locale, l.versionsOf(in.Scope))
	if fault != "" {
		return OwnEndpoint{}, refuse(lifecycle.Failure{
			Type: lifecycle.InvalidRequest, Message: "it cannot be told which endpoint is meant: " + fault, Object: &about.object,
			Next:     lifecycle.Ptr("name the endpoint: --endpoint ID (with the Temporal CLI: endpoint in the input)"),
			Problems: []lifecycle.Problem{{Path: "endpoint", Message: fault}},
		})
	}
	return OwnEndpoint{Endpoint: id, From: "its marks"}, nil
}

// markEndpoint puts the model's name on an endpoint of ours that has just been read; one made by hand is left as it is,
// and one that carries another model's name, unless it is taken over from that (Endpoints_Update).
func (a *Activities) markEndpoint(ctx context.Context, in DeployInput, e speech.Endpoint) error {
	have := e.CustomProperties[lifecycle.MarkModel]
	if !lifecycle.Ours(e.CustomProperties, a.owner) || have == in.Model || (have != "" && have != in.TakesOver) {
		return nil
	}
	merged, _ := lifecycle.MergeMarks(e.CustomProperties, map[string]string{lifecycle.MarkModel: in.Model})
	return a.existing(ctx, endpointSubject(in.Label), func() error {
		_, _, err := a.speech.UpdateEndpoint(ctx, e.ID(), speech.EndpointUpdate{Update: speech.Update{CustomProperties: merged}})
		return err
	})
}
