package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

type rollbackFlags struct {
	connection connectionFlags
	decision   decisionFlags
	to         string
	endpoint   string
	locale     string
	taskQueue  string
}

func (a *app) rollbackCommand() *cobra.Command {
	var f rollbackFlags
	cmd := &cobra.Command{
		Use:   "rollback NAME",
		Short: "Let an earlier version of a model serve again",
		Long: `Let an earlier version of a model serve again.

Points the endpoint back at an earlier champion, as the workflow
rollback/<name>, and says until when that may serve. A version that is expired,
missing, rejected or not of this model is refused. The endpoint is that of the
model's schedule, else the one that is marked as the model's; the locale is that
of its versions. Of several none is guessed: name the one that is meant.`,
		Example: `  starter rollback support-calls --reason "callers report wrong names"
  starter rollback support-calls --to c0c0a1b2-93f7-4a55-8d2a-0f4f2c3b1a90 \
    --by ann --reason "callers report wrong names"`,
		RunE: onModel(func(ctx context.Context, name string) error { return a.rollback(ctx, f, name) }),
	}
	cmd.Flags().StringVar(&f.to, "to", "", "ID of the version to go back to (default: the newest earlier champion that has not expired)")
	f.decision.add(cmd)
	cmd.Flags().StringVar(&f.endpoint, "endpoint", "", "ID or exact name of the endpoint (default: that of the model's schedule, else the one marked as its)")
	addLocale(cmd, &f.locale, "")
	addTaskQueue(cmd, &f.taskQueue, "")
	addOutput(cmd, a.out)
	addVerbose(cmd, a.out)
	f.connection.add(cmd)
	return cmd
}

func (a *app) rollback(ctx context.Context, f rollbackFlags, name string) error {
	_, name, err := follow.ParseTarget(name)
	if err == nil {
		err = refuseModel(name, f.locale)
	}
	if err == nil {
		err = f.decision.complete(a.env("USER"))
	}
	if err == nil {
		err = refuseVersion("--to", f.to)
	}
	if err != nil {
		return err
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	// The endpoint is found by the workflow, which knows the model's schedule.
	unknown := exit.New(exit.Failed, exit.NotFound,
		"the service has no version of %s that was made by this installation: there is nothing to go back to", name).
		Next("check the name, and --task-queue and RETRAINER_OWNER of the worker")
	locale, err := server.LocaleOf(ctx, name, f.locale, f.taskQueue, unknown)
	if errors.Is(err, unknown) {
		err, _ = noVersion(ctx, server, name, "", unknown)
	}
	if err != nil {
		return err
	}
	where := ""
	if f.endpoint != "" {
		where = ", on endpoint " + f.endpoint
	}
	a.out.Tell("rolling back %s%s", words.Model(name, locale), where)
	run := &follow.Run{Session: server, ID: workflows.RollbackID(name), Name: name, Locale: locale, TaskQueue: f.taskQueue}
	input := workflows.RollbackInput{
		Name: name, Locale: locale, Endpoint: f.endpoint, VersionID: f.to, By: f.decision.by, Reason: f.decision.reason,
	}
	err = run.Start(ctx, workflows.TypeRollback, follow.Purpose{
		Summary: fmt.Sprintf("Roll back %s (%s)", name, locale), Command: "starter rollback", By: f.decision.by, Reason: f.decision.reason,
	}, input)
	if err != nil {
		return onlyOne(run, "rollback", err)
	}
	return a.begun(ctx, run)
}
