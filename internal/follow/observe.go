package follow

import (
	"context"
	"slices"
	"strings"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// Observe reads, through a worker, what the service remembers of a model: of the one of the given locale, or without
// it of the only one. A model that it knows nothing of has a row without versions. Of several locales none is picked:
// that is refused. The error is a *exit.Failure.
func (s Session) Observe(ctx context.Context, name, locale, taskQueue string) (lifecycle.Row, error) {
	what := "what the service remembers of " + name
	rows, err := s.AskObserve(ctx, Question{
		ID: "observe/" + name, TaskQueue: taskQueue,
		Summary: "Read " + what, About: "cannot read " + what, Doing: "reading " + what, Patient: true,
	}, workflows.ObserveInput{Names: []string{name}})
	if err != nil {
		return lifecycle.Row{}, err
	}
	rows = slices.DeleteFunc(rows, func(r lifecycle.Row) bool { return r.Name != name })
	var locales []string
	for _, row := range rows {
		if lifecycle.SameLocale(row.Locale, locale) || locale == "" && len(rows) == 1 {
			return row, nil
		}
		locales = append(locales, row.Locale)
	}
	if locale == "" && len(rows) > 1 {
		slices.Sort(locales)
		return lifecycle.Row{}, exit.Refuse(lifecycle.InvalidRequest, "there are models %s of several locales: %s", name, strings.Join(locales, ", ")).
			Next("say which one is meant: --locale %s", locales[0])
	}
	return lifecycle.Row{Name: name, Locale: locale}, nil
}

// AskObserve asks a worker what the service remembers of models, answer after answer until it has told all. The error is a
// *exit.Failure; the rows are then those that were answered.
func (s Session) AskObserve(ctx context.Context, q Question, in workflows.ObserveInput) (rows []lifecycle.Row, err error) {
	q.Workflow, q.Passing = workflows.TypeObserve, true
	for {
		q.Input = in
		var seen workflows.Observed
		if err := s.Ask(ctx, q, &seen); err != nil {
			return rows, err
		}
		rows = append(rows, seen.Rows...)
		if in.After = seen.Next; in.After == "" {
			return rows, nil
		}
	}
}

// LocaleOf is the locale of a model: the one that was given, else that of its versions, as a worker sees them. unknown is
// the error when they do not tell it.
func (s Session) LocaleOf(ctx context.Context, name, given, taskQueue string, unknown *exit.Failure) (string, error) {
	if given != "" {
		return given, nil
	}
	row, err := s.Observe(ctx, name, "", taskQueue)
	if err == nil && row.Locale == "" {
		err = unknown
	}
	return row.Locale, err
}
