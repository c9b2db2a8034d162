package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// handled is a schedule by the name of its model.
type handled struct {
	follow.Session
	client.ScheduleHandle
	name string
}

// scheduleCommand is a command on the schedule of one model.
func (a *app) scheduleCommand(use, short, long, example string, flags func(*cobra.Command), do func(context.Context, handled) error) *cobra.Command {
	var connection connectionFlags
	cmd := &cobra.Command{
		Use: use, Short: short, Long: short + ".\n\n" + long, Example: example, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, name, err := follow.ParseTarget(args[0])
			if err != nil {
				return exit.Named(err, name)
			}
			s, err := a.connect(cmd.Context(), connection)
			if err != nil {
				return exit.Named(err, name)
			}
			defer s.Close()
			return exit.Named(do(cmd.Context(), handled{Session: s, ScheduleHandle: s.ScheduleClient().GetHandle(cmd.Context(), workflows.ScheduleID(name)), name: name}), name)
		},
	}
	flags(cmd)
	connection.add(cmd)
	return cmd
}

func (a *app) pauseCommand() *cobra.Command {
	var note string
	return a.scheduleCommand("pause NAME", "Stop the checks of a model until they are resumed",
		`A run that goes on is not touched. While it is paused nobody hears of an expiry
that comes near.`, `  starter pause support-calls --note "waiting for new recordings"`,
		func(cmd *cobra.Command) { cmd.Flags().StringVar(&note, "note", "", "Why, for whoever finds it paused") },
		func(ctx context.Context, h handled) error {
			if err := h.Pause(ctx, client.SchedulePauseOptions{Note: note}); err != nil {
				return h.failed("pause", err)
			}
			a.out.Print("paused %s", workflows.ScheduleID(h.name))
			return nil
		})
}

func (a *app) resumeCommand() *cobra.Command {
	var note string
	return a.scheduleCommand("resume NAME", "Let the checks of a model go on", "The next one comes at its time; to check now: starter trigger.", "  starter resume support-calls",
		func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&note, "note", "", "Why, for the history of the schedule")
		},
		func(ctx context.Context, h handled) error {
			if err := h.Unpause(ctx, client.ScheduleUnpauseOptions{Note: note}); err != nil {
				return h.failed("resume", err)
			}
			a.out.Print("resumed %s", workflows.ScheduleID(h.name))
			return nil
		})
}

func (a *app) triggerCommand() *cobra.Command {
	return a.scheduleCommand("trigger NAME", "Check a model now, and retrain it if it is due",
		`Fires the schedule of the model once, also while it is paused. A retrain that
goes on is named; the check then sends its alarms and starts nothing.`, "  starter trigger support-calls", func(*cobra.Command) {},
		func(ctx context.Context, h handled) error {
			running, err := h.DescribeWorkflowExecution(ctx, workflows.RetrainID(h.name), "")
			if err != nil && !follow.Missing(err) {
				return h.Unreachable(err)
			}
			if err := h.Trigger(ctx, client.ScheduleTriggerOptions{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL}); err != nil {
				return h.failed("trigger", err)
			}
			a.out.Print("triggered %s", workflows.ScheduleID(h.name))
			if info := running.GetWorkflowExecutionInfo(); info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
				a.out.Tell("run %s of %s goes on already: the check will not start another", info.GetExecution().GetRunId(), workflows.RetrainID(h.name))
			}
			return nil
		})
}

// failed says why something could not be done with a schedule.
func (h handled) failed(what string, err error) *exit.Failure {
	if _, is := errors.AsType[*serviceerror.NotFound](err); is {
		return exit.New(exit.Failed, exit.NotFound, "cannot %s %s: there is no schedule %s", what, h.name, workflows.ScheduleID(h.name)).
			Next("see those that are there: starter status; make one: starter apply --file fleet.yaml")
	}
	f := h.Unreachable(err)
	f.Cause.Message = fmt.Sprintf("cannot %s %s: %s", what, h.name, err)
	f.Cause.Type = lifecycle.Unavailable
	return f
}
