package campaign

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
	"speech-retrainer/workflows"
)

// recording is one run whose history is kept: what happens, and of which workflow.
type recording struct {
	name string
	// play does it and returns the ID of the workflow.
	play func(context.Context, *lane) (string, error)
	// want is how the run must end, so that a history is what its name says.
	want string
}

// recordings are the paths through the workflows that a change of the code must still be able to replay.
func recordings() []recording {
	retrain := func(change func(*lane) object, before ...func(context.Context, *lane) error) func(context.Context, *lane) (string, error) {
		return func(ctx context.Context, l *lane) (string, error) {
			for _, b := range before {
				if err := b(ctx, l); err != nil {
					return "", err
				}
			}
			_, err := l.report(ctx, change(l))
			return workflows.RetrainID(l.name), err
		}
	}
	first := func(ctx context.Context, l *lane) error { return l.runs(ctx, l.gated()) }
	fail := func(kind string) func(context.Context, *lane) error {
		return func(ctx context.Context, l *lane) error {
			return l.emulator.Plan(ctx, stack.Outcome{Kind: kind, Code: "Recorded", Message: "it is to fail"})
		}
	}
	asked := func(update string) func(context.Context, *lane) (string, error) {
		return func(ctx context.Context, l *lane) (string, error) {
			c := &chaos{lane: l}
			_, err := c.play(ctx, with(l.gated(), object{"approval": object{"when": "always"}}), c.answers(update))
			return workflows.RetrainID(l.name), err
		}
	}
	return []recording{
		{"success", retrain((*lane).whole), "succeeded"},
		{"full", retrain(func(l *lane) object {
			second := maps.Clone(l.whole()["tests"].([]object)[0])
			second["name"] = "more desk calls"
			return with(l.gated(), object{"project": "Wind service desk", "tests": append(l.whole()["tests"].([]object), second)})
		}), "succeeded"},
		{"success-next", retrain((*lane).gated, first), "succeeded"},
		{"success-without-endpoint", retrain((*lane).small), "succeeded"},
		{"rejection", retrain(func(l *lane) object { return strict(l.gated()) }, first), "rejected"},
		{"approval", asked(workflows.UpdateApprove), "succeeded"},
		{"approval-rejected", asked(workflows.UpdateReject), "rejected"},
		{"approval-timeout", retrain(func(l *lane) object {
			return with(l.gated(), object{"approval": object{"when": "always", "timeout": "2s"}})
		}), "rejected"},
		{"failure-training", retrain((*lane).gated, fail("training")), "failed"},
		{"failure-import", retrain((*lane).gated, fail("dataset")), "failed"},
		{"failure-deployment", retrain((*lane).gated, first, fail("endpoint")), "failed"},
		{"failure-evaluation", retrain(func(l *lane) object {
			return with(l.gated(), object{"approval": object{"when": "never"}})
		}, fail("evaluation")), "rejected"},
		{"failure-request", retrain(func(l *lane) object { return with(l.small(), object{"colour": "red"}) }), "failed"},
		{"notification", retrain(func(l *lane) object {
			return with(l.small(), object{"notify": []object{{"urlFrom": object{"env": "NO_HOOK"}, "on": []string{"promoted"}}}})
		}), "succeeded"},
		{"cancel", canceled, "canceled"},
		{"sweep", func(ctx context.Context, l *lane) (string, error) {
			if err := leftBehind(ctx, l); err != nil {
				return "", err
			}
			return workflows.SweepID(l.name), l.sweep(ctx)
		}, ""},
		{"rollback", func(ctx context.Context, l *lane) (string, error) {
			if err := l.runs(ctx, with(l.gated(), object{"keep": 2}), with(l.gated(), object{"keep": 2})); err != nil {
				return "", err
			}
			id := workflows.RollbackID(l.name)
			_, err := l.beside(ctx, workflows.TypeRollback, id, object{"name": l.name, "locale": locale, "endpoint": l.name, "by": "ann", "reason": "complaints"})
			return id, err
		}, "succeeded"},
		{"reset", wasReset, "succeeded"},
		{"twins", twins, "succeeded"},
		{"reconsidered", reconsidered, "succeeded"},
		{"cancel-deployment", canceledDeployment, "canceled"},
		{"rollback-without-endpoint", func(ctx context.Context, l *lane) (string, error) {
			if err := l.runs(ctx, with(l.small(), object{"keep": 2}), with(l.small(), object{"keep": 2})); err != nil {
				return "", err
			}
			id := workflows.RollbackID(l.name)
			_, err := l.beside(ctx, workflows.TypeRollback, id, object{"name": l.name, "locale": locale, "by": "ann", "reason": "complaints"})
			return id, err
		}, "succeeded"},
		{"evaluate", func(ctx context.Context, l *lane) (string, error) {
			if err := first(ctx, l); err != nil {
				return "", err
			}
			id := workflows.EvaluateID(l.name)
			_, err := l.beside(ctx, workflows.TypeEvaluate, id, object{"request": l.gated()})
			return id, err
		}, "succeeded"},
		{"adopt", func(ctx context.Context, l *lane) (string, error) {
			if err := l.runs(ctx, l.small()); err != nil {
				return "", err
			}
			version, err := l.versionIn(ctx, lifecycle.StateChampion)
			if err != nil {
				return "", err
			}
			id := workflows.AdoptID(l.name)
			_, err = l.beside(ctx, workflows.TypeAdopt, id, object{"name": l.name, "locale": locale, "versionId": version, "by": "ann"})
			return id, err
		}, "succeeded"},
		{"renew-started", checked(workflows.TypeRenew, nil), ""},
		{"renew-current", checked(workflows.TypeRenew, first), ""},
		{"renew-unknown-data", unknownData(workflows.TypeRenew), ""},
		{"unknown-data", unknownData(workflows.TypeRetrain), "succeeded"},
		{"plan", checked(workflows.TypePlan, first), ""},
		{"plans", func(ctx context.Context, l *lane) (string, error) {
			id := "plans/" + l.name
			refused := with(l.gated(), object{"training": []object{}})
			run, err := l.start(ctx, workflows.TypePlan, id, object{"requests": []object{l.gated(), refused}})
			if err != nil {
				return "", err
			}
			return id, run.Get(ctx, nil)
		}, ""},
		{"doctor", checked(workflows.TypeDoctor, nil), ""},
		{"observe", func(ctx context.Context, l *lane) (string, error) {
			id := "observe/" + l.name
			run, err := l.start(ctx, workflows.TypeObserve, id, object{"names": []string{l.name}})
			if err != nil {
				return "", err
			}
			return id, run.Get(ctx, nil)
		}, ""},
	}
}

// checked is a check or a plan, after a preparation if there is one.
func checked(kind string, before func(context.Context, *lane) error) func(context.Context, *lane) (string, error) {
	return func(ctx context.Context, l *lane) (string, error) {
		if before != nil {
			if err := before(ctx, l); err != nil {
				return "", err
			}
		}
		id := "check/" + l.name
		run, err := l.start(ctx, kind, id, with(l.gated(), object{"renew": object{"before": "30d"}}))
		if err != nil {
			return "", err
		}
		return id, run.Get(ctx, nil)
	}
}

// unknownData is a check, or a retrain, of a model whose server of data has gone away since its first retrain: a check
// looks twice, a retrain uses the dataset that it has.
func unknownData(kind string) func(context.Context, *lane) (string, error) {
	return func(ctx context.Context, l *lane) (string, error) {
		data := newDataServer("the nacelle is too hot\nfeather the blades now\n")
		defer data.server.Close()
		request := with(l.gated(), object{
			"training": []object{{"name": "words", "kind": "Language", "contentUrl": data.server.URL + "/words.txt"}},
			"renew":    object{"before": "30d"},
		})
		if err := l.runs(ctx, request); err != nil {
			return "", err
		}
		data.away.Store(true)
		if kind == workflows.TypeRetrain {
			_, err := l.report(ctx, request)
			return workflows.RetrainID(l.name), err
		}
		id := "check/" + l.name
		// A little more than the minute that its last look needs, so that it waits for seconds before that.
		run, err := l.start(ctx, kind, id, with(request, object{"limits": object{"unavailable": "75s"}}))
		if err != nil {
			return "", err
		}
		return id, run.Get(ctx, nil)
	}
}

// canceled cancels a run while its training goes on.
func canceled(ctx context.Context, l *lane) (string, error) {
	if err := l.emulator.Plan(ctx, stack.Outcome{Kind: "training", Hang: true}); err != nil {
		return "", err
	}
	run, err := l.retrain(ctx, l.gated())
	if err != nil {
		return "", err
	}
	if _, err := l.training(ctx); err != nil {
		return "", err
	}
	if err := l.Client.CancelWorkflow(ctx, run.GetID(), run.GetRunID()); err != nil {
		return "", err
	}
	return run.GetID(), l.end(ctx, run.GetID(), run.GetRunID()).Err
}

// wasReset resets a run behind its end to its first event: it finds what it had made.
func wasReset(ctx context.Context, l *lane) (string, error) {
	report, err := l.report(ctx, l.gated())
	if err != nil {
		return "", err
	}
	id := workflows.RetrainID(l.name)
	points, err := l.resetPoints(ctx, id, *report.RunID)
	if err != nil || len(points) == 0 {
		return "", errors.Join(err, errors.New("nothing to reset to"))
	}
	next, err := l.resetTo(ctx, id, *report.RunID, points[0])
	if err != nil {
		return "", err
	}
	return id, l.end(ctx, id, next).Err
}

// twins loses the answer to the create of the version while lists are far behind: the run trains twice, finds the second
// version at the end of the training, and removes it.
func twins(ctx context.Context, l *lane) (string, error) {
	if err := l.emulator.Set(ctx, object{"listLag": "4s", "trainingTime": "60s"}); err != nil {
		return "", err
	}
	if err := l.emulator.Inject(ctx, stack.Fault{Kind: "dropAfter", Operation: "Models_Create"}); err != nil {
		return "", err
	}
	report, err := l.report(ctx, l.gated())
	if err != nil {
		return "", err
	}
	if notes := strings.Join(report.Notes, "; "); !strings.Contains(notes, "started twice") && len(report.Deleted) == 0 {
		return "", fmt.Errorf("no twin was made: %s", notes)
	}
	return workflows.RetrainID(l.name), nil
}

// reconsidered changes the endpoint by hand while a person thinks about a version: the run asks once more.
func reconsidered(ctx context.Context, l *lane) (string, error) {
	if err := l.runs(ctx, with(l.gated(), object{"keep": 2}), with(l.gated(), object{"keep": 2})); err != nil {
		return "", err
	}
	before, err := l.versionIn(ctx, lifecycle.StateRetired)
	if err != nil {
		return "", err
	}
	endpoints, err := l.emulator.Objects(ctx, stack.Endpoints)
	if err != nil || len(endpoints) != 1 {
		return "", errors.Join(err, fmt.Errorf("there are %d endpoints", len(endpoints)))
	}
	c := &chaos{lane: l}
	approve := c.answers(workflows.UpdateApprove)
	_, err = c.play(ctx, with(l.gated(), object{"approval": object{"when": "always"}}), func(ctx context.Context, run client.WorkflowRun) (string, error) {
		if _, err := l.question(ctx, run); err != nil {
			return "", err
		}
		change := object{"model": object{"self": l.emulator.Address("models/" + before)}}
		if err := l.emulator.As("a person").Change(ctx, "endpoints/"+endpoints[0].ID, change); err != nil {
			return "", err
		}
		if err := stack.Await(ctx, "the change by hand", func(ctx context.Context) error {
			serving, err := l.emulator.Serving(ctx, endpoints[0].ID)
			if err == nil && (serving.ModelID != before || serving.Status != "Succeeded") {
				err = fmt.Errorf("it is %s with %s", serving.Status, serving.ModelID)
			}
			return err
		}); err != nil {
			return "", err
		}
		if _, err := approve(ctx, run); err != nil {
			return "", err
		}
		return approve(ctx, run)
	})
	if err != nil {
		return "", err
	}
	e := l.end(ctx, workflows.RetrainID(l.name), "")
	if e.Report == nil || !strings.Contains(strings.Join(e.Report.Notes, "; "), "was changed during the run") {
		return "", fmt.Errorf("it was not asked twice: %+v", e.Report)
	}
	return workflows.RetrainID(l.name), nil
}

// canceledDeployment cancels a run while its endpoint is changed: it ends when it is known what serves.
func canceledDeployment(ctx context.Context, l *lane) (string, error) {
	if err := l.runs(ctx, l.gated()); err != nil {
		return "", err
	}
	if err := l.emulator.Plan(ctx, stack.Outcome{Kind: "endpoint", Hang: true}); err != nil {
		return "", err
	}
	run, err := l.retrain(ctx, l.gated())
	if err != nil {
		return "", err
	}
	endpoint := ""
	err = stack.Await(ctx, "the deployment", func(ctx context.Context) error {
		all, err := l.emulator.Objects(ctx, stack.Endpoints)
		if err != nil {
			return err
		}
		for _, e := range all {
			if e.Status != "Succeeded" {
				endpoint = e.ID
				return nil
			}
		}
		return errors.New("no endpoint changes yet")
	})
	if err != nil {
		return "", err
	}
	if err := l.Client.CancelWorkflow(ctx, run.GetID(), run.GetRunID()); err != nil {
		return "", err
	}
	if err := l.emulator.Finish(ctx, endpoint); err != nil {
		return "", err
	}
	return run.GetID(), l.end(ctx, run.GetID(), run.GetRunID()).Err
}
