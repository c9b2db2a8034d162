package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/internal/sample"
	"speech-retrainer/workflows"
)

// did is what was done since it was asked last: what may be done side by side in the order of the alphabet, before what
// was deleted.
func (f *fakeTemporal) did() []string {
	done := f.done
	f.done = nil
	kept := slices.IndexFunc(done, func(what string) bool { return strings.HasPrefix(what, "delete") })
	if kept < 0 {
		kept = len(done)
	}
	slices.Sort(done[:kept])
	slices.Sort(done[kept:])
	return done
}

// nextCheck is when the schedules fire that renewed makes.
var nextCheck = sample.At(20 * time.Hour)

// renewed is the schedule of a model; its request names no locale when that is empty.
func renewed(queue, locale string) *client.ScheduleDescription {
	action := &client.ScheduleWorkflowAction{TaskQueue: queue, Workflow: workflows.TypeRenew}
	if locale != "" {
		action.Args = []any{payload(map[string]string{"locale": locale})}
	}
	return &client.ScheduleDescription{
		Schedule: client.Schedule{Action: action, State: &client.ScheduleState{}},
		Info:     client.ScheduleInfo{NextActionTimes: []time.Time{nextCheck}},
	}
}

// strangers are a schedule of somebody else, and one made by hand for what is no name of a model.
func strangers() map[string]*client.ScheduleDescription {
	other := &client.ScheduleDescription{Schedule: client.Schedule{Action: &client.ScheduleWorkflowAction{Workflow: "Backup"}}}
	return map[string]*client.ScheduleDescription{"backup": other, workflows.ScheduleID("No Name"): renewed("west", "")}
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

func (f *fakeTemporal) ScheduleClient() client.ScheduleClient { return scheduleClient{fake: f} }

func (f *fakeTemporal) ListWorkflow(
	_ context.Context, r *workflowservice.ListWorkflowExecutionsRequest,
) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	f.visibilities++
	return f.listed(r.GetQuery())
}

type scheduleClient struct {
	client.ScheduleClient

	fake *fakeTemporal
}

func (c scheduleClient) Create(_ context.Context, o client.ScheduleOptions) (client.ScheduleHandle, error) {
	c.fake.mu.Lock()
	defer c.fake.mu.Unlock()
	c.fake.done = append(c.fake.done, "create "+o.ID)
	memo := &commonpb.Memo{Fields: map[string]*commonpb.Payload{}}
	for key, value := range o.Memo {
		memo.Fields[key] = payload(value)
	}
	if c.fake.kept == nil {
		c.fake.kept = map[string]*client.ScheduleDescription{}
	}
	c.fake.kept[o.ID] = &client.ScheduleDescription{Memo: memo, Schedule: client.Schedule{
		Spec: &o.Spec, Action: stored(o.Action), State: &client.ScheduleState{},
		Policy: &client.SchedulePolicies{Overlap: o.Overlap, CatchupWindow: o.CatchupWindow},
	}}
	return nil, nil
}

func (c scheduleClient) List(context.Context, client.ScheduleListOptions) (client.ScheduleListIterator, error) {
	c.fake.lists++
	entries := &scheduleEntries{}
	for _, id := range slices.Sorted(maps.Keys(c.fake.kept)) {
		if slices.Contains(c.fake.unlisted, id) {
			continue
		}
		entry := &client.ScheduleListEntry{ID: id}
		entry.WorkflowType.Name, _ = c.fake.kept[id].Schedule.Action.(*client.ScheduleWorkflowAction).Workflow.(string)
		entries.rest = append(entries.rest, entry)
	}
	return entries, nil
}

type scheduleEntries struct{ rest []*client.ScheduleListEntry }

func (e *scheduleEntries) HasNext() bool { return len(e.rest) > 0 }

func (e *scheduleEntries) Next() (*client.ScheduleListEntry, error) {
	entry := e.rest[0]
	e.rest = e.rest[1:]
	return entry, nil
}

func (c scheduleClient) GetHandle(_ context.Context, id string) client.ScheduleHandle {
	return scheduleHandle{fake: c.fake, id: id}
}

type scheduleHandle struct {
	client.ScheduleHandle

	fake *fakeTemporal
	id   string
}

// can tells why nothing can be done with the schedule.
func (h scheduleHandle) can() error {
	switch {
	case h.fake.kept[h.id] == nil:
		return serviceerror.NewNotFound("schedule not found")
	case h.id == h.fake.refuses:
		return serviceerror.NewPermissionDenied("not yours", "")
	}
	return nil
}

func (h scheduleHandle) Describe(context.Context) (*client.ScheduleDescription, error) {
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	h.fake.describes++
	if d := h.fake.kept[h.id]; d != nil {
		return d, nil
	}
	return nil, serviceerror.NewNotFound("schedule not found")
}

func (h scheduleHandle) Delete(context.Context) error {
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	if err := h.can(); err != nil {
		return err
	}
	h.fake.done = append(h.fake.done, "delete "+h.id)
	delete(h.fake.kept, h.id)
	return nil
}

func (h scheduleHandle) Update(_ context.Context, o client.ScheduleUpdateOptions) error {
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	if err := h.can(); err != nil {
		return err
	}
	h.fake.done = append(h.fake.done, "update "+h.id)
	update, err := o.DoUpdate(client.ScheduleUpdateInput{Description: *h.fake.kept[h.id]})
	if err != nil {
		return err
	}
	update.Schedule.Action = stored(update.Schedule.Action)
	h.fake.kept[h.id].Schedule = *update.Schedule
	return nil
}

func (h scheduleHandle) Pause(_ context.Context, o client.SchedulePauseOptions) error {
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	if err := h.can(); err != nil {
		return err
	}
	h.fake.done = append(h.fake.done, "pause "+h.id+": "+o.Note)
	return nil
}

func (h scheduleHandle) Unpause(_ context.Context, o client.ScheduleUnpauseOptions) error {
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	if err := h.can(); err != nil {
		return err
	}
	h.fake.done = append(h.fake.done, "resume "+h.id+": "+o.Note)
	return nil
}

func (h scheduleHandle) Trigger(_ context.Context, o client.ScheduleTriggerOptions) error {
	h.fake.mu.Lock()
	defer h.fake.mu.Unlock()
	if err := h.can(); err != nil {
		return err
	}
	h.fake.done = append(h.fake.done, "trigger "+h.id+": "+o.Overlap.String())
	if h.fake.fires != nil {
		info, run := &h.fake.kept[h.id].Info, fmt.Sprintf("check-%d", len(h.fake.ends))
		if h.fake.ends == nil {
			h.fake.ends = map[string]answered{}
		}
		h.fake.ends[run] = *h.fake.fires
		started := &client.ScheduleWorkflowExecution{WorkflowID: h.id + "-2026-07-29T12:00:00Z", FirstExecutionRunID: run}
		info.RecentActions = append(info.RecentActions, client.ScheduleActionResult{StartWorkflowResult: started})
	}
	return nil
}
