package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// namesAtOnce is how many models one question observes: its answer must stay well below the 2 MiB of a result.
const namesAtOnce = 100

// describedAtOnce bounds how many schedules are read side by side.
const describedAtOnce = 32

type statusFlags struct {
	connection connectionFlags
	output     outputFlags
	taskQueue  string
}

func (a *app) statusCommand() *cobra.Command {
	var f statusFlags
	cmd := &cobra.Command{
		Use:   "status [NAME...]",
		Short: "Show what serves for each model, until when, and what is amiss",
		Long: `Show what serves for each model, until when, and what is amiss.

Without names: all models that have a schedule; when there is none, all that
this installation has made. Everything is read anew from the service and from
Temporal.`,
		Example: `  starter status
  starter status support-calls field-service --output json`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.status(cmd.Context(), f, args) },
	}
	addTaskQueue(cmd, &f.taskQueue, workflows.DefaultTaskQueue+", for models without a schedule")
	f.output.add(cmd)
	f.connection.add(cmd)
	return cmd
}

// scheduled is what Temporal knows of a model's schedule.
type scheduled struct {
	queue  string
	next   *time.Time
	paused bool
}

func (a *app) status(ctx context.Context, f statusFlags, names []string) error {
	if err := a.setOutput(f.output); err != nil {
		return err
	}
	for _, name := range names {
		if err := refuseModel(name, ""); err != nil {
			return named(err, name)
		}
	}
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	fallback := first(f.taskQueue, workflows.DefaultTaskQueue)
	if len(names) == 0 {
		if names, err = server.models(ctx); err != nil {
			return err
		}
	}
	known, err := server.described(ctx, names, fallback)
	if err != nil {
		return err
	}
	running, err := server.running(ctx)
	if err != nil {
		return err
	}
	rows, err := server.observeAll(ctx, names, known, fallback)
	if err != nil {
		return err
	}
	out := []statusRow{}
	for _, row := range rows {
		on := running[row.Name]
		shown := newStatusRow(row, known[row.Name], on.runID)
		shown.Stage = lifecycle.Text(on.stage)
		out = append(out, shown)
	}
	a.printStatus(out)
	return nil
}

// models are the names of those that have a schedule. One that somebody made by hand for what can be no
// model's name is left out: asked for, it would spoil the answer for all others.
func (s server) models(ctx context.Context) ([]string, error) {
	all, err := s.schedules(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range all {
		if refuseModel(s.model, "") == nil {
			names = append(names, s.model)
		}
	}
	return names, nil
}

// refuseModel holds a name, and a locale unless it is empty, to the rules of a request.
func refuseModel(name, locale string) error {
	raw, err := json.Marshal(map[string]string{"name": name, "locale": locale})
	if err != nil {
		return err
	}
	_, problems := workflows.DecodeRequest(raw)
	for _, p := range problems {
		switch {
		case p.Path == "name":
			return refuse(lifecycle.InvalidRequest, "NAME %s, not %q", p.Message, name)
		case p.Path == "locale" && locale != "":
			return refuse(lifecycle.InvalidRequest, "--locale %s, not %q", p.Message, locale)
		}
	}
	return nil
}

// described reads the schedules of models; one without a schedule is observed on the fallback queue.
func (s server) described(ctx context.Context, names []string, fallback string) (map[string]scheduled, error) {
	found := make([]scheduled, len(names))
	var group errgroup.Group
	group.SetLimit(describedAtOnce)
	for i, name := range names {
		group.Go(func() error {
			d, err := s.ScheduleClient().GetHandle(ctx, workflows.ScheduleID(name)).Describe(ctx)
			if _, absent := errors.AsType[*serviceerror.NotFound](err); absent {
				found[i] = scheduled{queue: fallback}
				return nil
			}
			if err != nil {
				return s.unreachable(err)
			}
			of := existing(d.Schedule)
			found[i] = scheduled{queue: first(of.taskQueue, fallback)}
			if state := d.Schedule.State; state != nil {
				found[i].paused = state.Paused
			}
			if next := d.Info.NextActionTimes; len(next) > 0 && !found[i].paused {
				found[i].next = &next[0]
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	known := map[string]scheduled{}
	for i, name := range names {
		known[name] = found[i]
	}
	return known, nil
}

// stageAttribute is the search attribute with the stage of a retrain, where the server knows it.
const stageAttribute = "SpeechStage"

// ongoing is a retrain that goes on; its stage is empty when Temporal does not tell.
type ongoing struct{ runID, stage string }

// running are the retrains that go on, by model.
func (s server) running(ctx context.Context) (map[string]ongoing, error) {
	runs := map[string]ongoing{}
	var page []byte
	for {
		list, err := s.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: s.namespace, PageSize: 1000, NextPageToken: page,
			Query: fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Running'", workflows.TypeRetrain),
		})
		if err != nil {
			return nil, s.unreachable(err)
		}
		for _, e := range list.GetExecutions() {
			if name, is := strings.CutPrefix(e.GetExecution().GetWorkflowId(), workflows.RetrainID("")); is {
				stage := memoText(e.GetSearchAttributes().GetIndexedFields()[stageAttribute])
				runs[name] = ongoing{runID: e.GetExecution().GetRunId(), stage: stage}
			}
		}
		if page = list.GetNextPageToken(); len(page) == 0 {
			return runs, nil
		}
	}
}

// observeAll asks the workers what the service shows of the models, some at a time, each on its queue.
func (s server) observeAll(ctx context.Context, names []string, known map[string]scheduled, fallback string) ([]lifecycle.Row, error) {
	byQueue := map[string][]string{}
	var queues []string
	for _, name := range names {
		queue := known[name].queue
		if _, seen := byQueue[queue]; !seen {
			queues = append(queues, queue)
		}
		byQueue[queue] = append(byQueue[queue], name)
	}
	if len(names) == 0 {
		queues, byQueue[fallback] = []string{fallback}, []string{}
	}
	var group errgroup.Group
	group.SetLimit(questionsAtOnce)
	var answers [][]lifecycle.Row
	var lock sync.Mutex
	for _, queue := range queues {
		batches := slices.Collect(slices.Chunk(byQueue[queue], namesAtOnce))
		if len(batches) == 0 {
			batches = [][]string{{}}
		}
		for _, batch := range batches {
			lock.Lock()
			at := len(answers)
			answers = append(answers, nil)
			lock.Unlock()
			group.Go(func() error {
				var rows []lifecycle.Row
				err := s.question(ctx, "observe", queue, workflows.TypeObserve, "read what the service remembers", workflows.ObserveInput{Names: batch}, &rows)
				lock.Lock()
				answers[at] = rows
				lock.Unlock()
				return err
			})
		}
	}
	err := group.Wait()
	rows := slices.Concat(answers...)
	slices.SortFunc(rows, func(a, b lifecycle.Row) int { return strings.Compare(a.Name, b.Name) })
	return rows, err
}
