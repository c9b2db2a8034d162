package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

type adoptFlags struct {
	connection connectionFlags
	version    string
	by         string
	locale     string
	file       string
	taskQueue  string
}

func (a *app) adoptCommand() *cobra.Command {
	var f adoptFlags
	cmd := &cobra.Command{
		Use:   "adopt NAME --version ID",
		Short: "Take over a version that was made in the portal",
		Long: `Take over a version that was made in the portal.

The version becomes the champion of the model and is renewed like one; the
champion before it is retired. No endpoint is changed. After a change of the
endpoint by hand this is how to keep it: adopt what it serves.

From then on the version is treated like one of ours: when later champions have
replaced it, it is deleted, with its evaluations. How many earlier champions
stay is keep in the request.`,
		Example: `  starter adopt support-calls --version c0c0a1b2-93f7-4a55-8d2a-0f4f2c3b1a90 \
    --locale en-US --by ann
  starter adopt support-calls --version c0c0a1b2-93f7-4a55-8d2a-0f4f2c3b1a90 \
    --file request.yaml`,
		RunE: onModel(func(ctx context.Context, name string) error { return a.adopt(ctx, f, name) }),
	}
	cmd.Flags().StringVar(&f.version, "version", "", "ID of the version (required)")
	cmd.Flags().StringVar(&f.by, "by", "", "Who decides (default: $USER)")
	addLocale(cmd, &f.locale, ", else of its schedule")
	cmd.Flags().StringVarP(&f.file, "file", "f", "", "Request of the model, in place of --locale; - reads it from standard input")
	cmd.MarkFlagsMutuallyExclusive("locale", "file")
	addTaskQueue(cmd, &f.taskQueue, "")
	addOutput(cmd, a.out)
	addVerbose(cmd, a.out)
	f.connection.add(cmd)
	return cmd
}

func (a *app) adopt(ctx context.Context, f adoptFlags, name string) error {
	by := cmp.Or(f.by, a.env("USER"))
	switch {
	case f.version == "":
		return exit.Refuse(lifecycle.InvalidRequest, "--version is required: the ID of the version to take over")
	case by == "":
		return exit.Refuse(lifecycle.InvalidRequest, "--by is required: who decides ($USER is not set)")
	}
	locale, err := a.adoptLocale(f, name)
	if err == nil {
		err = refuseModel(name, locale)
	}
	if err == nil {
		err = refuseVersion("--version", f.version)
	}
	if err != nil {
		return err
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	locale, err = localeOf(ctx, server, name, locale, f.taskQueue,
		exit.Refuse(exit.NotFound, "--locale or --file is required: %s has no version and no schedule yet that tells its locale", name))
	if err != nil {
		return err
	}
	a.hintName(ctx, server, name)
	a.out.TellWrapped(fmt.Sprintf("version %s is from now on treated like one of ours: it is deleted when later champions have replaced it "+
		"(keep in the request says how many stay)", f.version))
	run := &follow.Run{Session: server, ID: workflows.AdoptID(name), Name: name, Locale: locale, TaskQueue: f.taskQueue}
	input := workflows.AdoptInput{Name: name, Locale: locale, VersionID: f.version, By: by}
	err = run.Start(ctx, workflows.TypeAdopt, follow.Purpose{
		Summary: fmt.Sprintf("Take over version %s as %s", f.version, name), Command: "starter adopt", By: by,
	}, input)
	if running, is := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); is {
		run.RunID = running.RunId
		err = exit.Refuse(lifecycle.InvalidRequest, "a version is being taken over as %s already; nothing was started", name).Next("see: %s", run.Inspect())
	}
	if err != nil {
		return err
	}
	return a.begun(ctx, run)
}

// adoptLocale is the locale that the command line tells, by itself or by the model's request; empty when it
// tells none.
func (a *app) adoptLocale(f adoptFlags, name string) (string, error) {
	if f.file == "" {
		return f.locale, nil
	}
	given, err := a.readRequest(f.file)
	if err == nil && given.Name != name {
		err = exit.Refuse(lifecycle.InvalidRequest, "%s is the request of %s, not of %s", given.Doc.Name, given.Name, name)
	}
	return given.Locale, err
}
