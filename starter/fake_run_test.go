package main

import (
	"context"
	"encoding/json"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/internal/lifecycle"
)

// fakeRun tells its reports at their times and ends with the last of them.
type fakeRun struct {
	id     string
	status enumspb.WorkflowExecutionStatus
	// script is what the query answers from which time after the start on; none = it never answers.
	script []scene
	// end is how long after the start it ends, with result or with err; negative = never.
	end    time.Duration
	result lifecycle.Report
	err    error
	// canceled makes it end with onCancel.
	canceled chan struct{}
	onCancel error
}

type scene struct {
	after  time.Duration
	report lifecycle.Report
}

func newFakeRun(end time.Duration) *fakeRun {
	return &fakeRun{id: "run-1", status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, end: end}
}

// updated is the client's handle of an update.
type updated struct {
	client.WorkflowUpdateHandle

	fake *fakeTemporal
}

func (u updated) Get(_ context.Context, target any) error {
	if u.fake.updateErr != nil {
		return u.fake.updateErr
	}
	return through(u.fake.answered, target)
}

// through copies a value as the client does it: through JSON.
func through(value, target any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, target)
}

// history is one whose first event alone is told.
type history struct{ fake *fakeTemporal }

func (h *history) HasNext() bool { return true }

func (h *history) Next() (*historypb.HistoryEvent, error) {
	if err := h.fake.reached(); err != nil {
		return nil, err
	}
	input := &commonpb.Payloads{Payloads: []*commonpb.Payload{{Metadata: map[string][]byte{"encoding": []byte("binary/encrypted")}}}}
	var err error
	if h.fake.requested != nil {
		input, err = converter.GetDefaultDataConverter().ToPayloads(json.RawMessage(h.fake.requested))
	}
	return &historypb.HistoryEvent{
		Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
			WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{Input: input},
		},
	}, err
}

// handle is the client's handle of a run.
type handle struct {
	client.WorkflowRun

	fake *fakeTemporal
	id   string
	run  *fakeRun
}

func (h handle) GetID() string    { return h.id }
func (h handle) GetRunID() string { return h.run.id }

func (h handle) Get(ctx context.Context, target any) error {
	if err := h.fake.reached(); err != nil {
		return err
	}
	var ends <-chan time.Time
	if h.run.end >= 0 {
		ends = time.After(h.run.end - h.fake.now())
	}
	var lost <-chan time.Time
	if h.fake.away != nil {
		poll := time.NewTicker(time.Second)
		defer poll.Stop()
		lost = poll.C
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-lost:
			if err := h.fake.reached(); err != nil {
				return err
			}
		case <-h.run.canceled:
			return h.run.onCancel
		case <-ends:
			if h.run.err != nil {
				return h.run.err
			}
			return through(h.run.result, target)
		}
	}
}
