package campaign

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
	"speech-retrainer/workflows"
)

// resetTo resets a run to one of its events and returns the new run's ID.
func (l *lane) resetTo(ctx context.Context, id, run string, event int64) (string, error) {
	answer, err := l.Client.ResetWorkflowExecution(ctx, &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: "default", WorkflowExecution: execution(id, run), Reason: "the campaign resets it",
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
	l, err := r.lane(ctx, laneOptions{name: r.caseName("reset"), profile: stack.Plain, lag: ListLag})
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
	d, err := l.Client.DescribeWorkflowExecution(ctx, id, "")
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
func (r *Rig) resetAt(ctx context.Context, u undisturbed, p Point) (result Result) {
	began := time.Now()
	result = Result{Point: p, Workers: 1}
	defer func() { result.Took = time.Since(began) }()
	fail := func(err error) { result.Broken = append(result.Broken, err.Error()) }
	l, err := r.lane(ctx, laneOptions{name: r.caseName("held"), profile: stack.Plain, lag: ListLag})
	if err != nil {
		fail(err)
		return result
	}
	defer func() {
		if err := l.close(); err != nil {
			fail(err)
		}
	}()
	report, met, err := l.held(ctx, p.name(), func(ctx context.Context, id, run string) (string, error) {
		points, err := l.resetPoints(ctx, id, run)
		if err != nil || len(points) == 0 {
			return "", errors.Join(err, errors.New("nothing to reset to"))
		}
		return l.resetTo(ctx, id, run, points[0])
	})
	result.Met = met
	if err != nil {
		fail(err)
		return result
	}
	l.judge(ctx, report, u, fail)
	return result
}

// held starts the whole path, does something while a worker is at a point, and waits for the end of the run that do
// returns; empty = the one that was started.
func (l *lane) held(ctx context.Context, point string, do func(ctx context.Context, id, run string) (string, error)) (*lifecycle.Report, bool, error) {
	if err := l.arm(point); err != nil {
		return nil, false, err
	}
	l.work(ctx, 1, []string{point + "=hold"})
	run, err := l.retrain(ctx, l.whole())
	if err != nil {
		return nil, false, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = run.Get(ctx, nil) // how it ended is asked for below
	}()
	met, err := l.awaitPoint(ctx, point, ended)
	if err != nil || !met {
		return nil, met, errors.Join(err, errors.New("the point was not met"))
	}
	next, err := do(ctx, run.GetID(), run.GetRunID())
	if err != nil {
		return nil, met, err
	}
	if err := l.release(point); err != nil {
		return nil, met, err
	}
	if next == "" {
		next = run.GetRunID()
	}
	report, err := l.ended(ctx, run.GetID(), next)
	return report, met, err
}

// judge sweeps, and holds what is left and the answer against the rules and the undisturbed run.
func (l *lane) judge(ctx context.Context, report *lifecycle.Report, u undisturbed, fail func(error)) {
	if err := l.sweep(ctx); err != nil {
		fail(err)
	}
	w, err := l.world(ctx, nil)
	if err != nil {
		fail(err)
		return
	}
	for _, v := range append(w.violations(), w.remade()...) {
		fail(errors.New(v))
	}
	if a := answerOf(report, w); a.String() != u.answer.String() {
		fail(fmt.Errorf("it came to: %s; undisturbed: %s", a, u.answer))
	}
}

// restartServer kills the Temporal server while a worker is at a point, and starts it again with its database.
func (r *Rig) restartServer(ctx context.Context, u undisturbed, p Point) (result Result) {
	began := time.Now()
	result = Result{Point: p, Workers: 1}
	defer func() { result.Took = time.Since(began) }()
	fail := func(err error) { result.Broken = append(result.Broken, err.Error()) }
	name := r.caseName("server")
	own := &Rig{Binaries: r.Binaries, CrashWorker: r.CrashWorker, Data: r.Data, Logs: filepath.Join(r.Logs, name)}
	parts, err := stack.New(own.Logs)
	if err != nil {
		fail(err)
		return result
	}
	defer func() {
		if err := parts.Close(); err != nil {
			fail(err)
		}
	}()
	options := stack.ServerOptions{Binary: r.Binaries.Temporal, Database: filepath.Join(own.Logs, "temporal.db")}
	if own.Server, err = parts.StartServer(ctx, options); err != nil {
		fail(err)
		return result
	}
	if own.Client, err = own.Server.Client(ctx, "default"); err != nil {
		fail(err)
		return result
	}
	defer own.Client.Close()
	l, err := own.lane(ctx, laneOptions{name: name, profile: stack.Plain, lag: ListLag})
	if err != nil {
		fail(err)
		return result
	}
	defer func() {
		if err := l.close(); err != nil {
			fail(err)
		}
	}()
	report, met, err := l.held(ctx, p.name(), func(ctx context.Context, _, _ string) (string, error) {
		own.Server.Kill()
		return "", parts.Restart(ctx, own.Server, options.Binary)
	})
	result.Met = met
	if err != nil {
		fail(err)
		return result
	}
	l.judge(ctx, report, u, fail)
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
