package campaign

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
	"speech-retrainer/workflows"
)

// resetTo resets a run to one of its events and returns the new run's ID.
func (l *lane) resetTo(ctx context.Context, id, run string, event int64) (string, error) {
	answer, err := l.Client.ResetWorkflowExecution(ctx, &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: l.namespace(), WorkflowExecution: execution(id, run), Reason: "the campaign resets it",
		WorkflowTaskFinishEventId: event, RequestId: fmt.Sprintf("%s-%d-%d", run, event, time.Now().UnixNano()),
	})
	return answer.GetRunId(), err
}

// resetPoints are the events that a run can be reset to: each completed workflow task.
func (l *lane) resetPoints(ctx context.Context, id, run string) ([]int64, error) {
	var points []int64
	events := l.Client.GetWorkflowHistory(ctx, id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			return nil, err
		}
		if e.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			points = append(points, e.GetEventId())
		}
	}
	return points, nil
}

// resets runs a scenario to its end and resets that run to every point that is its lane's: part of parts. Each must
// come to the same answer with the same version.
func (r *Rig) resets(ctx context.Context, u undisturbed, part, parts int) (done int, broken []string) {
	fail := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	l, err := r.lane(ctx, laneOptions{name: r.caseName("reset"), profile: stack.Plain, lag: ListLag, mirrored: true})
	if err != nil {
		return 0, []string{err.Error()}
	}
	defer func() {
		if err := l.close(); err != nil {
			fail("%v", err)
		}
	}()
	if _, found, err := l.once(ctx, u.scenario, 1, nil); err != nil || len(found) > 0 {
		return 0, []string{fmt.Sprintf("before the resets: %v %v", err, found)}
	}
	id := workflows.RetrainID(l.name)
	d, err := describe(ctx, l.Client, id, "")
	if err != nil {
		return 0, []string{err.Error()}
	}
	run := d.GetWorkflowExecutionInfo().GetExecution().GetRunId()
	points, err := l.resetPoints(ctx, id, run)
	if err != nil {
		return 0, []string{err.Error()}
	}
	champion, err := l.versionIn(ctx, lifecycle.StateChampion)
	if err != nil {
		return 0, []string{err.Error()}
	}
	for i, event := range points {
		if i%parts != part {
			continue
		}
		done++
		again, err := l.resetTo(ctx, id, run, event)
		if err != nil {
			fail("reset to event %d: %v", event, err)
			continue
		}
		report, err := l.ended(ctx, id, again)
		if err != nil {
			fail("after a reset to event %d: %v", event, err)
			continue
		}
		if err := l.sweep(ctx); err != nil {
			fail("sweep after a reset to event %d: %v", event, err)
		}
		w, err := l.world(ctx, nil)
		if err != nil {
			fail("%v", err)
			continue
		}
		for _, v := range append(w.violations(), w.remade()...) {
			fail("after a reset to event %d: %s", event, v)
		}
		if a := answerOf(report, w); a.String() != u.answer.String() || report.Version.ID != champion {
			fail("a reset to event %d came to version %s, %s; undisturbed: version %s, %s", event, report.Version.ID, a, champion, u.answer)
		}
	}
	return done, broken
}

// resetAt resets a run while a worker is at a point of it, to its beginning, so that what it has just done is done
// under its feet; then the worker goes on.
func (r *Rig) resetAt(ctx context.Context, u undisturbed, p Point) Result {
	o := laneOptions{name: r.caseName("held"), profile: stack.Plain, lag: ListLag, mirrored: true}
	return r.try(ctx, p, 1, o, func(l *lane, result *Result) error {
		return l.held(ctx, u, p, result, func(ctx context.Context, id, run string) (string, error) {
			points, err := l.resetPoints(ctx, id, run)
			if err != nil || len(points) == 0 {
				return "", errors.Join(err, errors.New("nothing to reset to"))
			}
			return l.resetTo(ctx, id, run, points[0])
		})
	})
}

// held starts the whole path, does something while a worker is at a point, waits for the end of the run that do returns
// (empty = the one that was started), sweeps, and holds what is left and the answer against the rules and the undisturbed
// run.
func (l *lane) held(ctx context.Context, u undisturbed, p Point, result *Result, do func(ctx context.Context, id, run string) (string, error)) error {
	point := p.name()
	if err := l.arm(point); err != nil {
		return err
	}
	l.work(ctx, 1, []string{point + "=hold"})
	run, err := l.retrain(ctx, l.whole())
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = run.Get(ctx, nil) // how it ended is asked for below
	}()
	if result.Met, err = l.awaitPoint(ctx, point, ended); err != nil || !result.Met {
		return errors.Join(err, errors.New("the point was not met"))
	}
	next, err := do(ctx, run.GetID(), run.GetRunID())
	if err != nil {
		return err
	}
	if err := l.release(point); err != nil {
		return err
	}
	report, err := l.ended(ctx, run.GetID(), cmp.Or(next, run.GetRunID()))
	if err != nil {
		return err
	}
	if err := l.sweep(ctx); err != nil {
		return err
	}
	w, err := l.world(ctx, nil)
	if err != nil {
		return err
	}
	result.Broken = append(result.Broken, append(w.violations(), w.remade()...)...)
	if a := answerOf(report, w); a.String() != u.answer.String() {
		result.fail(fmt.Errorf("it came to: %s; undisturbed: %s", a, u.answer))
	}
	return nil
}

// restartServer kills the Temporal server while a worker is at a point, and starts it again with its database.
func (r *Rig) restartServer(ctx context.Context, u undisturbed, p Point) Result {
	name := r.caseName("server")
	own := &Rig{Binaries: r.Binaries, CrashWorker: r.CrashWorker, Data: r.Data, Logs: filepath.Join(r.Logs, name)}
	parts, err := stack.New(own.Logs)
	if err != nil {
		return Result{Point: p, Workers: 1, Broken: []string{err.Error()}}
	}
	options := stack.ServerOptions{Binary: r.Binaries.Temporal, Database: filepath.Join(own.Logs, "temporal.db")}
	if own.Server, err = parts.StartServer(ctx, options); err == nil {
		own.Client, err = own.Server.Client(ctx, client.DefaultNamespace)
	}
	if err != nil {
		return Result{Point: p, Workers: 1, Broken: []string{errors.Join(err, parts.Close()).Error()}}
	}
	defer own.Client.Close()
	result := own.try(ctx, p, 1, laneOptions{name: name, profile: stack.Plain, lag: ListLag, mirrored: true}, func(l *lane, result *Result) error {
		return l.held(ctx, u, p, result, func(ctx context.Context, _, _ string) (string, error) {
			own.Server.Kill()
			return "", parts.Restart(ctx, own.Server)
		})
	})
	if err := parts.Close(); err != nil {
		result.fail(err)
	}
	return result
}

// firstOfStages are the first points with a moment of each stage.
func firstOfStages(points []Point, moment string) []Point {
	var found []Point
	seen := map[string]bool{}
	for _, p := range points {
		if strings.HasPrefix(p.Moment, moment) && !seen[p.Stage] {
			seen[p.Stage] = true
			found = append(found, p)
		}
	}
	return found
}
