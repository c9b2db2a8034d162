package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
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

// statusRow is one model.
type statusRow struct {
	Model         string     `json:"model"`
	Version       *string    `json:"version"`
	VersionID     *string    `json:"versionId"`
	BaseModel     *string    `json:"baseModel"`
	WordErrorRate *float64   `json:"wordErrorRate"`
	Endpoint      *string    `json:"endpoint"`
	ExpiresAt     *time.Time `json:"expiresAt"`
	LastOutcome   *string    `json:"lastOutcome"`
	RetrainRunID  *string    `json:"retrainRunId"`
	NextCheck     *time.Time `json:"nextCheck"`
	Paused        bool       `json:"paused"`
	Alarm         *string    `json:"alarm"`
	ObservedAt    time.Time  `json:"observedAt"`
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
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	fallback := first(f.taskQueue, workflows.DefaultTaskQueue)
	if len(names) == 0 {
		all, err := server.schedules(ctx)
		if err != nil {
			return err
		}
		for _, s := range all {
			names = append(names, s.model)
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
		out = append(out, newStatusRow(row, known[row.Name], running[row.Name]))
	}
	a.printStatus(out)
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

// running are the retrains that go on, by model.
func (s server) running(ctx context.Context) (map[string]string, error) {
	runs := map[string]string{}
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
				runs[name] = e.GetExecution().GetRunId()
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

func newStatusRow(row lifecycle.Row, s scheduled, running string) statusRow {
	out := statusRow{Model: row.Name, NextCheck: s.next, Paused: s.paused, RetrainRunID: lifecycle.Text(running), ObservedAt: row.ObservedAt}
	if e := row.Endpoint; e != nil {
		out.Endpoint = &e.ID
	}
	champion := row.Champion()
	switch {
	case champion != nil:
		out.Version, out.VersionID, out.ExpiresAt = &champion.DisplayName, &champion.ID, champion.ExpiresAt
		out.BaseModel = lifecycle.Text(first(champion.BaseModel, champion.BaseModelID))
		if len(champion.Tests) > 0 {
			out.WordErrorRate = champion.Tests[0].WordErrorRate
		}
	case row.Serving != nil:
		out.Version, out.VersionID, out.ExpiresAt = &row.Serving.DisplayName, &row.Serving.ID, row.Serving.ExpiresAt
	}
	if report, ok := lifecycle.RowReport(row); ok {
		out.LastOutcome = lifecycle.Ptr(string(report.Outcome))
	}
	if running != "" {
		out.LastOutcome = lifecycle.Ptr(string(lifecycle.Running))
	}
	out.Alarm = lifecycle.Text(row.Alarm())
	return out
}

func (a *app) printStatus(rows []statusRow) {
	if a.asJSON {
		a.printValue(rows)
		return
	}
	if len(rows) == 0 {
		fmt.Fprintln(a.Stdout, "no model has a schedule, and this installation has made no version yet")
		a.tell("make one: starter run --file request.yaml, or starter apply --file fleet.yaml")
		return
	}
	w := newTable("MODEL", "VERSION", "WER", "EXPIRES IN", "LAST RUN", "NEXT CHECK")
	var below []string
	for _, r := range rows {
		next := dateOf(r.NextCheck)
		if r.Paused {
			next = "paused"
		}
		version := "-"
		if r.Version != nil {
			version = fit(clean(strings.TrimPrefix(*r.Version, r.Model+" ")), 20)
		}
		expires := "-"
		if r.Version != nil {
			expires = within(r.ExpiresAt, r.ObservedAt)
		}
		w.AppendRow(table.Row{fit(clean(r.Model), 16), version, percent(r.WordErrorRate), expires, text(r.LastOutcome), next})
		line := "  endpoint " + text(r.Endpoint) + ", base " + text(r.BaseModel)
		if r.Alarm != nil {
			line += "\n  ALARM " + *r.Alarm
		}
		below = append(below, line)
	}
	lines := strings.Split(w.Render(), "\n")
	fmt.Fprintln(a.Stdout, strings.TrimRight(lines[0], " "))
	for i, line := range lines[1:] {
		fmt.Fprintln(a.Stdout, strings.TrimRight(line, " "))
		for _, more := range strings.Split(below[i], "\n") {
			fmt.Fprintln(a.Stdout, fit("  "+clean(strings.TrimSpace(more)), lineWidth))
		}
	}
}

func text(s *string) string {
	if s == nil {
		return "-"
	}
	return clean(*s)
}

// newTable is a table without lines: it stays readable in a pipe.
func newTable(columns ...string) table.Writer {
	w := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	w.SetStyle(style)
	header := table.Row{}
	for _, c := range columns {
		header = append(header, c)
	}
	w.AppendHeader(header)
	return w
}
