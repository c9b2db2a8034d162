package campaign

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"speech-retrainer/internal/stack"
)

// What a blow hits. Each is started again at once, as a supervisor would.
const (
	blowServer   = "kill -9 of Temporal's server"
	blowWorker   = "kill -9 of a worker"
	blowDatabase = "pg_ctl restart -m immediate"
)

// Blow is something that dies, at a moment named by what the service has done, never by a time.
type Blow struct {
	Do string
	// Operation has been answered Nth times when it is struck.
	Operation string
	Nth       int
}

func (b Blow) String() string { return fmt.Sprintf("%s after %d of %s", b.Do, b.Nth, b.Operation) }

// milestones are the creates of which each retrain makes one, in this order.
var milestones = []string{"Models_Create", "Evaluations_Create", "Endpoints_Create"}

// blowsOf are the blows of a seed for a number of retrains: each kind once, the server and the database now and then more
// often, in the order of their moments.
func blowsOf(seed uint64, retrains int) []Blow {
	r := rand.New(rand.NewPCG(seed, 0xb10))
	kinds := []string{blowServer, blowWorker, blowDatabase}
	for range r.IntN(3) {
		kinds = append(kinds, pick(r, blowServer, blowWorker, blowDatabase))
	}
	var blows []Blow
	for _, do := range kinds {
		blows = append(blows, Blow{Do: do, Operation: pick(r, milestones...), Nth: 1 + r.IntN(retrains)})
	}
	slices.SortStableFunc(blows, func(a, b Blow) int {
		return cmp.Or(cmp.Compare(slices.Index(milestones, a.Operation), slices.Index(milestones, b.Operation)), cmp.Compare(a.Nth, b.Nth))
	})
	return blows
}

// errOver ends the wait for a moment that does not come any more.
var errOver = errors.New("all retrains have ended")

// Struck is what came of a blow.
type Struck struct {
	Blow Blow
	// Back is how long it took until what was hit was at work again.
	Back time.Duration
}

// strike hits with each blow when its moment has come. It ends before the last when over is closed: then no retrain is
// left that could bring a moment.
func (l *lane) strike(ctx context.Context, blows []Blow, over <-chan struct{}, hit func(context.Context, Blow) error) ([]Struck, error) {
	var done []Struck
	seen, counts := 0, map[string]int{}
	for _, b := range blows {
		err := stack.Await(ctx, b.String(), func(ctx context.Context) error {
			ended := isClosed(over)
			log, err := l.emulator.Requests(ctx, seen)
			if err != nil {
				return err
			}
			for _, e := range log {
				seen = max(seen, e.Number)
				if e.After != nil && e.Caller == l.emulator.Caller() {
					counts[e.Operation]++
				}
			}
			switch {
			case counts[b.Operation] >= b.Nth:
				return nil
			case ended:
				return stack.Permanent(errOver)
			}
			return errors.New("not yet")
		})
		if errors.Is(err, errOver) {
			return done, nil
		}
		if err != nil {
			return done, err
		}
		began := time.Now()
		if err := hit(ctx, b); err != nil {
			return done, fmt.Errorf("%s: %w", b, err)
		}
		done = append(done, Struck{Blow: b, Back: time.Since(began)})
	}
	return done, nil
}

// hit lets something die, and returns when it is at work again.
func (l *lane) hit(ctx context.Context, cluster *stack.Cluster, b Blow) error {
	switch b.Do {
	case blowServer:
		return cluster.KillServer(ctx)
	case blowDatabase:
		return cluster.RestartDatabase(ctx)
	}
	return l.killWorker(ctx)
}

// killWorker kills the worker that has worked longest, and waits until another is there in its stead.
func (l *lane) killWorker(ctx context.Context) error {
	starts := 0
	err := stack.Await(ctx, "a worker to kill", func(context.Context) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		if len(l.present) == 0 {
			return errors.New("none is at work")
		}
		starts = l.starts
		l.present[0].Kill()
		return nil
	})
	if err != nil {
		return err
	}
	return stack.Await(ctx, "another worker", func(context.Context) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.starts == starts {
			return errors.New("not ready yet")
		}
		return nil
	})
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
