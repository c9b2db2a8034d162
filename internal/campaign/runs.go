package campaign

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
	"speech-retrainer/workflows"
)

// object is a piece of JSON, as an operator writes it.
type object = map[string]any

// ending is how a run ended. Report is what it told, whatever the ending; nil for a terminated one.
type ending struct {
	Status enums.WorkflowExecutionStatus
	Report *lifecycle.Report
	// Err is why there is no report where there should be one.
	Err error
}

// outcome is the ending in a word.
func (e ending) outcome() string {
	if e.Report != nil {
		return string(e.Report.Outcome)
	}
	return e.Status.String()
}

// start starts a workflow, never attaching to one that runs.
func (l *lane) start(ctx context.Context, kind, id string, input any) (client.WorkflowRun, error) {
	raw, err := json.Marshal(input)
	if err != nil {
		return nil, err
	}
	run, err := l.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: l.queue, WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, kind, json.RawMessage(raw))
	if err == nil {
		l.asked.note(asked{caller: l.emulator.Caller(), workflow: id, run: run.GetRunID()}, kind, raw)
	}
	return run, err
}

// retrain starts a retrain of the lane's model.
func (l *lane) retrain(ctx context.Context, request object) (client.WorkflowRun, error) {
	return l.start(ctx, workflows.TypeRetrain, workflows.RetrainID(l.name), request)
}

// end waits for the end of one run and reads its report.
func (l *lane) end(ctx context.Context, id, run string) ending {
	wait := cmp.Or(l.patience, patience)
	ctx, cancel := context.WithTimeoutCause(ctx, wait, fmt.Errorf("the run did not end within %s", wait))
	defer cancel()
	var report lifecycle.Report
	var err error
	// A server that dies breaks the wait off, not the run.
	if waitErr := stack.Await(ctx, "the end of "+id, func(ctx context.Context) error {
		err = l.Client.GetWorkflow(ctx, id, run).GetWithOptions(ctx, &report, client.WorkflowRunGetOptions{DisableFollowingRuns: true})
		var ended *temporal.WorkflowExecutionError
		switch {
		case missing(err):
			return stack.Permanent(err)
		case errors.As(err, &ended):
			return nil
		}
		return err
	}); waitErr != nil {
		return ending{Err: waitErr}
	}
	d, describeErr := describe(ctx, l.Client, id, run)
	if describeErr != nil {
		return ending{Err: errors.Join(err, describeErr, context.Cause(ctx))}
	}
	e := ending{Status: d.GetWorkflowExecutionInfo().GetStatus(), Report: &report}
	if at := d.GetWorkflowExecutionInfo().GetCloseTime(); at != nil {
		l.asked.ended(l.emulator.Caller(), id, d.GetWorkflowExecutionInfo().GetExecution().GetRunId(), at.AsTime())
	}
	var failed *temporal.ApplicationError
	var canceled *temporal.CanceledError
	var terminated *temporal.TerminatedError
	switch {
	case err == nil:
	case errors.As(err, &terminated):
		e.Report = nil
	case errors.As(err, &canceled):
		e.Err = canceled.Details(&report)
	case errors.As(err, &failed):
		if e.Err = failed.Details(&report); e.Err == nil && (report.Error == nil || string(report.Error.Type) != failed.Type()) {
			e.Err = fmt.Errorf("the report does not say what failed: %w", err)
		}
	default:
		e.Report, e.Err = nil, err
	}
	return e
}

// sweep runs a sweep of the lane's model to its end.
func (l *lane) sweep(ctx context.Context) error {
	wait := cmp.Or(l.patience, patience)
	ctx, cancel := context.WithTimeoutCause(ctx, wait, fmt.Errorf("the sweep did not end within %s", wait))
	defer cancel()
	id := workflows.SweepID(l.name)
	// A canceled run has started one already; it may have begun before what happened last.
	if err := l.Client.GetWorkflow(ctx, id, "").Get(ctx, nil); err != nil && !missing(err) {
		return fmt.Errorf("the sweep that a canceled run started: %w", err)
	}
	run, err := l.start(ctx, workflows.TypeSweep, id, object{"name": l.name, "locale": l.locale})
	if err != nil {
		return err
	}
	return run.Get(ctx, nil)
}

// describe asks Temporal for a run; with an empty run ID for the latest.
func describe(ctx context.Context, c client.Client, id, run string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	described, err := c.DescribeWorkflow(ctx, id, run)
	if err != nil {
		return nil, err
	}
	return described.RawResponse, nil
}
