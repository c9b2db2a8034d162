package main

import (
	"cmp"
	"context"
	"time"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/build"
	"speech-retrainer/internal/config"
	"speech-retrainer/internal/doctor"
	"speech-retrainer/internal/document"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
)

type doctorFlags struct {
	file      string
	taskQueue string
	// oneQueue tells that the task queue was named: it alone is looked at then.
	oneQueue   bool
	connection connectionFlags
}

func (a *app) doctorCommand() *cobra.Command {
	var f doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at the whole set-up, and say what to mend",
		Long: `Look at the whole set-up, and say what to mend.

Looks at the settings, Temporal (address, TLS, namespace, retention, search
attributes), the workers of each task queue, through one of them at the Speech
service (key or role, clock, requests, endpoints, datasets, base models), at the
data and web hooks of the models, and at their schedules. With SPEECH_* settings
it also asks the Speech service itself.

The models are those of the file, without one those that have a schedule; with
--task-queue those of them on that queue, and no other queue is looked at.
Nothing is changed, and no web hook is sent anything. Ends with 1 when an error
was found, with 4 when only warnings were, or something could not be looked at,
and with 5 when Temporal cannot be reached.`,
		Example: `  starter doctor
  starter doctor -f fleet.yaml
  starter doctor --task-queue speech-2 --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.oneQueue = cmd.Flags().Changed("task-queue")
			return a.doctor(cmd.Context(), f)
		},
	}
	cmd.Flags().StringVarP(&f.file, "file", "f", "", "Fleet or request in YAML or JSON whose models are looked at; - reads it from standard input")
	addTaskQueue(cmd, &f.taskQueue, " for a request, and without any model; else those of the models")
	addOutput(cmd, a.out)
	f.connection.add(cmd)
	return cmd
}

// setUp is a set-up while it is looked at.
type setUp struct {
	found []lifecycle.Finding
	// here is what starter knows of itself, own the Speech resource of its settings; nil without.
	here doctor.Here
	// file is the fleet of the file; nil without a file. fleet tells that it is more than a request.
	file  *fleet.Fleet
	fleet bool
	// queue is the only one that is looked at; empty = those of the models.
	queue string
	// models are those that are looked at, have the schedules that are there; nil when they could not be read.
	models []fleet.Model
	have   map[string]fleet.Standing
	// answered tells that a worker has told what it sees, placed that one works on the resource of the settings here, or should.
	answered, placed bool
	// bare tells that each worker that was to be asked has answered, and sees nothing of ours on its resource.
	bare bool
}

func (s *setUp) add(found ...lifecycle.Finding) { s.found = append(s.found, found...) }

func (a *app) doctor(ctx context.Context, f doctorFlags) error {
	s := setUp{here: doctor.Here{Release: build.Read().Version}, bare: true}
	if f.oneQueue {
		s.queue = f.taskQueue
	}
	if f.file != "" {
		file, err := document.Read(f.file, a.Stdin)
		if err != nil {
			return err
		}
		given, err := fleet.ReadAny(file, f.taskQueue, time.Now())
		if err != nil {
			return err
		}
		s.file, s.fleet, s.models = &given, given.Name != "", s.on(given.Models)
	}
	unreached, err := a.examine(ctx, f, &s)
	if err != nil {
		return err
	}
	a.showFindings(s.found)
	switch {
	case unreached:
		a.code = exit.Unreachable
	case lifecycle.Worst(s.found) == lifecycle.FindingError:
		a.code = exit.Failed
	case lifecycle.Worst(s.found) != lifecycle.FindingOK:
		a.code = exit.Changes
	}
	return nil
}

// examine looks at everything that can be reached. The error is a *exit.Failure: interrupted.
func (a *app) examine(ctx context.Context, f doctorFlags, s *setUp) (unreached bool, err error) {
	a.ownSettings(ctx, s)
	options, err := a.clientOptions(f.connection)
	if err != nil {
		settings := lifecycle.Findings{Area: lifecycle.AreaSettings}
		settings.Add(lifecycle.FindingError, "Temporal", "correct them; the Temporal CLI reads the same", "%s", err)
		s.add(settings.List...)
		return false, nil
	}
	s.here.Owner = cmp.Or(s.here.Owner, a.env("RETRAINER_OWNER"), options.Namespace)
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		why := exit.As(err)
		if why.Code == exit.Interrupted {
			return false, err
		}
		reach := lifecycle.Findings{Area: lifecycle.AreaTemporal}
		reach.List = append(reach.List, lifecycle.Finding{
			Area: reach.Area, Check: "connection", Status: lifecycle.FindingError, Message: why.Cause.Message, Next: why.Cause.Next,
		})
		reach.Add(lifecycle.FindingUnknown, "the rest", "mend the connection first", "workers, the Speech service and schedules are seen through Temporal")
		s.add(reach.List...)
		return true, nil
	}
	defer server.Close()
	if err := a.readSchedules(ctx, server, s); err != nil {
		return false, err
	}
	if direct, is := server.Temporal.(doctor.Server); is {
		s.add(doctor.See(ctx, direct, options).Findings(longestTraining(s.models))...)
	}
	for _, queue := range s.queues(f.taskQueue) {
		a.askWorker(ctx, server, s, queue)
	}
	if s.here.Resource != "" && s.queue == "" && s.answered && !s.placed {
		s.add(doctor.Elsewhere(s.here)...)
	}
	judgeSchedules(ctx, server, s)
	if ctx.Err() != nil {
		return false, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: nothing was changed")
	}
	return false, nil
}

// ownSettings looks at the Speech resource of starter's own settings, if it has some.
func (a *app) ownSettings(ctx context.Context, s *setUp) {
	f := lifecycle.Findings{Area: lifecycle.AreaSettings}
	given := false
	for _, name := range []string{"SPEECH_ENDPOINT", "SPEECH_REGION", "SPEECH_KEY", "SPEECH_KEY_FILE"} {
		given = given || a.env(name) != ""
	}
	if !given {
		f.OK("Speech resource", "none here: the service is asked through the worker (local files need SPEECH_ENDPOINT and SPEECH_KEY)")
		s.add(f.List...)
		return
	}
	settings, err := config.FromEnv(a.env)
	if err != nil {
		f.Add(lifecycle.FindingError, "Speech resource", "correct them; local files cannot be uploaded from here", "%s", err)
		s.add(f.List...)
		return
	}
	seen := a.Look(ctx, settings)
	s.here.Owner, s.here.Resource = settings.Owner, seen.Resource
	s.add(doctor.Own(seen)...)
}
