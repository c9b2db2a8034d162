package main

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/internal/follow"
	"speech-retrainer/workflows"
)

// keptTemporal is a Temporal that keeps schedules, and tells what was done to them.
type keptTemporal struct {
	*fakeTemporal

	kept map[string]*client.ScheduleDescription
	// unlisted are schedules that the listing does not show yet.
	unlisted []string
	done     []string
	// refuses is the schedule that cannot be changed.
	refuses string
}

func newKept() *keptTemporal {
	return &keptTemporal{fakeTemporal: &fakeTemporal{}, kept: map[string]*client.ScheduleDescription{}}
}

func (k *keptTemporal) ScheduleClient() client.ScheduleClient { return keptClient{kept: k} }

type keptClient struct {
	client.ScheduleClient

	kept *keptTemporal
}

// payload is a value as the server gives it back.
func payload(value any) *commonpb.Payload {
	p, err := converter.GetDefaultDataConverter().ToPayload(value)
	if err != nil {
		panic(err)
	}
	return p
}

// stored is an action as the server gives it back: its arguments and memo are payloads.
func stored(action client.ScheduleAction) client.ScheduleAction {
	given := *action.(*client.ScheduleWorkflowAction)
	args, memo := given.Args, given.Memo
	given.Args, given.Memo = nil, map[string]any{}
	for _, arg := range args {
		given.Args = append(given.Args, payload(arg))
	}
	for key, value := range memo {
		given.Memo[key] = payload(value)
	}
	return &given
}

func (c keptClient) Create(_ context.Context, o client.ScheduleOptions) (client.ScheduleHandle, error) {
	c.kept.done = append(c.kept.done, "create "+o.ID)
	memo := &commonpb.Memo{Fields: map[string]*commonpb.Payload{}}
	for key, value := range o.Memo {
		memo.Fields[key] = payload(value)
	}
	c.kept.kept[o.ID] = &client.ScheduleDescription{Memo: memo, Schedule: client.Schedule{
		Spec: &o.Spec, Action: stored(o.Action), State: &client.ScheduleState{},
		Policy: &client.SchedulePolicies{Overlap: o.Overlap, CatchupWindow: o.CatchupWindow},
	}}
	return keptHandle{kept: c.kept, id: o.ID}, nil
}

func (c keptClient) List(context.Context, client.ScheduleListOptions) (client.ScheduleListIterator, error) {
	entries := &scheduleEntries{}
	for _, id := range slices.Sorted(maps.Keys(c.kept.kept)) {
		if slices.Contains(c.kept.unlisted, id) {
			continue
		}
		entry := &client.ScheduleListEntry{ID: id}
		entry.WorkflowType.Name = workflows.TypeRenew
		entries.rest = append(entries.rest, entry)
	}
	return entries, nil
}

func (c keptClient) GetHandle(_ context.Context, id string) client.ScheduleHandle {
	return keptHandle{kept: c.kept, id: id}
}

type keptHandle struct {
	client.ScheduleHandle

	kept *keptTemporal
	id   string
}

func (h keptHandle) Describe(context.Context) (*client.ScheduleDescription, error) {
	if d := h.kept.kept[h.id]; d != nil {
		return d, nil
	}
	return nil, serviceerror.NewNotFound("schedule not found")
}

func (h keptHandle) Delete(context.Context) error {
	if h.id == h.kept.refuses {
		return serviceerror.NewPermissionDenied("not yours", "")
	}
	h.kept.done = append(h.kept.done, "delete "+h.id)
	delete(h.kept.kept, h.id)
	return nil
}

func (h keptHandle) Update(_ context.Context, o client.ScheduleUpdateOptions) error {
	if h.id == h.kept.refuses {
		return serviceerror.NewPermissionDenied("not yours", "")
	}
	h.kept.done = append(h.kept.done, "update "+h.id)
	update, err := o.DoUpdate(client.ScheduleUpdateInput{Description: *h.kept.kept[h.id]})
	if err != nil {
		return err
	}
	update.Schedule.Action = stored(update.Schedule.Action)
	h.kept.kept[h.id].Schedule = *update.Schedule
	return nil
}

// did is what was done since it was asked last.
func (k *keptTemporal) did() []string {
	done := k.done
	k.done = nil
	return done
}

// terminal is how an operator sits at a terminal and types stdin.
type terminal struct {
	stdin string
}

// executeKept runs the program against k, at a terminal unless at is nil.
func executeKept(t *testing.T, k *keptTemporal, at *terminal, args ...string) console {
	t.Helper()
	o := Options{Args: args, Stdin: strings.NewReader(""), Env: env{}}
	if at != nil {
		o.Stdin, o.StdinTerminal, o.StderrTerminal = strings.NewReader(at.stdin), true, true
	}
	return k.execute(t, o)
}

// execute runs the program against k.
func (k *keptTemporal) execute(t *testing.T, o Options) console {
	t.Helper()
	var stdout, stderr bytes.Buffer
	o.Stdout, o.Stderr = &stdout, &stderr
	o.Dial = func(context.Context, client.Options) (follow.Temporal, error) { return k, nil }
	code := Execute(t.Context(), o)
	return console{code: code, stdout: stdout.String(), stderr: stderr.String()}
}
