package campaign

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/table"
)

// ChaosOptions say which seeds are played.
type ChaosOptions struct {
	Seeds []uint64
	// Lanes is how many seeds are played side by side.
	Lanes int
	// Progress hears of each seed that is done; may be nil.
	Progress func(string)
}

// Quick are the seeds that `make test` plays: those of the first hundred or so that end soonest while they do, together, all
// that a plan can hold but one kind of check near the end; and the soonest of all that cuts off a worker about to train. Seed
// 41 is none of them: when two installations deploy to one endpoint at once, one of them waits for limits.deploy.
var Quick = []uint64{11, 13, 19, 24, 25, 26, 27, 32, 34, 42, 44, 49, 103, 105, 111, 22404}

// Seeds are runs seeds in a row, from the first on.
func Seeds(first uint64, runs int) []uint64 {
	seeds := make([]uint64, runs)
	for i := range seeds {
		seeds[i] = first + uint64(i)
	}
	return seeds
}

// Chaos is what became of all seeds.
type Chaos struct {
	Played []Played
	Took   time.Duration
}

// Chaos plays seeds, each against a service and workers of its own. When ctx ends, the seeds that are under way do not
// count.
func (r *Rig) Chaos(ctx context.Context, o ChaosOptions) Chaos {
	began := time.Now()
	var c Chaos
	var mu sync.Mutex
	group := &errgroup.Group{}
	group.SetLimit(o.Lanes)
	for _, seed := range o.Seeds {
		group.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			played := r.Play(ctx, PlanOf(seed))
			mu.Lock()
			defer mu.Unlock()
			if ctx.Err() == nil {
				c.Played = append(c.Played, played)
				o.tell(played)
			}
			return nil
		})
	}
	_ = group.Wait() // each seed keeps its errors
	slices.SortFunc(c.Played, func(a, b Played) int { return cmp.Compare(a.Plan.Seed, b.Plan.Seed) })
	c.Took = time.Since(began)
	return c
}

func (o ChaosOptions) tell(p Played) {
	if o.Progress != nil {
		o.Progress(p.String())
	}
}

// String is one seed in a line: what was done, and how it ended.
func (p Played) String() string {
	var steps []string
	for i, s := range p.Plan.Steps {
		outcome := "?"
		if i < len(p.Outcomes) {
			outcome = p.Outcomes[i]
		}
		steps = append(steps, fmt.Sprintf("%s: %s", s, outcome))
	}
	text := fmt.Sprintf("seed %d, %s, lag %s, %d workers, %d killed, %d cut off, %d faults; %s; %s", p.Plan.Seed, p.Plan.Profile, p.Plan.Lag,
		p.Plan.Workers, p.Kills, p.Cuts, total(p.Faults), strings.Join(steps, "; "), p.Took.Round(time.Second))
	for _, a := range p.Acts {
		text += fmt.Sprintf("\n  %s: %s", a.Act, a.Word)
	}
	for _, s := range p.Watched {
		text += "\n  near the end, " + s
	}
	for _, b := range p.Broken {
		text += "\n  BROKEN: " + b
	}
	return text
}

// Broken counts the rules that were broken.
func (c Chaos) Broken() int {
	n := 0
	for _, p := range c.Played {
		n += len(p.Broken)
	}
	return n
}

// Print writes the summary: seeds, outcomes, faults by kind, and what was broken.
func (c Chaos) Print(out io.Writer) {
	outcomes, faults := map[string]int{}, map[string]int{}
	kills, cuts, jumps, runs, busiest, remade := 0, 0, 0, 0, 0, 0
	neighbours, acts, watched := 0, map[string]int{}, map[string]int{}
	for _, p := range c.Played {
		kills += p.Kills
		cuts += p.Cuts
		runs += len(p.Outcomes)
		remade += p.Remade
		busiest = max(busiest, p.Busiest)
		if p.Plan.Neighbours.Any() {
			neighbours++
		}
		for _, a := range p.Acts {
			word, _, _ := strings.Cut(a.Word, " models/")
			word, _, _ = strings.Cut(word, ": ")
			word, _, _ = strings.Cut(word, " on ")
			acts[a.Act.Do+": "+word]++
		}
		for _, s := range p.Watched {
			watched[s]++
		}
		for i, o := range p.Outcomes {
			outcomes[o]++
			if i < len(p.Plan.Steps) && p.Plan.Steps[i].By != 0 {
				jumps++
			}
		}
		for kind, n := range p.Faults {
			faults[kind] += n
		}
	}
	fmt.Fprintf(out, "%d seeds, %d runs, %d workers killed, %d cut off from Temporal, %d jumps of the clock; %s\n\n",
		len(c.Played), runs, kills, cuts, jumps, c.Took.Round(time.Second))
	counts(out, "outcome", outcomes)
	counts(out, "fault", faults)
	fmt.Fprintf(out, "seeds with neighbours: %d\n\n", neighbours)
	counts(out, "act of a neighbour", acts)
	counts(out, "checks near the end", watched)
	fmt.Fprintf(out, "most requests within 10 s: %d of %d\n", busiest, allowed)
	fmt.Fprintf(out, "created a second time by a request that took effect late, and removed: %d\n", remade)
	fmt.Fprintf(out, "rules broken: %d\n", c.Broken())
	for _, p := range c.Played {
		if len(p.Broken) > 0 {
			fmt.Fprintf(out, "\nagain with: make chaos SEED=%d RUNS=1\n%s\nfaults %+v\nkills %v\n", p.Plan.Seed, p, p.Plan.Faults, p.Plan.Kills)
		}
	}
}

func counts(out io.Writer, what string, of map[string]int) {
	w := table.New(what, "times")
	for _, key := range slices.Sorted(maps.Keys(of)) {
		w.AppendRow([]any{key, of[key]})
	}
	for line := range strings.Lines(w.Render() + "\n") {
		fmt.Fprintln(out, strings.TrimRight(line, " \n"))
	}
	fmt.Fprintln(out)
}

func total(of map[string]int) int {
	n := 0
	for _, count := range of {
		n += count
	}
	return n
}
