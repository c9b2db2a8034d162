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

// Service is what a run learns first: which resource it works on, and its now.
type Service struct {
	// Resource is the host of the Speech resource.
	Resource string `json:"resource"`
	// Home is what sr.run of the run's objects begins with; empty in a history from before homes were written.
	Home string `json:"home,omitempty"`
	// ObservedAt is the service's now; WorkerAt the worker's clock at the same moment.
	ObservedAt time.Time `json:"observedAt"`
	WorkerAt   time.Time `json:"workerAt"`
	// LocalClock tells that the service sent no date, so that ObservedAt is the worker's clock.
	LocalClock bool `json:"localClock,omitempty"`
}

// CheckService refuses a locale that the service cannot train: one that has no base model to train from, and is not among
// those that it lists (Models_ListBaseModels, Models_ListSupportedLocales).
func (a *Activities) CheckService(ctx context.Context, in Scope) (Service, error) {
	ctx, err := a.begin(ctx, in)
	if err != nil {
		return Service{}, err
	}
	return a.checkService(ctx, in)
}

func (a *Activities) checkService(ctx context.Context, in Scope) (Service, error) {
	about := subject{
		class: lifecycle.InvalidRequest, object: "Speech resource " + a.speech.Resource(),
		next: "check SPEECH_ENDPOINT and SPEECH_API_VERSION of the worker",
	}
	// A locale that has a base model to train from needs no list of locales.
	bases, err := a.speech.Bases(ctx, in.Locale, a.lately())
	if err != nil {
		return Service{}, classify(err, about)
	}
	if slices.ContainsFunc(bases.Values, func(b speech.BaseModel) bool { return baseModel(b).AdaptationEndsAt != nil }) {
		return a.service(bases.ObservedAt, bases.ReadAt, bases.LocalClock), nil
	}
	locales, err := a.speech.Locales(ctx, a.lately())
	if err != nil {
		return Service{}, classify(err, about)
	}
	if !slices.ContainsFunc(locales.Values, func(l string) bool { return lifecycle.SameLocale(l, in.Locale) }) {
		message := fmt.Sprintf("the service cannot train models for %s", in.Locale)
		return Service{}, refuse(lifecycle.Failure{
			Type: lifecycle.InvalidRequest, Message: message, Object: lifecycle.Ptr("locale " + in.Locale),
			Next:     lifecycle.Ptr(localeAdvice(in.Locale, locales.Values)),
			Problems: []lifecycle.Problem{{Path: "locale", Message: message}},
		})
	}
	return a.service(locales.ObservedAt, locales.ReadAt, locales.LocalClock), nil
}

// service is what an answer has told: the service's now, and when that was by this process's clock.
func (a *Activities) service(observedAt, readAt time.Time, localClock bool) Service {
	return Service{
		Resource: a.speech.Resource(), Home: a.home, ObservedAt: observedAt, LocalClock: localClock,
		WorkerAt: a.now().Add(-time.Since(readAt)).UTC(),
	}
}

// localeAdvice names the locales of the same language, or how many there are.
func localeAdvice(wanted string, locales []string) string {
	language, _, _ := strings.Cut(wanted, "-")
	var near []string
	for _, l := range locales {
		if own, _, _ := strings.Cut(l, "-"); strings.EqualFold(own, language) {
			near = append(near, l)
		}
	}
	if len(near) == 0 {
		return fmt.Sprintf("set locale to one of the %d that the service lists", len(locales))
	}
	slices.Sort(near)
	return "set locale to one that the service lists: " + strings.Join(near, ", ")
}
