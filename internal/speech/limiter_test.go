package speech

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"pgregory.net/rapid"

	"speech-retrainer/internal/resource"
)

// asker is one call of a simulation: when it comes, whose it is, and how long its request takes to go out once it has its
// turn.
type asker struct {
	at    time.Duration
	began time.Duration // of the run, before the simulation
	key   string        // of the activity; calls of one key are those of one caller
	list  bool          // many wait for it
	slow  time.Duration
}

// served is when a call got its turn, and when its request went out.
type served struct {
	asker
	turn, out time.Duration
	err       error
}

// simulate runs askers against a limiter on a virtual clock.
func simulate(t *testing.T, share float64, askers []asker) []served {
	t.Helper()
	var all []served
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(share, zap.NewNop())
		start := time.Now()
		callers := map[string]context.Context{}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for _, a := range askers {
			ctx, known := callers[a.key]
			if !known || a.key == "" {
				ctx = From(t.Context(), Caller{Key: a.key, Began: start.Add(-a.began)})
				callers[a.key] = ctx
			}
			if a.list {
				ctx = WithPriority(ctx, PriorityWatch)
			}
			wg.Go(func() {
				time.Sleep(a.at)
				turn, err := l.acquire(ctx, 0)
				s := served{asker: a, turn: time.Since(start), err: err}
				mu.Lock()
				at := len(all)
				all = append(all, s)
				mu.Unlock()
				if err != nil {
					return
				}
				time.Sleep(a.slow)
				turn.end(true)
				mu.Lock()
				all[at].out = time.Since(start)
				mu.Unlock()
			})
			synctest.Wait() // askers of the same moment come in order
		}
		wg.Wait()
		if len(l.queue) != 0 || l.quota.open != 0 {
			t.Errorf("%d are left in the queue, %d turns are open", len(l.queue), l.quota.open)
		}
	})
	return all
}

// crowded is the largest number of moments in any ten seconds.
func crowded(moments []time.Duration) int {
	slices.Sort(moments)
	most, first := 0, 0
	for i, at := range moments {
		for at-moments[first] > 10*time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

func sentAt(all []served) []time.Duration {
	var moments []time.Duration
	for _, s := range all {
		moments = append(moments, s.out)
	}
	return moments
}

// However calls come, and however long their requests take to go out: never more than 90 go out in any 10 seconds
// (times the share), and nobody is sent away.
func TestLimiterProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		share := rapid.SampledFrom([]float64{1, 0.5, 0.25, 0.1}).Draw(rt, "share")
		askers := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) asker {
			return asker{
				// Bunches at full seconds and loners between them.
				at: time.Duration(rapid.IntRange(0, 25).Draw(rt, "second"))*time.Second +
					time.Duration(rapid.SampledFrom([]int{0, 0, 0, 130, 777}).Draw(rt, "ms"))*time.Millisecond,
				began: time.Duration(rapid.IntRange(0, 3).Draw(rt, "run")) * time.Hour,
				key:   rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(rt, "key"),
				list:  rapid.Bool().Draw(rt, "list"),
				slow:  time.Duration(rapid.SampledFrom([]int{0, 0, 5, 900, 4000}).Draw(rt, "slow")) * time.Millisecond,
			}
		}), 0, 150).Draw(rt, "askers")
		slices.SortStableFunc(askers, func(a, b asker) int { return int(a.at - b.at) })

		all := simulate(t, share, askers)
		require.Len(rt, all, len(askers))
		for _, s := range all {
			require.NoError(rt, s.err)
		}
		require.LessOrEqual(rt, float64(crowded(sentAt(all))), fullQuota*share)
	})
}

// At high load, with requests that go out at once and others seconds after their turn, no more than 90 go out in any
// ten seconds, and not many fewer.
func TestNoMoreGoOutThanTheQuota(t *testing.T) {
	t.Parallel()
	var askers []asker
	for i := range 400 {
		askers = append(askers, asker{slow: time.Duration(i*7919%6000) * time.Millisecond / time.Duration(1+i/50%2*100)})
	}
	all := simulate(t, 1, askers)
	require.LessOrEqual(t, crowded(sentAt(all)), int(fullQuota))
	require.Less(t, all[len(all)-1].out, 80*time.Second, "400 requests at 9 a second, and some to spare")
}

// The smallest share that is allowed still gives turns.
func TestTheLeastShare(t *testing.T) {
	t.Parallel()
	all := simulate(t, resource.MinQuotaShare, make([]asker, 4))
	require.Len(t, all, 4)
	require.Equal(t, 1, crowded(sentAt(all)))
}

// What many wait for goes first, then who has begun, then the oldest run, then who asked first; last what nobody waits for.
func TestLimiterOrder(t *testing.T) {
	t.Parallel()
	now := time.Now()
	young, old := now.Add(-time.Minute), now.Add(-5*time.Hour)
	type ask struct {
		name  string
		began time.Time
		key   string // of the activity, for those that ask more than once
		list  bool   // many wait for it
		crawl bool   // nobody waits for it
	}
	for name, tt := range map[string]struct {
		before []ask // had their turns when all others were taken
		asks   []ask
		order  string
	}{
		"who asked first": {
			asks:  []ask{{name: "a", began: old}, {name: "b", began: old}, {name: "c", began: old}},
			order: "a b c",
		},
		"the oldest run": {
			asks:  []ask{{name: "young", began: young}, {name: "old", began: old}, {name: "unknown"}, {name: "young too", began: young}},
			order: "unknown old young young too",
		},
		"a shared list": {
			asks:  []ask{{name: "old", began: old}, {name: "list", list: true, began: young}, {name: "unknown"}},
			order: "list unknown old",
		},
		"who has begun goes on": {
			before: []ask{{key: "k", began: young}},
			asks:   []ask{{name: "old", began: old}, {name: "young", key: "k"}},
			order:  "young old",
		},
		"a shared list before who has begun": {
			before: []ask{{key: "k", began: young}},
			asks:   []ask{{name: "young", key: "k"}, {name: "list", list: true}},
			order:  "list young",
		},
		"of those who have begun the oldest": {
			before: []ask{{key: "k", began: young}, {key: "l", began: old}},
			asks:   []ask{{name: "young", key: "k"}, {name: "old", key: "l"}},
			order:  "old young",
		},
		"who begins takes its others along": {
			asks:  []ask{{name: "old", began: old}, {name: "list", began: young, key: "k", list: true}, {name: "young", key: "k"}},
			order: "list young old",
		},
		"the crawl after everything else": {
			before: []ask{{key: "k", began: old}},
			asks: []ask{
				{name: "crawl", crawl: true},
				{name: "crawl of who has begun", key: "k", crawl: true},
				{name: "young", began: young},
				{name: "list", list: true, began: young},
			},
			order: "list young crawl of who has begun crawl",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLimiter(1, zap.NewNop())
				callers := map[string]context.Context{}
				under := func(a ask) context.Context {
					ctx, known := callers[a.key]
					if !known || a.key == "" {
						ctx = From(t.Context(), Caller{Began: a.began, Key: a.key})
						callers[a.key] = ctx
					}
					if a.list {
						return WithPriority(ctx, PriorityWatch)
					}
					if a.crawl {
						return WithPriority(ctx, PriorityCrawl)
					}
					return ctx
				}
				for _, a := range tt.before {
					turn, err := l.acquire(under(a), 0)
					require.NoError(t, err)
					turn.end(false)
				}
				release := hog(t, l)
				var order []string
				var mu sync.Mutex
				var wg sync.WaitGroup
				for _, a := range tt.asks {
					wg.Go(func() {
						_, err := l.acquire(under(a), 0)
						mu.Lock()
						defer mu.Unlock()
						order = append(order, a.name)
						if err != nil {
							t.Error(err)
						}
					})
					synctest.Wait() // they come in order
				}
				release()
				wg.Wait()
				require.Equal(t, tt.order, strings.Join(order, " "))
			})
		})
	}
}

// hog takes all turns of a limiter, and returns what lets their requests go out.
func hog(t testing.TB, l *limiter) (release func()) {
	t.Helper()
	var turns []*turn
	for range int(fullQuota) {
		next, err := l.acquire(t.Context(), 0)
		require.NoError(t, err)
		turns = append(turns, next)
	}
	return func() {
		for _, next := range turns {
			next.end(false)
		}
	}
}

// Who gives up makes room for the next.
func TestLimiterCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1, zap.NewNop())
		release := hog(t, l)
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp, got := make(chan error, 1), make(chan error, 1)
		acquire := func(ctx context.Context, to chan error) { _, err := l.acquire(ctx, 0); to <- err }
		go acquire(ctx, gaveUp)
		synctest.Wait()
		go acquire(t.Context(), got)
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-gaveUp, context.Canceled)
		release()
		require.NoError(t, <-got)
		_, err := l.acquire(ctx, 0)
		require.ErrorIs(t, err, context.Canceled, "even with room")
		require.Empty(t, l.queue)
	})
}

// Who waits for a turn says so every few seconds, however long that is, and is not sent away.
func TestWhileQueued(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1, zap.NewNop())
		time.AfterFunc(42*time.Minute, hog(t, l))
		start, beats := time.Now(), 0
		_, err := l.acquire(WhileQueued(t.Context(), func() { beats++ }), 0)
		require.NoError(t, err)
		waited := time.Since(start)
		require.GreaterOrEqual(t, waited, 41*time.Minute)
		require.Equal(t, int(waited/queuedEvery), beats)
	})
}

// A create that has waited long enough goes back, and finds its place again when it comes within a minute.
func TestAPlaceIsKept(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		pause time.Duration
		key   string
		order string
	}{
		"the next attempt comes at once":   {0, "k", "create other"},
		"it comes within a minute":         {59 * time.Second, "k", "create other"},
		"it does not come within a minute": {61 * time.Second, "k", "other create"},
		"another activity comes":           {0, "l", "other create"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLimiter(1, zap.NewNop())
				release := hog(t, l)
				attempt := func(key string) context.Context { return From(t.Context(), Caller{Key: key}) }
				start := time.Now()
				_, err := l.acquire(attempt("k"), 45*time.Second)
				require.Equal(t, &HeldError{Waited: 45 * time.Second}, err)
				require.Equal(t, 45*time.Second, time.Since(start))
				require.Empty(t, l.queue)

				var mu sync.Mutex
				var order []string
				var wg sync.WaitGroup
				come := func(name string, ctx context.Context) {
					wg.Go(func() {
						_, err := l.acquire(ctx, 0)
						mu.Lock()
						defer mu.Unlock()
						order = append(order, name)
						if err != nil {
							t.Error(err)
						}
					})
					synctest.Wait()
				}
				come("other", attempt("o"))
				time.Sleep(tt.pause)
				come("create", attempt(tt.key))
				require.Equal(t, tt.pause == 61*time.Second || tt.key == "k", len(l.kept) == 0, "a place is taken once")
				release()
				wg.Wait()
				require.Equal(t, tt.order, strings.Join(order, " "))
			})
		})
	}
}
