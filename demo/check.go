package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// pace is how often Temporal is asked what has happened.
const pace = 200 * time.Millisecond

// check fires the schedule of the model, shows why the check starts a retrain, and the facts of that as they come. It is
// an error when the retrain ends otherwise than told.
func (t *story) check(ctx context.Context, outcome lifecycle.Outcome) (lifecycle.Report, error) {
	var report lifecycle.Report
	before, err := t.actions(ctx)
	if err != nil {
		return report, err
	}
	if err := t.starter(ctx, "the daily check, now", "trigger", model); err != nil {
		return report, err
	}
	renewal, err := t.renewal(ctx, len(before))
	if err != nil {
		return report, err
	}
	if renewal.RetrainRunID == nil {
		return report, fmt.Errorf("the check has started nothing: %s: %s", renewal.Outcome, renewal.Reason)
	}
	t.show([]fact{{"check", "due: " + renewal.Reason}})
	if report, err = t.follow(ctx, *renewal.RetrainRunID); err != nil {
		return report, err
	}
	if report.Error != nil {
		return report, fmt.Errorf("the retrain has failed: %s: %s", report.Error.Type, report.Error.Message)
	}
	if report.Outcome != outcome {
		return report, fmt.Errorf("the retrain has ended as %s, not %s", report.Outcome, outcome)
	}
	endpoint := t.first.Endpoint
	if report.Endpoint != nil {
		endpoint = report.Endpoint
	}
	now, err := t.emulator.Serving(ctx, endpoint.ID)
	if err != nil {
		return report, err
	}
	end, err := outcomeOf(report, now)
	if err != nil {
		return report, err
	}
	t.show([]fact{end})
	if t.verbose {
		err = t.starter(ctx, "the model card", "report", model)
	}
	return report, err
}

// actions are the checks that the schedule has started, newest last.
func (t *story) actions(ctx context.Context) ([]client.ScheduleActionResult, error) {
	described, err := t.temporal.ScheduleClient().GetHandle(ctx, lifecycle.ScheduleID(model)).Describe(ctx)
	if err != nil {
		return nil, err
	}
	return described.Info.RecentActions, nil
}

// renewal waits until a check after so many others has ended, and returns what it came to.
func (t *story) renewal(ctx context.Context, before int) (report lifecycle.RenewReport, err error) {
	for {
		actions, err := t.actions(ctx)
		if err != nil {
			return report, err
		}
		if len(actions) > before {
			started := actions[len(actions)-1].StartWorkflowResult
			return report, t.temporal.GetWorkflow(ctx, started.WorkflowID, started.FirstExecutionRunID).Get(ctx, &report)
		}
		if err := pause(ctx, pace); err != nil {
			return report, err
		}
	}
}

// follow shows the facts of a retrain until it ends.
func (t *story) follow(ctx context.Context, runID string) (report lifecycle.Report, err error) {
	for shown := 0; ; {
		answer, err := t.temporal.QueryWorkflow(ctx, lifecycle.RetrainID(model), runID, lifecycle.QueryStatus)
		if err == nil {
			err = answer.Get(&report)
		}
		if err != nil {
			return report, err
		}
		facts := factsOf(report)
		t.show(facts[shown:])
		shown = len(facts)
		if report.Outcome != lifecycle.Running {
			return report, nil
		}
		if err := pause(ctx, pace); err != nil {
			return report, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// starter runs the operator's program and says so, and what it is for. What it prints is shown with --verbose, or when it failed. A Ctrl-C
// reaches it as well; after SIGTERM it is told to end.
func (t *story) starter(ctx context.Context, what string, args ...string) error {
	t.say("$ starter %s  # %s", strings.Join(args, " "), what)
	cmd := exec.CommandContext(ctx, t.binaries.Starter, args...)
	cmd.Dir = filepath.Clean(t.root)
	cmd.Env = append(t.server.Environment(), t.emulator.Environment(listLag)...)
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	if t.verbose {
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	}
	cmd.SysProcAttr = stack.DieWithParent()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		return errors.Join(fmt.Errorf("starter %s: %w", args[0], err), errors.New(printed.String()))
	}
	return nil
}
