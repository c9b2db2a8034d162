package main

import (
	"context"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/schedules"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

type triggerFlags struct {
	connection connectionFlags
	detach     bool
}

// triggered is what trigger prints for machines.
type triggered struct {
	Model    string `json:"model"`
	Schedule string `json:"schedule"`
	// WorkflowID and RunID are those of the check; null with --detach.
	WorkflowID *string `json:"workflowId"`
	RunID      *string `json:"runId"`
	// Check is what the check came to; null with --detach.
	Check *lifecycle.RenewReport `json:"check"`
}

func (a *app) triggerCommand() *cobra.Command {
	var f triggerFlags
	cmd := &cobra.Command{
		Use: "trigger NAME", Short: "Check a model now, and retrain it if it is due",
		Long: `Check a model now, and retrain it if it is due.

Fires the schedule of the model once, also while it is paused, waits for the
check, and says whether the model was due, why, and which run has started. A
retrain that goes on is named; the check then sends its alarms and starts
nothing. It waits no longer than a few seconds for a worker: the check goes on
by itself. Ctrl-C leaves the check, too.`,
		Example: `  starter trigger support-calls
  starter trigger support-calls --output json
  starter trigger support-calls --detach`,
		RunE: onModel(func(ctx context.Context, target string) error { return a.trigger(ctx, f, target) }),
	}
	cmd.Flags().BoolVar(&f.detach, "detach", false, "Do not wait for the check")
	addOutput(cmd, a.out)
	f.connection.add(cmd)
	return cmd
}

func (a *app) trigger(ctx context.Context, f triggerFlags, target string) error {
	_, name, err := follow.ParseTarget(target)
	if err != nil {
		return err
	}
	s, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer s.Close()
	earlier, err := schedules.Checks(ctx, s, "trigger", name)
	if err != nil {
		return err
	}
	running, err := schedules.Trigger(ctx, s, name)
	if err != nil {
		return err
	}
	done := triggered{Model: name, Schedule: workflows.ScheduleID(name)}
	a.sayUnlessJSON("triggered %s", done.Schedule)
	if running != "" {
		a.out.Tell("run %s of %s goes on already: the check will not start another", running, workflows.RetrainID(name))
	}
	if !f.detach {
		check, err := schedules.Next(ctx, s, name, earlier)
		if err != nil {
			return err
		}
		report, err := check.Check(ctx)
		if err != nil {
			return err
		}
		done.WorkflowID, done.RunID, done.Check = &check.ID, &check.RunID, &report
	}
	if a.out.JSON {
		a.out.Value(done)
	} else if done.Check != nil {
		a.showCheck(f.connection, name, *done.Check)
	}
	return nil
}

// sayUnlessJSON prints a line of the result for people.
func (a *app) sayUnlessJSON(format string, args ...any) {
	if !a.out.JSON {
		a.out.Print(format, args...)
	}
}

// showCheck tells what a check came to.
func (a *app) showCheck(connection connectionFlags, name string, r lifecycle.RenewReport) {
	is := "not due"
	if r.Due {
		is = "due"
	}
	a.out.PrintLines(words.Wrap(visible.Line(is+": "+r.Reason), words.Width))
	switch {
	case r.Outcome == workflows.RenewStarted && r.RetrainRunID != nil:
		a.out.Print("started run %s of %s", *r.RetrainRunID, workflows.RetrainID(name))
		a.out.Tell("watch it with: %s", connection.Hint("watch", name))
	case r.Outcome == workflows.RenewSkipped:
		a.out.Print("started nothing: run %s of %s goes on", words.OrDash(r.RetrainRunID), workflows.RetrainID(name))
	case r.NextCheck != nil:
		a.out.Print("by the passing of time alone that can change on %s", words.Day(*r.NextCheck))
	}
	for _, alarm := range r.Alarms {
		a.out.PrintLines(words.Wrap(visible.Line("ALARM "+alarm.Message), words.Width))
		a.out.PrintLines(words.AdviceLines(alarm.Next, words.Width))
	}
	for _, note := range r.Notes {
		a.out.TellWrapped("note: " + note)
	}
}
