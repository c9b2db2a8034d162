package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

type testFlags struct {
	connection connectionFlags
	patience   patienceFlags
	file       string
	version    string
	taskQueue  string
}

func (a *app) testCommand() *cobra.Command {
	var f testFlags
	cmd := &cobra.Command{
		Use:   "test NAME",
		Short: "Test a version again with the tests of its request",
		Long: `Test a version again with the tests of its request.

Runs the tests of the latest run's request, or of the one in FILE, on the
champion or on another version, as the workflow evaluate/<name>, and prints the
verdict. Nothing but evaluations is made, and nothing is decided: the end is 0
whatever the verdict. One test at a time for each model.

Local files in FILE are checked and uploaded first, as by: starter run.`,
		Example: `  starter test support-calls
  starter test support-calls --version b7b4e6c0-2a3f-4f7e-8f0e-5f6f3a1d9c22
  starter test support-calls --file request.yaml --output json`,
		RunE: onModel(func(ctx context.Context, name string) error { return a.test(ctx, f, name) }),
	}
	cmd.Flags().StringVarP(&f.file, "file", "f", "", "Request with the tests, in YAML or JSON; - reads it from standard input (default: that of the latest run)")
	cmd.Flags().StringVar(&f.version, "version", "", "ID of the version to test (default: the champion)")
	cmd.Flags().StringVar(&f.taskQueue, "task-queue", "", "Task queue of the worker for the Speech resource (default: "+
		"that of the latest run with its request, else "+workflows.DefaultTaskQueue+")")
	addOutput(cmd, a.out)
	f.patience.add(cmd)
	f.connection.add(cmd)
	return cmd
}

func (a *app) test(ctx context.Context, f testFlags, name string) error {
	_, name, err := follow.ParseTarget(name)
	if err == nil {
		err = refuseVersion("--version", f.version)
	}
	if err != nil {
		return err
	}
	var run *follow.Run
	if f.file == "" {
		run, err = a.retest(ctx, f, name)
	} else {
		run, err = a.testFrom(ctx, f, name)
	}
	if run != nil {
		defer run.Close()
	}
	if err != nil {
		return onlyOne(run, "test", err)
	}
	return a.begun(ctx, run)
}

// retest starts the tests of the latest run's request. The run is nil only when there is no
// connection.
func (a *app) retest(ctx context.Context, f testFlags, name string) (*follow.Run, error) {
	run, _, err := a.latestRunElse(ctx, f.connection, name, "name the request with the tests: --file FILE")
	if err != nil {
		return nil, err
	}
	run.TaskQueue = cmp.Or(f.taskQueue, run.TaskQueue)
	raw, err := run.Input(ctx)
	if err != nil {
		return run, err
	}
	request, problems := decode.Request(raw)
	if len(problems) > 0 || len(request.Tests) == 0 {
		why := "has no tests"
		if len(problems) > 0 {
			why = "cannot be used again: " + problems[0].String()
		}
		return run, exit.Refuse(lifecycle.InvalidRequest, "the request of the latest run of %s, %s, %s", name, run.RunID, why).
			Next("name a request with tests: --file FILE")
	}
	return run, evaluate(ctx, run, request, raw, f.version)
}

// testFrom starts the tests of the request in a file.
func (a *app) testFrom(ctx context.Context, f testFlags, name string) (*follow.Run, error) {
	given, err := a.readRequest(f.file)
	switch {
	case err != nil:
		return nil, err
	case given.Name != name:
		return nil, given.Refuse([]lifecycle.Problem{{Path: "name", Message: fmt.Sprintf("is %s, but %s is to be tested", given.Name, name)}})
	case len(given.Tests) == 0:
		return nil, given.Refuse([]lifecycle.Problem{{Path: "tests", Message: "at least one test is required"}})
	}
	u := a.uploader(f.connection, f.patience)
	cargo, err := u.Pack(ctx, given)
	if err != nil {
		return nil, err
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return nil, err
	}
	run := &follow.Run{
		Session: server, ID: workflows.EvaluateID(name), Name: name, Locale: given.Locale,
		TaskQueue: cmp.Or(f.taskQueue, workflows.DefaultTaskQueue),
	}
	raw, err := ship(ctx, run, u, cargo)
	if err != nil {
		return run, err
	}
	return run, evaluate(ctx, run, given.Request, raw, f.version)
}

// evaluate turns to the tests of a request on a version and starts them. It returns the API's
// own error when some go on already, else a *exit.Failure.
func evaluate(ctx context.Context, run *follow.Run, request lifecycle.Request, raw []byte, version string) error {
	run.ID, run.RunID, run.Locale = workflows.EvaluateID(run.Name), "", request.Locale
	input := workflows.EvaluateInput{Request: raw, VersionID: version}
	subject := "the champion of "
	if version != "" {
		subject = "version " + version + " of "
	}
	return run.Start(ctx, workflows.TypeEvaluate, follow.Purpose{Summary: "Test " + subject + request.Title(), Command: "starter test"}, input)
}
