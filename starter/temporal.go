package main

import (
	"context"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/telemetry"
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
	s.Temporal, err = a.Dial(ctx, options)
	switch {
	case err == nil:
		return s, nil
	case ctx.Err() != nil:
		return follow.Session{}, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted while connecting to Temporal at %s: nothing was started", s.Server)
	}
	return follow.Session{}, s.Unreachable(err)
}

// latestRun connects and finds the latest run of a model, and tells whether it goes on. It returns a
// *exit.Failure when there is none.
func (a *app) latestRun(ctx context.Context, f connectionFlags, name string) (run *follow.Run, running bool, err error) {
	id, name, err := follow.ParseTarget(name)
	if err != nil {
		return nil, false, err
	}
	server, err := a.connect(ctx, f)
	if err != nil {
		return nil, false, exit.Named(err, name)
	}
	run = &follow.Run{Session: server, Name: name, ID: id}
	if running, err = run.Find(ctx); err != nil {
		server.Close()
		return nil, false, exit.Named(err, name)
	}
	return run, running, nil
}

// questionsAtOnce bounds how many questions are asked side by side.
const questionsAtOnce = 8
