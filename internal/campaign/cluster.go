package campaign

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
	"speech-retrainer/internal/table"
)

// ClusterOptions say what a cluster is put through.
type ClusterOptions struct {
	Seed uint64
	// Retrains is how many models are trained at the same time.
	Retrains int
	// Progress hears of each blow; may be nil.
	Progress func(string)
}

// clusterWorkers is how many workers share the work.
const clusterWorkers = 2

// The service's jobs while a cluster is put through something, in real time.
const (
	queueTime      = time.Second
	importTime     = 2 * time.Second
	trainingTime   = 30 * time.Second
	evaluationTime = 3 * time.Second
	deployTime     = 3 * time.Second
	// jobsTime is what the jobs of one retrain take: import, training, test and deployment.
	jobsTime = 4*queueTime + importTime + trainingTime + evaluationTime + deployTime
	// requestTime is how long the service lets nothing but one request take, by its limit of 100 in 10 s.
	requestTime = window / 100
)

// serviceTime is what retrains take the service alone: the jobs of one, or all requests at its limit, whichever is longer.
func serviceTime(requests int) time.Duration {
	return max(jobsTime, time.Duration(requests)*requestTime)
}

// Clustered is what became of a cluster's retrains.
type Clustered struct {
	Seed     uint64
	Retrains int
	// Outcomes counts how they ended.
	Outcomes map[string]int
	Struck   []Struck
	// Workers is how many were started, the two first ones included.
	Workers int
	// Last is how long after the first start the last retrain ended. Requests is how many they made.
	Last              time.Duration
	Requests, Busiest int
	// Shared is how many datasets several retrains created at the same moment: all use the first.
	Shared int
	Broken []string
	Took   time.Duration
}

// Cluster retrains many models at the same time on a real cluster, while its server, its database and a worker die, and
// holds what is left against the rules.
func (r *Rig) Cluster(ctx context.Context, cluster *stack.Cluster, o ClusterOptions) (Clustered, error) {
	began := time.Now()
	c := Clustered{Seed: o.Seed, Retrains: o.Retrains, Outcomes: map[string]int{}}
	l, err := r.lane(ctx, laneOptions{name: "cluster", profile: stack.Plain, speed: 1, lag: ListLag})
	if err != nil {
		return c, err
	}
	err = c.play(ctx, l, cluster, o)
	c.Workers = l.starts
	err = errors.Join(err, l.close())
	c.Took = time.Since(began)
	return c, err
}

func (c *Clustered) play(ctx context.Context, l *lane, cluster *stack.Cluster, o ClusterOptions) error {
	scene := &chaos{lane: l}
	if err := scene.setTheScene(ctx); err != nil {
		return fmt.Errorf("set the scene: %w", err)
	}
	if err := l.emulator.Set(ctx, object{
		"queueTime": queueTime.String(), "importTime": importTime.String(), "trainingTime": trainingTime.String(),
		"evaluationTime": evaluationTime.String(), "deployTime": deployTime.String(), "endpointQuota": 0,
	}); err != nil {
		return err
	}
	// Most of a run is waiting for its turn at the limit of requests.
	l.patience = patience + time.Duration(o.Retrains)*10*time.Second
	l.env = append(l.env, fmt.Sprintf("SPEECH_ENDPOINT_QUOTA=%d", o.Retrains))
	l.work(ctx, clusterWorkers, nil)

	lanes := make([]*lane, o.Retrains)
	for i := range lanes {
		lanes[i] = l.of(fmt.Sprintf("%s-%d", l.name, i+1))
	}
	began, blows := time.Now(), blowsOf(o.Seed, o.Retrains)
	over := make(chan struct{})
	group, together := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		c.Struck, err = l.strike(together, blows, over, func(ctx context.Context, b Blow) error {
			o.tell(b.String())
			return l.hit(ctx, cluster, b)
		})
		return err
	})
	group.Go(func() error {
		defer close(over)
		c.retrain(together, lanes)
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}
	log, err := l.emulator.Requests(ctx, 0)
	if err != nil {
		return err
	}
	c.Requests = len(slices.DeleteFunc(log, func(e stack.Exchange) bool { return e.Caller != l.emulator.Caller() }))
	for _, b := range blows[len(c.Struck):] {
		c.Broken = append(c.Broken, fmt.Sprintf("%s was not struck: all retrains had ended before", b))
	}
	for _, a := range l.asked.all() {
		if !a.to.IsZero() {
			c.Last = max(c.Last, a.to.Sub(began))
		}
	}
	return c.judge(ctx, l, lanes, scene.foreign)
}

// of is the lane for another model: the same service, workers and ledger.
func (l *lane) of(name string) *lane {
	return &lane{
		Rig: l.Rig, stack: l.stack, emulator: l.emulator, name: name, locale: l.locale, endpoint: name, queue: l.queue, dir: l.dir,
		lag: l.lag, patience: l.patience, asked: l.asked,
	}
}

// retrain retrains all models at the same time, each as a step of a seed of chaos, and counts how they ended.
func (c *Clustered) retrain(ctx context.Context, lanes []*lane) {
	words, errs := make([]string, len(lanes)), make([]error, len(lanes))
	group := &errgroup.Group{}
	for i, l := range lanes {
		group.Go(func() error {
			step := &chaos{lane: l}
			words[i], errs[i] = step.play(ctx, l.gated(), nil)
			return nil
		})
	}
	_ = group.Wait() // each keeps its error
	for i, l := range lanes {
		switch {
		case errs[i] != nil:
			c.Broken = append(c.Broken, fmt.Sprintf("the retrain of %s: %v", l.name, errs[i]))
			words[i] = "broke a rule"
		case words[i] != string(lifecycle.Succeeded):
			c.Broken = append(c.Broken, fmt.Sprintf("the retrain of %s ended as %s, though the service did nothing wrong", l.name, words[i]))
		}
		c.Outcomes[words[i]]++
	}
}

// judge sweeps each model, and holds what is left and what happened against the rules.
func (c *Clustered) judge(ctx context.Context, l *lane, lanes []*lane, foreign []stack.Object) error {
	// Second copies of what runs share are removed after a day.
	if err := l.emulator.Advance(ctx, 25*time.Hour); err != nil {
		return err
	}
	group, sweeping := errgroup.WithContext(ctx)
	for _, of := range lanes {
		group.Go(func() error { return of.sweep(sweeping) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	w, err := l.world(ctx, foreign)
	if err != nil {
		return err
	}
	c.Busiest = w.busiest()
	// Of two runs that look for shared data at the same moment both may create it.
	c.Shared = len(w.remade(stack.Datasets))
	c.Broken = append(append(c.Broken, w.violations()...), w.remade(stack.Models, stack.Evaluations, stack.Endpoints)...)
	return nil
}

func (o ClusterOptions) tell(line string) {
	if o.Progress != nil {
		o.Progress(line)
	}
}

// Print writes the summary: retrains, what died, how late the last retrain was, and what was broken.
func (c Clustered) Print(out io.Writer) {
	fmt.Fprintf(out, "retrains: %d at the same time, each of a model of its own, on %d workers; %s\n\n", c.Retrains, clusterWorkers, c.Took.Round(time.Second))
	counts(out, "outcome", c.Outcomes)
	w := table.New("what died", "after", "back after")
	for _, s := range c.Struck {
		w.AppendRow([]any{s.Blow.Do, fmt.Sprintf("%d of %s", s.Blow.Nth, s.Blow.Operation), s.Back.Round(100 * time.Millisecond)})
	}
	for line := range strings.Lines(w.Render() + "\n") {
		fmt.Fprintln(out, strings.TrimRight(line, " \n"))
	}
	fmt.Fprintf(out, "\nworkers started: %d\n", c.Workers)
	alone := serviceTime(c.Requests)
	fmt.Fprintf(out, "the service alone takes %s for the jobs of one retrain, %s for the %d requests of all;\n",
		jobsTime, (time.Duration(c.Requests) * requestTime).Round(time.Second), c.Requests)
	fmt.Fprintf(out, "the last retrain was done %s after the longer of the two\n", (c.Last - alone).Round(time.Second))
	fmt.Fprintf(out, "most requests within 10 s: %d of %d\n", c.Busiest, allowed)
	fmt.Fprintf(out, "datasets that several retrains created at the same moment, to use the first: %d\n", c.Shared)
	fmt.Fprintf(out, "rules broken: %d\n", len(c.Broken))
	for _, b := range c.Broken {
		fmt.Fprintf(out, "  BROKEN: %s\n", b)
	}
	if len(c.Broken) > 0 {
		fmt.Fprintf(out, "again with: make cluster SEED=%d RETRAINS=%d\n", c.Seed, c.Retrains)
	}
}
