package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// sweepTemporal is a Temporal whose workers answer Observe and Sweep.
type sweepTemporal struct {
	*fakeTemporal

	rows     []lifecycle.Row
	datasets []lifecycle.UnusedDataset
	// swept and failing are how the sweep of an ID ends; running are the IDs of those that go on already.
	swept   map[string]workflows.SweepReport
	failing map[string]error
	running []string
	// hangs tells that no sweep ends; pending are the IDs of its activities.
	hangs   bool
	pending []string

	observed []workflows.ObserveInput
	began    []client.StartWorkflowOptions
	inputs   []string
}

func (s *sweepTemporal) ExecuteWorkflow(_ context.Context, o client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error) {
	raw, err := json.Marshal(args[0])
	if err != nil {
		return nil, err
	}
	if workflow == workflows.TypeObserve {
		var in workflows.ObserveInput
		if err := json.Unmarshal(raw, &in); err != nil {
			return nil, err
		}
		s.observed = append(s.observed, in)
		return answered{value: workflows.Observed{Rows: s.rows, Datasets: s.datasets}}, nil
	}
	for _, id := range s.running {
		if id == o.ID {
			return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("already started", "", "run-7")
		}
	}
	s.began, s.inputs = append(s.began, o), append(s.inputs, string(raw))
	return sweepRun{sweep: s, id: o.ID}, nil
}

func (s *sweepTemporal) GetWorkflow(_ context.Context, id, _ string) client.WorkflowRun {
	return sweepRun{sweep: s, id: id}
}

func (s *sweepTemporal) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	d := &workflowservice.DescribeWorkflowExecutionResponse{}
	for _, id := range s.pending {
		d.PendingActivities = append(d.PendingActivities, &workflowpb.PendingActivityInfo{ActivityId: id, State: 2})
	}
	return d, nil
}

type sweepRun struct {
	client.WorkflowRun

	sweep *sweepTemporal
	id    string
}

func (r sweepRun) GetRunID() string { return "run-1" }

func (r sweepRun) Get(ctx context.Context, target any) error {
	if r.sweep.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	if err := r.sweep.failing[r.id]; err != nil {
		return err
	}
	return through(r.sweep.swept[r.id], target)
}

// executeSweep runs the program against s, at a terminal where stdin is typed unless that is empty.
func executeSweep(ctx context.Context, t *testing.T, s *sweepTemporal, stdin string, args ...string) console {
	t.Helper()
	if s.fakeTemporal == nil {
		s.fakeTemporal = &fakeTemporal{}
	}
	var stdout, stderr bytes.Buffer
	code := Execute(ctx, Options{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, Env: env{},
		StdinTerminal: stdin != "", StderrTerminal: stdin != "",
		Dial: func(context.Context, client.Options) (follow.Temporal, error) { return s, nil },
	})
	return console{code: code, stdout: stdout.String(), stderr: stderr.String()}
}
