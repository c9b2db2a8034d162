package main

import (
	"context"
	"encoding/json"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/workflows"
)

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

// observation is the client's handle of Observe.
type observation struct {
	client.WorkflowRun

	fake *fakeTemporal
}

func (o observation) GetRunID() string { return "observe-1" }

func (o observation) Get(ctx context.Context, target any) error {
	if o.fake.rows == nil && o.fake.observeErr == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	if o.fake.observeErr != nil {
		return o.fake.observeErr
	}
	return through(workflows.Observed{Rows: o.fake.rows}, target)
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
	if err := h.fake.answers(); err != nil {
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
	if err := h.fake.answers(); err != nil {
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
			if err := h.fake.answers(); err != nil {
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
