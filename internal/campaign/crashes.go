package campaign

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/table"
)

// CrashOptions say how much of the crash campaign is run.
type CrashOptions struct {
	// Lanes is how many cases run side by side; they wait for most of their time.
	Lanes int
	// Scenarios are the ones to run; empty = all.
	Scenarios []string
	// OnePerStage leaves all but one point of each stage out, and the resets to every event.
	OnePerStage bool
	// Progress hears of each case that is done; may be nil.
	Progress func(string)
}

// Crashes is what the crash campaign found.
type Crashes struct {
	Results []Result
	// Held are the resets of a run at a point, Servers the restarts of the Temporal server.
	Held, Servers []Result
	// Lost are answers to creates that were lost, while lists are 30 s behind.
	Lost []Result
	// Resets is to how many events of a completed run it was reset, with what was broken then.
	Resets       int
	ResetsBroken []string
	Took         time.Duration
}

// Crash kills workers at every point of every scenario, with one worker and with two, resets runs, and restarts the
// Temporal server. Its error is that of the campaign itself; what the product did wrong is in the answer.
func (r *Rig) Crash(ctx context.Context, o CrashOptions) (Crashes, error) {
	began := time.Now()
	seen, err := r.observeAll(ctx, o)
	if err != nil {
		return Crashes{}, err
	}
	var c Crashes
	var mu sync.Mutex
	group := &errgroup.Group{}
	group.SetLimit(o.Lanes)
	run := func(into *[]Result, what string, do func() Result) {
		group.Go(func() error {
			result := do()
			mu.Lock()
			defer mu.Unlock()
			*into = append(*into, result)
			o.tell("%s %s: %s", what, result.Point.name(), result.said())
			return nil
		})
	}
	for i, u := range seen {
		points := u.points
		if o.OnePerStage {
			points = onePerStage(points)
		}
		for _, p := range points {
			for workers := 1; workers <= 2; workers++ {
				// In short each point has one worker or two, in turns.
				if o.OnePerStage && (len(p.Stage)+i)%2 != workers-1 {
					continue
				}
				run(&c.Results, fmt.Sprintf("kill, %d of", workers), func() Result { return r.kill(ctx, u, p, workers) })
			}
		}
		if u.scenario.name != "first" {
			continue
		}
		for _, p := range u.points {
			operation := creates[p.Activity]
			if p.Moment == "effect" && operation != "" && (!o.OnePerStage || p.Stage == string(lifecycle.StageTrain)) {
				run(&c.Lost, "answer lost, lists 30 s behind, at", func() Result { return r.lose(ctx, u, p, operation) })
			}
		}
		if o.OnePerStage {
			continue
		}
		for _, p := range u.points {
			if p.Moment != "before" {
				run(&c.Held, "reset at", func() Result { return r.resetAt(ctx, u, p) })
			}
		}
		for _, p := range append(firstOfStages(u.points, "effect"), firstOfStages(u.points, "after")...) {
			run(&c.Servers, "server restarted at", func() Result { return r.restartServer(ctx, u, p) })
		}
		for part := range resetLanes {
			group.Go(func() error {
				n, broken := r.resets(ctx, u, part, resetLanes)
				mu.Lock()
				defer mu.Unlock()
				c.Resets += n
				c.ResetsBroken = append(c.ResetsBroken, broken...)
				o.tell("%d resets of a completed run: %d broken", n, len(broken))
				return nil
			})
		}
	}
	_ = group.Wait() // cases keep their errors
	c.Took = time.Since(began)
	return c, ctx.Err()
}

// creates are the activities of a first run that create something, and the operation that does.
var creates = map[string]string{
	"Retrain/ensure-project": "Projects_Create", "Retrain/ensure-datasets": "Datasets_Create", "Retrain/create-version": "Models_Create",
	"Retrain/create-evaluation-0": "Evaluations_Create", "Retrain/create-endpoint": "Endpoints_Create",
}

// longestLag is how far behind its writes the service's lists are at the most, as the contract takes it.
const longestLag = 30 * time.Second

// resetLanes is over how many lanes the resets of a completed run are spread.
const resetLanes = 4

// observeAll runs the scenarios without a crash.
func (r *Rig) observeAll(ctx context.Context, o CrashOptions) ([]undisturbed, error) {
	var wanted []scenario
	for _, s := range scenarios() {
		if len(o.Scenarios) == 0 || slices.Contains(o.Scenarios, s.name) {
			wanted = append(wanted, s)
		}
	}
	seen := make([]undisturbed, len(wanted))
	group := &errgroup.Group{}
	group.SetLimit(o.Lanes)
	for i, s := range wanted {
		group.Go(func() (err error) {
			seen[i], err = r.observe(ctx, s)
			return err
		})
	}
	return seen, group.Wait()
}

// onePerStage takes one point of each stage: the last effect, else the last moment.
func onePerStage(points []Point) []Point {
	var order []string
	best := map[string]Point{}
	for _, p := range points {
		have, seen := best[p.Stage]
		if !seen {
			order = append(order, p.Stage)
		}
		if !seen || strings.HasPrefix(p.Moment, "effect") || !strings.HasPrefix(have.Moment, "effect") {
			best[p.Stage] = p
		}
	}
	var chosen []Point
	for _, stage := range order {
		chosen = append(chosen, best[stage])
	}
	return chosen
}

func (o CrashOptions) tell(format string, args ...any) {
	if o.Progress != nil {
		o.Progress(fmt.Sprintf(format, args...))
	}
}

func (r Result) said() string {
	if len(r.Broken) == 0 {
		return fmt.Sprintf("ok in %s", r.Took.Round(time.Second))
	}
	return "BROKEN: " + strings.Join(r.Broken, "; ")
}

// Broken lists every case in which a rule was broken.
func (c Crashes) Broken() []string {
	var found []string
	for what, results := range map[string][]Result{"killed": c.Results, "answer lost": c.Lost, "reset": c.Held, "server restarted": c.Servers} {
		for _, r := range results {
			if len(r.Broken) > 0 {
				found = append(found, fmt.Sprintf("%s at %s %s (%d workers): %s", what, r.Point.Scenario, r.Point.name(), r.Workers, strings.Join(r.Broken, "; ")))
			}
		}
	}
	slices.Sort(found)
	return append(found, c.ResetsBroken...)
}

// Print writes the table of all points, one row for each activity, and what was broken.
func (c Crashes) Print(out io.Writer) {
	scenario := ""
	var w table.Writer
	flush := func() {
		if w != nil {
			for line := range strings.Lines(w.Render() + "\n") {
				fmt.Fprintln(out, strings.TrimRight(line, " \n"))
			}
		}
	}
	for _, row := range c.rows() {
		if row.scenario != scenario {
			flush()
			scenario = row.scenario
			fmt.Fprintf(out, "\n%s\n", scenario)
			w = table.New("activity", "before", "effect", "after", "lost", "reset", "server")
		}
		w.AppendRow(table.Row{row.activity, row.cells["before"], row.cells["effect"], row.cells["after"], row.cells["lost"], row.cells["reset"], row.cells["server"]})
	}
	flush()
	fmt.Fprintf(out, "\nEach sign is one case: . as undisturbed, X broken. Killed with one worker, then with two.\n")
	fmt.Fprintf(out, "%d kills, %d answers lost while lists were 30 s behind, %d resets at a point, %d resets to an\n"+
		"event of a completed run, %d restarts of the Temporal server; broken: %d; %s\n",
		len(c.Results), len(c.Lost), len(c.Held), c.Resets, len(c.Servers), len(c.Broken()), c.Took.Round(time.Second))
	for _, b := range c.Broken() {
		fmt.Fprintln(out, "BROKEN", b)
	}
}

type crashRow struct {
	scenario, activity string
	cells              map[string]string
}

// rows brings the results into the order of scenarios and points.
func (c Crashes) rows() []crashRow {
	var rows []crashRow
	at := map[string]int{}
	add := func(results []Result, cell func(Result) string) {
		results = slices.Clone(results)
		slices.SortStableFunc(results, func(a, b Result) int { return a.order() - b.order() })
		for _, r := range results {
			key := r.Point.Scenario + " " + r.Point.Activity
			if _, seen := at[key]; !seen {
				at[key] = len(rows)
				rows = append(rows, crashRow{r.Point.Scenario, r.Point.Activity, map[string]string{}})
			}
			sign := "."
			if len(r.Broken) > 0 {
				sign = "X"
			}
			rows[at[key]].cells[cell(r)] += sign
		}
	}
	add(c.Results, func(r Result) string { return strings.TrimRight(r.Point.Moment, "0123456789") })
	add(c.Lost, func(Result) string { return "lost" })
	add(c.Held, func(Result) string { return "reset" })
	add(c.Servers, func(Result) string { return "server" })
	return rows
}

// order is the place of a result in the table.
func (r Result) order() int { return r.Point.order*10 + r.Workers }
