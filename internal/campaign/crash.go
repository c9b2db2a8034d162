package campaign

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// Point is one boundary of one activity of a scenario.
type Point struct {
	Scenario string
	// Activity is the type of its workflow and its ID, Stage the stage that it belongs to, empty beside a retrain.
	Activity, Stage string
	// Moment is before, effect (effect2, ...) or after.
	Moment string

	order int
}

func (p Point) name() string { return p.Activity + "/" + p.Moment }

// answer is what a scenario came to: what must be as it would have been without the crash.
type answer struct {
	outcome string
	stages  []string
	verdict string
	rates   []string
	// objects counts what is left of each kind, after the sweep.
	objects map[string]int
}

func (a answer) String() string {
	return fmt.Sprintf("%s, verdict %s %v, stages %v, left %v", a.outcome, a.verdict, a.rates, a.stages, a.objects)
}

// undisturbed is a scenario without a crash: its answer, and its points.
type undisturbed struct {
	scenario scenario
	answer   answer
	points   []Point
}

// once runs a scenario from its preparation to the check of what is left. It returns the answer and what was against
// the rules, and leaves the lane with its service still there.
func (l *lane) once(ctx context.Context, s scenario, workers int, points []string) (answer, []string, error) {
	if s.prepare != nil {
		l.work(ctx, 1, nil)
		if err := s.prepare(ctx, l); err != nil {
			return answer{}, nil, fmt.Errorf("prepare: %w", err)
		}
		l.rest()
	}
	l.work(ctx, workers, points)
	report, err := s.act(ctx, l)
	if err != nil {
		return answer{}, nil, err
	}
	if err := l.sweep(ctx); err != nil {
		return answer{}, nil, err
	}
	w, err := l.world(ctx, nil)
	if err != nil {
		return answer{}, nil, err
	}
	return answerOf(report, w), append(w.violations(), w.remade()...), nil
}

func answerOf(r *lifecycle.Report, w world) answer {
	a := answer{objects: map[string]int{}}
	for _, o := range w.objects {
		a.objects[o.Kind]++
	}
	if r == nil {
		return a
	}
	a.outcome = string(r.Outcome)
	if r.Error != nil {
		a.outcome += ": " + r.Error.Message
	}
	for _, s := range r.Stages {
		a.stages = append(a.stages, string(s.Name))
	}
	if r.Verdict != nil {
		a.verdict = string(r.Verdict.Result)
	}
	for _, t := range r.Tests {
		if t.WordErrorRate != nil {
			a.rates = append(a.rates, fmt.Sprintf("%.4f", *t.WordErrorRate))
		}
	}
	return a
}

// observe runs a scenario without a crash and lists its points.
func (r *Rig) observe(ctx context.Context, s scenario) (u undisturbed, err error) {
	l, err := r.lane(ctx, laneOptions{name: "undisturbed-" + s.name, profile: stack.Plain, lag: ListLag, mirrored: true})
	if err != nil {
		return u, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	began := time.Now()
	a, broken, err := l.once(ctx, s, 1, []string{})
	if err != nil {
		return u, fmt.Errorf("scenario %s without a crash: %w", s.name, err)
	}
	if len(broken) > 0 {
		return u, fmt.Errorf("scenario %s without a crash is against the rules: %s", s.name, strings.Join(broken, "; "))
	}
	writes, err := l.writes()
	if err != nil {
		return u, err
	}
	u = undisturbed{scenario: s, answer: a}
	for _, kind := range s.types {
		activities, err := r.activities(ctx, kind, l.name, began)
		if err != nil {
			return u, err
		}
		for _, found := range activities {
			for _, p := range pointsOf(s.name, found, writes[found.Activity]) {
				p.order = 1000*slices.IndexFunc(scenarios(), func(x scenario) bool { return x.name == s.name }) + len(u.points)
				u.points = append(u.points, p)
			}
		}
	}
	return u, nil
}

// pointsOf are the boundaries of one activity.
func pointsOf(scenario string, at Point, writes int) []Point {
	moments := []string{"before"}
	for n := range writes {
		if n == 0 {
			moments = append(moments, "effect")
			continue
		}
		moments = append(moments, fmt.Sprintf("effect%d", n+1))
	}
	var points []Point
	for _, m := range append(moments, "after") {
		points = append(points, Point{Scenario: scenario, Activity: at.Activity, Stage: at.Stage, Moment: m})
	}
	return points
}

// activities reads the activities of the newest run of a type out of its history, in the order in which they were
// scheduled, with the stage that each belongs to.
func (r *Rig) activities(ctx context.Context, kind, name string, began time.Time) ([]Point, error) {
	id := strings.ToLower(kind) + "/" + name
	if kind == "Renew" {
		id = "check/" + name
	}
	d, err := describe(ctx, r.Client, id, "")
	if err != nil {
		return nil, err
	}
	if !d.GetWorkflowExecutionInfo().GetStartTime().AsTime().After(began.Add(-time.Second)) {
		return nil, fmt.Errorf("workflow %s has not run", id)
	}
	stages, err := stageTimes(ctx, r.Client, id, d.GetWorkflowExecutionInfo().GetExecution().GetRunId())
	if err != nil {
		return nil, err
	}
	var found []Point
	events := r.Client.GetWorkflowHistory(ctx, id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			return nil, err
		}
		if a := e.GetActivityTaskScheduledEventAttributes(); a != nil {
			found = append(found, Point{Activity: kind + "/" + a.GetActivityId(), Stage: stages.at(e.GetEventTime().AsTime())})
		}
	}
	return found, nil
}

// stageRecords tells which stage a moment belongs to.
type stageRecords []lifecycle.StageRecord

func stageTimes(ctx context.Context, c client.Client, id, run string) (stageRecords, error) {
	var report lifecycle.Report
	if err := c.GetWorkflow(ctx, id, run).Get(ctx, &report); err != nil {
		return nil, err
	}
	return report.Stages, nil
}

func (s stageRecords) at(t time.Time) string {
	stage := ""
	for _, r := range s {
		// Temporal's clock in a workflow is that of its task, which is never later than what it schedules.
		if !r.StartedAt.After(t) {
			stage = string(r.Name)
		}
	}
	return stage
}

// Result is what became of one case.
type Result struct {
	Point   Point
	Workers int
	// Met tells that a worker was killed at the point.
	Met    bool
	Broken []string
	Took   time.Duration
}

func (r *Result) fail(err error) { r.Broken = append(r.Broken, err.Error()) }

// try runs one case on a lane of its own, and keeps in its result what went wrong.
func (r *Rig) try(ctx context.Context, p Point, workers int, o laneOptions, do func(*lane, *Result) error) (result Result) {
	began := time.Now()
	result = Result{Point: p, Workers: workers}
	l, err := r.lane(ctx, o)
	if err == nil {
		err = errors.Join(do(l, &result), l.close())
	}
	if err != nil {
		result.fail(err)
	}
	result.Took = time.Since(began)
	return result
}

// kill runs a scenario with a worker that dies at a point.
func (r *Rig) kill(ctx context.Context, u undisturbed, p Point, workers int) Result {
	o := laneOptions{name: r.caseName("kill-" + p.Scenario), profile: stack.Plain, lag: ListLag, mirrored: true}
	return r.try(ctx, p, workers, o, func(l *lane, result *Result) error {
		err := l.same(ctx, u, workers, []string{p.name() + "=kill"}, result)
		met, metErr := l.met()
		if result.Met = slices.Contains(met, markerOf(p.name())); !result.Met {
			result.fail(errors.New("the point was not met"))
		}
		return errors.Join(err, metErr)
	})
}

// lose runs a scenario in which the service creates something and its answer is lost, while its lists are so far behind
// that the next look does not show it.
func (r *Rig) lose(ctx context.Context, u undisturbed, p Point, operation string) Result {
	// The lag passes in real time: at this speed it stays within the two minutes that a list of changes reaches back.
	o := laneOptions{name: r.caseName("lost"), profile: stack.Plain, speed: 3, lag: longestLag, behind: longestLag, mirrored: true}
	return r.try(ctx, p, 1, o, func(l *lane, result *Result) error {
		if err := l.emulator.Inject(ctx, stack.Fault{Kind: "dropAfter", Operation: operation}); err != nil {
			return err
		}
		err := l.same(ctx, u, 1, nil, result)
		faults, faultErr := l.emulator.Faults(ctx)
		if result.Met = len(faults) == 1 && faults[0].Hits == 1; !result.Met {
			result.fail(errors.New("no answer was lost"))
		}
		return errors.Join(err, faultErr)
	})
}

// same runs a scenario, which must come to the same answer as undisturbed.
func (l *lane) same(ctx context.Context, u undisturbed, workers int, points []string, result *Result) error {
	a, broken, err := l.once(ctx, u.scenario, workers, points)
	result.Broken = append(result.Broken, broken...)
	if err == nil && a.String() != u.answer.String() {
		result.fail(fmt.Errorf("it came to: %s; undisturbed: %s", a, u.answer))
	}
	return err
}
