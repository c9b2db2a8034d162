package speech

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// caller is one call of a simulation: when it comes, and how urgent it is.
type caller struct {
	at       time.Duration
	priority Priority
}

// grant is when a call got its token, or that it did not.
type grant struct {
	caller
	served time.Duration
	err    error
}

// simulate runs callers against a limiter on a virtual clock.
func simulate(t *testing.T, share float64, callers []caller) []grant {
	t.Helper()
	var grants []grant
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(share)
		start := time.Now()
		var mu sync.Mutex
		var wg sync.WaitGroup
		for _, c := range callers {
			wg.Go(func() {
				time.Sleep(c.at)
				err := l.acquire(t.Context(), c.priority)
				mu.Lock()
				defer mu.Unlock()
				grants = append(grants, grant{c, time.Since(start), err})
			})
			synctest.Wait() // callers of the same moment come in order
		}
		wg.Wait()
		if len(l.queue) != 0 {
			t.Errorf("%d callers are left in the queue", len(l.queue))
		}
	})
	return grants
}

// However calls come: never more than 90 tokens in any 10 seconds (times the share), nobody waits
// longer than 10 seconds, and nobody is sent away while there is room.
func TestLimiterProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		share := rapid.SampledFrom([]float64{1, 0.5, 0.25, 0.1, 0.05, 0.02}).Draw(rt, "share")
		callers := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) caller {
			return caller{
				// Bunches at full seconds and loners between them.
				time.Duration(rapid.IntRange(0, 25).Draw(rt, "second"))*time.Second +
					time.Duration(rapid.SampledFrom([]int{0, 0, 0, 130, 777}).Draw(rt, "ms"))*time.Millisecond,
				Priority(rapid.IntRange(int(PriorityWrite), int(PriorityWatch)).Draw(rt, "priority")),
			}
		}), 0, 300).Draw(rt, "callers")
		slices.SortStableFunc(callers, func(a, b caller) int { return int(a.at - b.at) })

		grants := simulate(t, share, callers)
		require.Len(rt, grants, len(callers))
		var served []time.Duration
		limited := 0
		for _, g := range grants {
			require.LessOrEqual(rt, g.served-g.at, maxQueued)
			if g.err == nil {
				served = append(served, g.served)
				continue
			}
			limited++
			var limit *LimitedError
			require.ErrorAs(rt, g.err, &limit)
			require.Positive(rt, limit.Wait)
			require.Equal(rt, maxQueued, g.served-g.at)
		}
		slices.Sort(served)
		for i, first := range served {
			in := 0
			for _, at := range served[i:] {
				if at-first <= 10*time.Second {
					in++
				}
			}
			require.LessOrEqual(rt, float64(in), fullQuota*share+1e-6, "in the 10 s from %s", first)
		}
		if len(callers) <= int(fullBurst*share) {
			require.Zero(rt, limited)
		}
	})
}

// With a full queue writes go first, then reads, then the watcher's lists, each in order of arrival.
func TestLimiterPriority(t *testing.T) {
	t.Parallel()
	var callers []caller
	for range int(fullBurst) {
		callers = append(callers, caller{0, PriorityRead})
	}
	for range 4 {
		callers = append(callers, caller{time.Millisecond, PriorityWatch}, caller{time.Millisecond, PriorityRead}, caller{time.Millisecond, PriorityWrite})
	}
	callers = append(callers, caller{600 * time.Millisecond, PriorityWrite}) // overtakes the rest
	grants := simulate(t, 1, callers)[int(fullBurst):]
	var order []Priority
	for _, g := range grants {
		require.NoError(t, g.err)
		order = append(order, g.priority)
	}
	w, r, l := PriorityWrite, PriorityRead, PriorityWatch
	require.Equal(t, []Priority{w, w, w, w, w, r, r, r, r, l, l, l, l}, order)
	require.InDelta(t, 13.0/fullRate, grants[12].served.Seconds(), 0.05)
}

// Writers that use up everything leave nothing to a watcher, which is told so after ten seconds.
func TestLimiterSendsAway(t *testing.T) {
	t.Parallel()
	callers := []caller{{0, PriorityWatch}}
	for range 200 {
		callers = append(callers, caller{0, PriorityWrite})
	}
	callers[0], callers[10] = callers[10], callers[0] // the burst is gone when the watcher comes
	grants := simulate(t, 1, callers)
	served := 0
	for _, g := range grants {
		if g.err == nil {
			served++
			require.Equal(t, PriorityWrite, g.priority)
			continue
		}
		var limit *LimitedError
		require.ErrorAs(t, g.err, &limit)
		require.Equal(t, 10*time.Second, g.served)
	}
	require.InDelta(t, fullQuota, served, 1)
}

// Who gives up makes room for the next.
func TestLimiterCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1)
		for range int(fullBurst) {
			require.NoError(t, l.acquire(t.Context(), PriorityRead))
		}
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp, served := make(chan error, 1), make(chan error, 1)
		go func() { gaveUp <- l.acquire(ctx, PriorityWrite) }()
		synctest.Wait()
		start := time.Now()
		go func() { served <- l.acquire(t.Context(), PriorityRead) }()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-gaveUp, context.Canceled)
		require.NoError(t, <-served)
		require.Less(t, time.Since(start), 200*time.Millisecond)
		require.ErrorIs(t, l.acquire(ctx, PriorityWrite), context.Canceled, "even with room")
		require.Empty(t, l.queue)
	})
}

func TestPriorityOf(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	require.Equal(t, PriorityRead, priorityOf(ctx, http.MethodGet))
	for _, method := range []string{http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete} {
		require.Equal(t, PriorityWrite, priorityOf(ctx, method))
	}
	require.Equal(t, PriorityWatch, priorityOf(WithPriority(ctx, PriorityWatch), http.MethodGet))
	require.Equal(t, PriorityRead, priorityOf(WithPriority(ctx, Priority(9)), http.MethodGet))
}
