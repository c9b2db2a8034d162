package main

import (
	"context"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/schedules"
	"speech-retrainer/workflows"
)

// scheduleCommand completes a command on the schedule of one model.
func (a *app) scheduleCommand(cmd *cobra.Command, do func(ctx context.Context, s follow.Session, name string) error) *cobra.Command {
	var connection connectionFlags
	cmd.Long = cmd.Short + ".\n\n" + cmd.Long
	cmd.Args = cobra.ExactArgs(1)
	cmd.RunE = onModel(func(ctx context.Context, target string) error {
		_, name, err := follow.ParseTarget(target)
		if err != nil {
			return err
		}
		s, err := a.connect(ctx, connection)
		if err != nil {
			return err
		}
		defer s.Close()
		return do(ctx, s, name)
	})
	connection.add(cmd)
	return cmd
}

func (a *app) pauseCommand() *cobra.Command {
	var note string
	cmd := &cobra.Command{
		Use: "pause NAME", Short: "Stop the checks of a model until they are resumed",
		Long: `A run that goes on is not touched. While it is paused nobody hears of an expiry
that comes near.`,
		Example: `  starter pause support-calls --note "waiting for new recordings"`,
	}
	cmd.Flags().StringVar(&note, "note", "", "Why, for whoever finds it paused")
	return a.scheduleCommand(cmd, func(ctx context.Context, s follow.Session, name string) error {
		if err := schedules.Pause(ctx, s, name, note); err != nil {
			return err
		}
		a.out.Print("paused %s", workflows.ScheduleID(name))
		return nil
	})
}

func (a *app) resumeCommand() *cobra.Command {
	var note string
	cmd := &cobra.Command{
		Use: "resume NAME", Short: "Let the checks of a model go on",
		Long:    "The next one comes at its time; to check now: starter trigger.",
		Example: "  starter resume support-calls",
	}
	cmd.Flags().StringVar(&note, "note", "", "Why, for the history of the schedule")
	return a.scheduleCommand(cmd, func(ctx context.Context, s follow.Session, name string) error {
		if err := schedules.Resume(ctx, s, name, note); err != nil {
			return err
		}
		a.out.Print("resumed %s", workflows.ScheduleID(name))
		return nil
	})
}

func (a *app) triggerCommand() *cobra.Command {
	return a.scheduleCommand(&cobra.Command{
		Use: "trigger NAME", Short: "Check a model now, and retrain it if it is due",
		Long: `Fires the schedule of the model once, also while it is paused. A retrain that
goes on is named; the check then sends its alarms and starts nothing.`,
		Example: "  starter trigger support-calls",
	}, func(ctx context.Context, s follow.Session, name string) error {
		running, err := schedules.Trigger(ctx, s, name)
		if err != nil {
			return err
		}
		a.out.Print("triggered %s", workflows.ScheduleID(name))
		if running != "" {
			a.out.Tell("run %s of %s goes on already: the check will not start another", running, workflows.RetrainID(name))
		}
		return nil
	})
}
