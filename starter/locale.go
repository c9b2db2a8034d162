package main

import (
	"context"
	"errors"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/schedules"
)

// localeOf is the locale of a model: the one that was given, else that of its versions, else that of the request in its
// schedule. unknown is the error when nothing tells it, with the name that was probably meant. A schedule of another task
// queue tells nothing: what is asked for would be done on another Speech resource.
func localeOf(ctx context.Context, s follow.Session, name, given, taskQueue string, unknown *exit.Failure) (string, error) {
	locale, err := s.LocaleOf(ctx, name, given, taskQueue, unknown)
	if !errors.Is(err, unknown) {
		return locale, err
	}
	found, err := schedules.Standings(ctx, s, []string{name})
	if err != nil {
		return "", err
	}
	of, there := found[name]
	if !there || !of.Checks() {
		return "", schedules.Meant(ctx, s, name, unknown)
	}
	request, err := of.Given()
	switch {
	case err != nil || request.Name != name:
		return "", unknown
	case of.TaskQueue != taskQueue:
		return "", unknown.Next("its schedule is of %s, on task queue %s: --task-queue %s", request.Locale, of.TaskQueue, of.TaskQueue)
	}
	return request.Locale, nil
}
