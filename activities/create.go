package activities

import (
	"context"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// shelf is where objects of one kind with one exact name and our marks are found or put. The service
// has no idempotent create, so every create is "look, adopt or create, look again".
type shelf[T any] struct {
	// look lists what counts as the wanted object: among what was listed, or afresh.
	look func(ctx context.Context, fresh bool) ([]T, error)
	// take finds what does instead of it, before it is created; nil without. It returns nil when there is nothing.
	take func(context.Context) (*T, error)
	// put creates it.
	put func(context.Context) (T, error)
	// origin tells the ID of an object, and when it was created.
	origin func(T) (id string, created time.Time)
	// is tells that an object is the wanted one, and get reads it: before its twins lose against it. Nil where none is deleted.
	is  func(T) bool
	get func(ctx context.Context, id string) (T, speech.Meta, error)
	// shared tells that others may have made it: before it is created the service is asked, also at the first attempt.
	shared bool
}

// found is the answer of lookOrPut: the object, whether this call created it, and the twins that
// lost against it.
type found[T any] struct {
	item    T
	created bool
	losers  []T
}

// adoptOrCreate is lookOrPut for an activity that creates nothing else: when the request limit has no room for its create,
// it goes back to Temporal.
func adoptOrCreate[T any](ctx context.Context, a *Activities, s shelf[T], again bool) (found[T], error) {
	f, err := lookOrPut(ctx, a, s, again)
	return f, givenBack(ctx, err, again)
}

// lookOrPut returns the one object of a shelf. The first attempt of a run looks at what was listed already, since the
// names of its own objects cannot exist. An attempt that may follow a lost answer looks afresh, twice, a list lag apart,
// before it creates; a create without an answer ends the attempt, and Temporal begins the next.
func lookOrPut[T any](ctx context.Context, a *Activities, s shelf[T], again bool) (found[T], error) {
	items, err := s.look(ctx, false)
	if err == nil && len(items) == 0 && (again || s.shared) {
		items, err = s.look(ctx, true)
	}
	if err == nil && len(items) == 0 && again && a.listLag > 0 {
		if err := pause(ctx, a.listLag); err != nil {
			return found[T]{}, err
		}
		items, err = s.look(ctx, true)
	}
	if err != nil {
		return found[T]{}, err
	}
	if len(items) > 0 {
		return pickFound(ctx, a, s, items, "")
	}
	if s.take != nil {
		if taken, err := s.take(ctx); err != nil || taken != nil {
			if err != nil {
				return found[T]{}, err
			}
			return found[T]{item: *taken}, nil
		}
	}
	made, err := s.put(ctx)
	if err != nil {
		return found[T]{}, err
	}
	// Whoever else made the same is found at the end of the stage. What is known by now costs nothing.
	if items, err = s.look(ctx, false); err != nil {
		items = nil
	}
	id, _ := s.origin(made)
	return pickFound(ctx, a, s, append(items, made), id)
}

// pickFound orders twins by the rule of lifecycle and keeps each object once. The one that counts is read before the others
// lose: somebody may have deleted it since it was listed, or given it away. sureID is that of the one that was just made or
// read; empty when none was.
func pickFound[T any](ctx context.Context, a *Activities, s shelf[T], items []T, sureID string) (found[T], error) {
	for {
		winner, losers, _ := lifecycle.PickTwin(items, s.origin)
		id, _ := s.origin(winner)
		f := found[T]{item: winner, created: id == sureID, losers: losers}
		if len(losers) == 0 || id == sureID || s.get == nil {
			return f, nil
		}
		read, _, err := insistent(a, s.get)(ctx, id)
		switch {
		case err == nil && s.is(read):
			f.item = read
			return f, nil
		case err != nil && !speech.IsNotFound(err):
			return found[T]{}, err
		}
		items = losers
	}
}

// keep returns the items that satisfy is.
func keep[T any](items []T, is func(T) bool) []T {
	var kept []T
	for _, item := range items {
		if is(item) {
			kept = append(kept, item)
		}
	}
	return kept
}

// ModelRef names a base or custom model.
type ModelRef struct {
	ID     string `json:"id"`
	Custom bool   `json:"custom,omitempty"`
}

// RefOf is the reference to a model.
func RefOf(m lifecycle.Model) ModelRef { return ModelRef{ID: m.ID, Custom: m.Custom} }

func (a *Activities) modelRef(r ModelRef) speech.Ref {
	if r.Custom {
		return a.speech.Ref(speech.KindModel, r.ID)
	}
	return a.speech.Ref(speech.KindBaseModel, r.ID)
}

func (a *Activities) projectRef(id string) *speech.Ref {
	if id == "" {
		return nil
	}
	return lifecycle.Ptr(a.speech.Ref(speech.KindProject, id))
}
