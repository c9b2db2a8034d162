package activities

import (
	"context"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// ObserveModelInput asks what the service shows of one model.
type ObserveModelInput struct {
	Scope
	Request lifecycle.Request `json:"request"`
	// Fresh asks for what is listed from now on, instead of what was seen within SnapshotAge.
	Fresh bool `json:"fresh,omitempty"`
}

// ModelObserved is what the service shows of one model.
type ModelObserved struct {
	lifecycle.Observed

	Resource string `json:"resource"`
	// Leftovers tells that a sweep might find something to remove.
	Leftovers bool `json:"leftovers,omitempty"`
	// AnotherOwner is the owner that the model's schedule was made for, when that is not this worker's and has versions of the
	// model on the resource, while this one has none.
	AnotherOwner string `json:"anotherOwner,omitempty"`
	// Endpoints names the versions of the model that some endpoint refers to.
	InUse []string `json:"inUse,omitempty"`
}

// ObserveModel picks one model out of what was listed of the resource, looks at the data of its
// request, and asks Temporal whether a retrain goes on. It changes nothing.
func (a *Activities) ObserveModel(ctx context.Context, in ObserveModelInput) (ModelObserved, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return ModelObserved{}, err
	}
	return a.observeModel(ctx, in)
}

func (a *Activities) observeModel(ctx context.Context, in ObserveModelInput) (ModelObserved, error) {
	about := subject{class: lifecycle.InvalidRequest, object: "model " + in.Model, next: "try again"}
	// Before the listing: a run that ends between the two must be seen as running, or with what it has promoted.
	running, err := a.runs.Running(ctx, lifecycle.RetrainID(in.Model))
	if err != nil {
		return ModelObserved{}, later(lifecycle.Failure{Type: lifecycle.Unavailable, Message: err.Error(), Object: &about.object}, 0, false)
	}
	var l *listing
	if in.Fresh {
		now := time.Now()
		if l, err = a.lookAfresh(ctx, in.Scope, everything...); err == nil {
			l, err = a.addBases(ctx, l, now, in.Locale)
		}
	} else {
		l, err = a.look(ctx, in.Locale)
	}
	if err != nil {
		return ModelObserved{}, classify(err, about)
	}
	result := ModelObserved{
		Observed: lifecycle.Observed{
			Now: l.observedAt, Owner: a.owner, Versions: l.versionsOf(in.Scope), Bases: l.basesOf(in.Locale), Retrain: running,
		},
		Resource: a.speech.Resource(),
	}
	for _, v := range result.Versions {
		if v.InUse {
			result.InUse = append(result.InUse, v.ID)
		}
	}
	if in.Request.Deploy != nil {
		result.Endpoint = l.endpointOf(in.Scope, *in.Request.Deploy)
		if n, err := speech.ReadName(in.Request.Deploy.Endpoint, speech.KindEndpoint); result.Endpoint == nil && err == nil && n.Exact() {
			result.EndpointFault = lifecycle.NoSuchEndpoint(in.Request.Deploy.Endpoint)
		}
		if champion := lifecycle.MarkedChampion(result.Versions); result.Endpoint == nil && champion != nil {
			result.ServedAt = l.servedAt(champion.ID)
		}
		if result.Endpoint != nil {
			if !l.neverServed(l.endpointsNamed(result.Endpoint.ID)[0], in.Scope) {
				result.Serving = l.anyModel(result.Endpoint.ModelID)
			}
			marks := l.marksOf(result.Endpoint.ModelID)
			result.ServingOwner, result.ServingName = speech.Clean(marks[lifecycle.MarkOwner]), speech.Clean(marks[lifecycle.MarkModel])
		}
	} else if champion := lifecycle.MarkedChampion(result.Versions); champion != nil {
		result.Serving = l.anyModel(champion.ID)
	}
	undecided, err := a.undecided(ctx, result.Versions)
	if err == nil {
		known(result.Versions, undecided)
		result.Pilot, err = a.pilot(ctx, l, in.Scope, in.Request, in.Fresh)
	}
	if err != nil {
		return ModelObserved{}, classify(err, about)
	}
	result.Leftovers, result.Room = leftovers(result.Observed), a.roomOf(l)
	if err := a.addSpending(ctx, l, in.Request, &result.Observed); err != nil {
		return ModelObserved{}, classify(err, about)
	}
	if result.AnotherOwner, err = a.anotherOwner(ctx, l, in.Scope, result.Versions); err != nil {
		return ModelObserved{}, err
	}
	data, err := a.dataLook(l, result.Versions, in.Locale).all(ctx, in.Request)
	if err != nil {
		return ModelObserved{}, err
	}
	result.Training, result.Tests = data.Training, data.Tests
	return result, nil
}

// leftovers tells whether a sweep might find something to remove or to put right: versions of this home that nobody has
// decided on while their run does not go on, and second champions. What another home has not finished is not ours to
// look at.
func leftovers(o lifecycle.Observed) bool {
	champions := 0
	for _, v := range o.Versions {
		home, run := lifecycle.SplitRun(v.Run)
		switch v.State {
		case lifecycle.StateChampion:
			champions++
		case lifecycle.StateAbandoned, lifecycle.StateCandidate, lifecycle.StateDeploying:
			// A mark from before homes were written may be this home's: Temporal tells.
			if (!v.Foreign || home == "") && run != o.Retrain {
				return true
			}
		}
	}
	return champions > 1
}

// pilot is what is known of the model that goes first with a new base model, or fresh as it is now: its trial decides whether
// the others train. It is nil when the request names none.
func (a *Activities) pilot(ctx context.Context, l *listing, s Scope, r lifecycle.Request, fresh bool) (*lifecycle.PilotSeen, error) {
	name := r.Renew.Pilot
	if name == "" {
		return nil, nil
	}
	seen := lifecycle.PilotSeen{Name: name, Versions: []lifecycle.Version{}}
	var live lifecycle.LiveRequest
	scheduled := false
	if name != s.Model {
		var err error
		if live, scheduled, err = a.runs.Scheduled(ctx, name); err != nil {
			return nil, a.noTemporal(err, "schedule of "+name)
		}
	}
	if seen.Fault = lifecycle.RefusePilot(name, s.Model, s.Locale, activity.GetInfo(ctx).TaskQueue, live, scheduled); seen.Fault == "" {
		s.Model = name
		if fresh {
			var err error
			if l, err = a.versionsAfresh(ctx, s); err != nil {
				return nil, err
			}
		}
		seen.Versions = l.versionsOf(s)
	}
	return &seen, nil
}

// anotherOwner is the owner that the schedule of a model without versions was made for, when the versions on the resource are
// that one's: the worker has lost its RETRAINER_OWNER.
func (a *Activities) anotherOwner(ctx context.Context, l *listing, s Scope, versions []lifecycle.Version) (string, error) {
	if len(versions) > 0 {
		return "", nil
	}
	_, rivals := l.strangers()
	of := rivals[keyOf(s.Model, s.Locale)]
	if len(of) == 0 {
		return "", nil
	}
	live, scheduled, err := a.runs.Scheduled(ctx, s.Model)
	if err != nil {
		return "", a.noTemporal(err, "schedule of "+s.Model)
	}
	if scheduled && live.Owner != a.owner && slices.Contains(of, live.Owner) {
		return live.Owner, nil
	}
	return "", nil
}
