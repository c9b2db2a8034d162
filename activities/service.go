package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
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

// CheckService reads which locales the service can train and refuses any other. It is the first
// activity of a run (Models_ListSupportedLocales).
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
	return Service{
		Resource: a.speech.Resource(), Home: a.home, ObservedAt: locales.ObservedAt, LocalClock: locales.LocalClock,
		// By this worker's clock, when that was.
		WorkerAt: a.now().Add(-time.Since(locales.ReadAt)).UTC(),
	}, nil
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
