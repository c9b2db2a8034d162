package main

import (
	"cmp"
	"context"
	"fmt"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/schedules"
	"speech-retrainer/internal/telemetry"
	"speech-retrainer/internal/upload"
	"speech-retrainer/workflows"
)

func dial(ctx context.Context, options client.Options) (follow.Temporal, error) {
	return client.DialContext(ctx, options)
}

// clientOptions are what the flags and the environment say of Temporal; nothing is sent. The error is a
// *exit.Failure.
func (a *app) clientOptions(f connectionFlags) (client.Options, error) {
	options, err := config.Temporal(a.Env, f.Address, f.Namespace)
	if err != nil {
		return client.Options{}, exit.Refuse(lifecycle.InvalidRequest, "%s", err)
	}
	options.Logger = telemetry.SDKLogger(zap.NewNop())
	return options, nil
}

// connect reaches the server that the flags and the environment name. It returns a *exit.Failure: refused
// when the settings are wrong, unreachable when nobody answers.
func (a *app) connect(ctx context.Context, f connectionFlags) (follow.Session, error) {
	options, err := a.clientOptions(f)
	if err != nil {
		return follow.Session{}, err
	}
	s := follow.Session{Place: f.Place, Server: options.HostPort, Namespace: options.Namespace, Screen: a.out, Pace: a.Pace, User: a.env("USER")}
	if err := a.trace(ctx, &options); err != nil {
		return follow.Session{}, err
	}
	s.Temporal, err = a.Dial(ctx, options)
	switch {
	case err == nil:
		return s, nil
	case ctx.Err() != nil:
		return follow.Session{}, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted while connecting to Temporal at %s: nothing was started", s.Server)
	}
	return follow.Session{}, s.Unreachable(err)
}

// trace lets what is asked of Temporal begin a trace, when OTEL_* name a collector. The error is a *exit.Failure.
func (a *app) trace(ctx context.Context, options *client.Options) error {
	if a.traces == nil {
		logger, err := telemetry.NewLogger(telemetry.LogOptions{Out: a.Stderr, Terminal: a.StderrTerminal})
		if err == nil {
			a.traces, err = telemetry.NewTraces(ctx, a.env, "speech-retrainer-starter", logger)
		}
		if err != nil {
			return exit.Refuse(lifecycle.InvalidRequest, "%s", err)
		}
	}
	a.traces.Intercept(options)
	return nil
}

// latestRun connects and finds the latest run of a model, and tells whether it goes on. It returns a
// *exit.Failure when there is none.
func (a *app) latestRun(ctx context.Context, f connectionFlags, name string) (run *follow.Run, running bool, err error) {
	return a.latestRunElse(ctx, f, name, "")
}

// latestRunElse is latestRun with what to do when there is no run; empty for the usual advice.
func (a *app) latestRunElse(ctx context.Context, f connectionFlags, name, next string) (run *follow.Run, running bool, err error) {
	id, name, err := follow.ParseTarget(name)
	if err != nil {
		return nil, false, err
	}
	server, err := a.connect(ctx, f)
	if err != nil {
		return nil, false, err
	}
	run = &follow.Run{Session: server, Name: name, ID: id}
	if running, err = run.Find(ctx); err != nil {
		if none := exit.As(err); none.Cause.Type == exit.NotFound {
			if next == "" && id == workflows.RetrainID(name) && scheduled(ctx, server, name) {
				next = "start one with: " + server.Hint("run", name) + "; ended runs are kept only for the namespace's retention time"
			}
			if next != "" {
				err = none.Next("%s", next)
			}
			err = schedules.Meant(ctx, server, name, err)
		}
		server.Close()
		return nil, false, err
	}
	return run, running, nil
}

// scheduled tells that a schedule checks a model, as far as Temporal tells.
func scheduled(ctx context.Context, s follow.Session, name string) bool {
	found, err := schedules.Standings(ctx, s, []string{name})
	return err == nil && found[name].Checks()
}

// hintName tells which model was probably meant by a name that no schedule has, where the command takes any name.
func (a *app) hintName(ctx context.Context, s follow.Session, name string) {
	if near, err := schedules.Near(ctx, s, name); err == nil && near != "" {
		a.out.TellWrapped(fmt.Sprintf("note: no model %s has a schedule; did you mean %s?", name, near))
	}
}

// speechSettings is what the environment says of the Speech resource. The error is a *exit.Failure that names
// every variable that is missing or wrong.
func (a *app) speechSettings(f connectionFlags) (config.Settings, error) {
	options, err := a.clientOptions(f)
	if err != nil {
		return config.Settings{}, err
	}
	settings, err := config.FromEnv(a.env)
	if err != nil {
		return config.Settings{}, exit.Refuse(lifecycle.InvalidRequest, "%s", err)
	}
	settings.Owner = cmp.Or(settings.Owner, options.Namespace)
	return settings, nil
}

// uploader brings local files to the Speech resource that the environment names.
func (a *app) uploader(f connectionFlags, patience patienceFlags) upload.Uploader {
	return upload.Uploader{
		Screen: a.out, Timeout: patience.timeout, Send: a.Upload,
		Settings: func() (config.Settings, error) { return a.speechSettings(f) },
	}
}

// ship uploads the local files of a request, unless a run goes on already or the run's worker works on another Speech
// resource, and returns the JSON to start with. It returns the API's own error when one goes on, else a *exit.Failure.
func ship(ctx context.Context, run *follow.Run, u upload.Uploader, cargo upload.Cargo) ([]byte, error) {
	if len(cargo.Locals) == 0 {
		return cargo.Raw, nil
	}
	running, err := run.Look(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: nothing was uploaded or started")
	case err != nil && !follow.Missing(err):
		return nil, run.Unreachable(err)
	case running:
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("already started", "", run.RunID)
	}
	host, err := u.Host()
	if err != nil {
		return nil, err
	}
	told, err := run.ResourcesOf(ctx, run.TaskQueue)
	if err == nil {
		err = cargo.Placed(run.TaskQueue, host, told)
	}
	if err != nil {
		return nil, err
	}
	raw, _, err := u.Upload(ctx, cargo)
	return raw, err
}
