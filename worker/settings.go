package main

import (
	"os"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/worker"
	"go.uber.org/zap"

	"speech-retrainer/activities"
	"speech-retrainer/internal/config"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
	"speech-retrainer/internal/telemetry"
	"speech-retrainer/workflows"
)

// settings is what the environment says, checked and made ready.
type settings struct {
	config.Settings
	speech   *speech.Client
	temporal client.Options
	getenv   func(string) string
}

// readSettings reads the environment. It returns an error that names the variable when something is
// missing or contradictory. told hears of requests to the service.
func readSettings(env envconfig.EnvLookup, logger *zap.Logger, told *requests) (settings, error) {
	s := settings{getenv: func(name string) string {
		value, _ := env.LookupEnv(name)
		return value
	}}
	var err error
	if s.temporal, err = config.Temporal(env, "", ""); err != nil {
		return settings{}, err
	}
	s.temporal.Logger = telemetry.SDKLogger(logger)
	if s.Settings, err = config.FromEnv(s.getenv); err != nil {
		return settings{}, err
	}
	if s.Owner == "" {
		s.Owner = s.temporal.Namespace
	}
	if told.metrics != nil {
		s.temporal.MetricsHandler = told.metrics.Handler()
	}
	told.traces.Intercept(&s.temporal)
	s.speech, err = speech.New(speech.Config{
		Access: s.Settings.Speech, Logger: logger, Transport: pointTransport, StartEmpty: true, Observer: told,
	})
	if err != nil {
		return settings{}, err
	}
	told.resource = s.speech.Resource()
	machine, err := os.Hostname()
	if err != nil {
		machine = "unknown"
	}
	s.temporal.Identity = resource.Identity(os.Getpid(), machine, s.speech.Resource())
	if pointClient != nil {
		pointClient(s.speech)
	}
	return s, nil
}

// register gives the worker its workflows and activities, and returns those.
func register(w worker.Registry, c connection, s settings) *activities.Activities {
	workflows.Register(w, workflows.Options{SearchAttributes: func() bool { return c.searchAttributes }})
	doing := activities.New(activities.Options{
		Speech:  s.speech,
		Owner:   s.Owner,
		Home:    c.home,
		ListLag: s.ListLag,
		Runs:    activities.TemporalRuns(c.client),
		Getenv:  s.getenv,

		SnapshotAge:   s.SnapshotAge,
		DatasetQuota:  s.DatasetQuota,
		EndpointQuota: s.EndpointQuota,
	})
	activities.Register(w, doing)
	return doing
}
