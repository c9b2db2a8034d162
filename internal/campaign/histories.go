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

	"speech-retrainer/internal/stack"
)

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
