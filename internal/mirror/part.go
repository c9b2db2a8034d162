package mirror

import (
	"context"
	"strings"
	"sync"
	"time"

	"speech-retrainer/internal/speech"
)

// part is something small that is read whole, and by all who ask at the same time once.
type part[T any] struct {
	read func(context.Context) (T, speech.Meta, error)
	turn turn

	mu    sync.Mutex
	value T
	meta  speech.Meta
	began time.Time
}

func newPart[T any](read func(context.Context) (T, speech.Meta, error)) *part[T] {
	return &part[T]{read: read, turn: newTurn()}
}

func (p *part[T]) known(notBefore time.Time) (T, speech.Meta, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.value, p.meta, !p.began.IsZero() && !p.began.Before(notBefore)
}

func (p *part[T]) view(ctx context.Context, notBefore time.Time) (T, speech.Meta, error) {
	if value, meta, ok := p.known(notBefore); ok {
		return value, meta, nil
	}
	var zero T
	if err := p.turn.take(ctx); err != nil {
		return zero, speech.Meta{}, err
	}
	defer p.turn.give()
	if value, meta, ok := p.known(notBefore); ok {
		return value, meta, nil
	}
	began := time.Now()
	value, meta, err := p.read(speech.WithPriority(ctx, speech.PriorityWatch))
	if err != nil {
		return zero, meta, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.value, p.meta, p.began = value, meta, began
	return value, meta, nil
}

// Whole is something small that was read whole.
type Whole[T any] struct {
	Values []T
	// ObservedAt is the service's now when it was read, LocalClock that it is this machine's; ReadAt is when that was, by
	// this process's clock.
	ObservedAt, ReadAt time.Time
	LocalClock         bool
}

func whole[T any](ctx context.Context, p *part[[]T], notBefore time.Time) (Whole[T], error) {
	values, meta, err := p.view(ctx, notBefore)
	p.mu.Lock()
	defer p.mu.Unlock()
	return Whole[T]{Values: values, ObservedAt: meta.ObservedAt, LocalClock: meta.LocalClock, ReadAt: p.began}, err
}

// Bases are the base models of a locale, looked at no earlier than notBefore: the service has hundreds in all
// (Models_ListBaseModels).
func (l *Mirror) Bases(ctx context.Context, locale string, notBefore time.Time) (Whole[speech.BaseModel], error) {
	l.mu.Lock()
	key := strings.ToLower(locale)
	p := l.bases[key]
	if p == nil {
		p = newPart(func(ctx context.Context) ([]speech.BaseModel, speech.Meta, error) {
			return l.ListBaseModels(ctx, speech.Filter{Locale: locale})
		})
		l.bases[key] = p
	}
	l.mu.Unlock()
	return whole(ctx, p, notBefore)
}

// Locales are the locales in which models can be trained, looked at no earlier than notBefore
// (Models_ListSupportedLocales).
func (l *Mirror) Locales(ctx context.Context, notBefore time.Time) (Whole[string], error) {
	return whole(ctx, l.locales, notBefore)
}
