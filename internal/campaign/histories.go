package campaign

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"

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
		{"plan", checked(workflows.TypePlan, first), ""},
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

// plainNamespace is one that does not take our search attributes.
const plainNamespace = "without-attributes"

// Record plays every path with search attributes and without, and writes the histories into a folder.
func (r *Rig) Record(ctx context.Context, folder string, lanes int) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	plain, err := r.withoutAttributes(ctx)
	if err != nil {
		return fmt.Errorf("make a namespace without search attributes: %w", err)
	}
	defer plain.Client.Close()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lanes)
	for _, made := range []struct {
		rig    *Rig
		suffix string
	}{{r, ""}, {plain, "-without-attributes"}} {
		for _, rec := range recordings() {
			group.Go(func() error {
				if err := made.rig.record(ctx, rec, filepath.Join(folder, rec.name+made.suffix+".json")); err != nil {
					return fmt.Errorf("record %s%s: %w", rec.name, made.suffix, err)
				}
				return nil
			})
		}
	}
	return group.Wait()
}

// withoutAttributes makes a namespace in which one of our search attributes has another type, so that workers use none.
func (r *Rig) withoutAttributes(ctx context.Context) (*Rig, error) {
	_, err := r.Client.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: plainNamespace, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	if err != nil {
		return nil, err
	}
	c, err := r.Server.Client(ctx, plainNamespace)
	if err != nil {
		return nil, err
	}
	err = stack.Await(ctx, "the namespace", func(ctx context.Context) error {
		_, err := c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
			Namespace: plainNamespace, SearchAttributes: map[string]enumspb.IndexedValueType{"SpeechModel": enumspb.INDEXED_VALUE_TYPE_INT},
		})
		return err
	})
	return &Rig{
		Binaries: r.Binaries, CrashWorker: r.CrashWorker, Data: r.Data, Logs: filepath.Join(r.Logs, plainNamespace),
		Server: r.Server, Client: c, Namespace: plainNamespace,
	}, err
}

func (r *Rig) record(ctx context.Context, rec recording, file string) (err error) {
	l, err := r.lane(ctx, laneOptions{name: r.caseName(rec.name), profile: stack.Plain, lag: time.Second})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	l.work(ctx, 1, nil)
	id, err := rec.play(ctx, l)
	if err != nil {
		return err
	}
	if rec.want != "" {
		if e := l.end(ctx, id, ""); e.outcome() != rec.want {
			return fmt.Errorf("it ended as %s, not as %s", e.outcome(), rec.want)
		}
	}
	history := &historypb.History{}
	events := l.Client.GetWorkflowHistory(ctx, id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			return err
		}
		anonymous(e.ProtoReflect())
		history.Events = append(history.Events, e)
	}
	text, err := protojson.Marshal(history)
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// anonymous takes out of a message which process on which machine it came from.
func anonymous(m protoreflect.Message) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Kind() == protoreflect.StringKind && !f.IsList() && !f.IsMap() && (f.Name() == "identity" || f.Name() == "stack_trace"):
			m.Set(f, protoreflect.ValueOfString("recorded"))
		case f.IsMap() && f.MapValue().Message() != nil:
			v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool { anonymous(v.Message()); return true })
		case f.IsList() && f.Message() != nil:
			for i := range v.List().Len() {
				anonymous(v.List().Get(i).Message())
			}
		case !f.IsMap() && f.Message() != nil:
			anonymous(v.Message())
		}
		return true
	})
}
