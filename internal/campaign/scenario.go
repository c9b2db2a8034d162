package campaign

import (
	"context"
	"fmt"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
	"speech-retrainer/workflows"
)

// scenario is one thing that the product does, to be broken at every point.
type scenario struct {
	name string
	// prepare brings the service into the state that it begins with, with workers that do not stop.
	prepare func(context.Context, *lane) error
	// act does it and returns how its run ended, nil for one that has no report.
	act func(context.Context, *lane) (*lifecycle.Report, error)
	// types are the workflows whose activities are its points.
	types []string
}

// scenarios are all that are broken.
func scenarios() []scenario {
	return []scenario{
		{
			name: "first", types: []string{workflows.TypeRetrain},
			act: func(ctx context.Context, l *lane) (*lifecycle.Report, error) { return l.report(ctx, l.whole()) },
		},
		{
			// The third run moves the endpoint, and deletes the first version with its evaluations.
			name: "next", types: []string{workflows.TypeRetrain},
			prepare: func(ctx context.Context, l *lane) error { return l.runs(ctx, l.whole(), l.whole()) },
			act:     func(ctx context.Context, l *lane) (*lifecycle.Report, error) { return l.report(ctx, l.whole()) },
		},
		{
			name: "rejected", types: []string{workflows.TypeRetrain},
			prepare: func(ctx context.Context, l *lane) error { return l.runs(ctx, l.whole()) },
			act:     func(ctx context.Context, l *lane) (*lifecycle.Report, error) { return l.report(ctx, strict(l.whole())) },
		},
		{
			name: "renew", types: []string{workflows.TypeRenew},
			act: func(ctx context.Context, l *lane) (*lifecycle.Report, error) {
				run, err := l.start(ctx, workflows.TypeRenew, "check/"+l.name, l.small())
				if err != nil {
					return nil, err
				}
				if err := run.Get(ctx, nil); err != nil {
					return nil, err
				}
				return l.ended(ctx, workflows.RetrainID(l.name), "")
			},
		},
		{
			name: "rollback", types: []string{workflows.TypeRollback},
			prepare: func(ctx context.Context, l *lane) error {
				return l.runs(ctx, with(l.whole(), object{"keep": 2}), with(l.whole(), object{"keep": 2}))
			},
			act: func(ctx context.Context, l *lane) (*lifecycle.Report, error) {
				return l.beside(ctx, workflows.TypeRollback, workflows.RollbackID(l.name), object{
					"name": l.name, "locale": locale, "endpoint": l.name, "by": "campaign", "reason": "the newer one is worse",
				})
			},
		},
		{
			name: "evaluate", types: []string{workflows.TypeEvaluate},
			prepare: func(ctx context.Context, l *lane) error { return l.runs(ctx, l.whole()) },
			act: func(ctx context.Context, l *lane) (*lifecycle.Report, error) {
				champion, err := l.versionIn(ctx, lifecycle.StateChampion)
				if err != nil {
					return nil, err
				}
				return l.beside(ctx, workflows.TypeEvaluate, workflows.EvaluateID(l.name), object{"request": l.whole(), "versionId": champion})
			},
		},
		{
			name: "sweep", types: []string{workflows.TypeSweep},
			prepare: leftBehind,
			act:     func(ctx context.Context, l *lane) (*lifecycle.Report, error) { return nil, l.sweep(ctx) },
		},
	}
}

// leftBehind terminates a run whose training goes on, and ends the training afterwards: a candidate without a run.
func leftBehind(ctx context.Context, l *lane) error {
	if err := l.emulator.Plan(ctx, stack.Outcome{Kind: "training", Hang: true}); err != nil {
		return err
	}
	run, err := l.retrain(ctx, l.small())
	if err != nil {
		return err
	}
	version, err := l.training(ctx)
	if err != nil {
		return err
	}
	if err := l.Client.TerminateWorkflow(ctx, run.GetID(), run.GetRunID(), "the campaign leaves a version behind"); err != nil {
		return err
	}
	if err := l.over(ctx, run.GetID(), run.GetRunID()); err != nil {
		return err
	}
	return l.emulator.Finish(ctx, version)
}

// training waits for a version whose training goes on.
func (l *lane) training(ctx context.Context) (version string, err error) {
	err = stack.Await(ctx, "a training", func(ctx context.Context) error {
		all, err := l.emulator.Objects(ctx, stack.Models)
		if err != nil {
			return err
		}
		for _, m := range all {
			if m.Status == "Running" {
				version = m.ID
				return nil
			}
		}
		return fmt.Errorf("none of %d versions is in training", len(all))
	})
	return version, err
}

// beside runs a workflow beside the retrains to its end.
func (l *lane) beside(ctx context.Context, kind, id string, input object) (*lifecycle.Report, error) {
	run, err := l.start(ctx, kind, id, input)
	if err != nil {
		return nil, err
	}
	return l.ended(ctx, id, run.GetRunID())
}

// report runs a request to its end.
func (l *lane) report(ctx context.Context, request object) (*lifecycle.Report, error) {
	run, err := l.retrain(ctx, request)
	if err != nil {
		return nil, err
	}
	return l.ended(ctx, run.GetID(), run.GetRunID())
}

// ended waits for the end of a run that must tell a report.
func (l *lane) ended(ctx context.Context, id, run string) (*lifecycle.Report, error) {
	e := l.end(ctx, id, run)
	if e.Err == nil && e.Report == nil {
		e.Err = fmt.Errorf("%s ended as %s, without a report", id, e.Status)
	}
	return e.Report, e.Err
}

// runs runs requests one after the other; each must succeed. The lists must have caught up before the next.
func (l *lane) runs(ctx context.Context, requests ...object) error {
	for _, request := range requests {
		report, err := l.report(ctx, request)
		if err != nil {
			return err
		}
		if report.Outcome != lifecycle.Succeeded {
			return fmt.Errorf("a run before ended as %s: %+v", report.Outcome, report.Error)
		}
		if err := l.emulator.Advance(ctx, time.Minute); err != nil {
			return err
		}
	}
	return nil
}

// versionIn finds the version of the lane's model in a state.
func (l *lane) versionIn(ctx context.Context, state lifecycle.State) (string, error) {
	all, err := l.emulator.Objects(ctx, stack.Models)
	if err != nil {
		return "", err
	}
	for _, m := range all {
		p := m.CustomProperties
		of := p[lifecycle.MarkOwner]
		if (of == owner || of == plainNamespace) && p[lifecycle.MarkModel] == l.name && m.Locale == l.locale && p[lifecycle.MarkState] == string(state) {
			return m.ID, nil
		}
	}
	return "", fmt.Errorf("no version is %s", state)
}
