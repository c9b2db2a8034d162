package speech_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/speech"
)

// wait is one wait of a test and what came of it.
type wait struct {
	id       string
	snapshot speech.Snapshot
	err      error
	ended    time.Time
	progress []speech.Progress
	longest  time.Duration // between two observations
}

// start waits for each object in a goroutine of its own. Call the result for the outcomes.
func start(ctx context.Context, w *speech.Watcher, ids ...string) func() []*wait {
	var wg sync.WaitGroup
	var all []*wait
	for _, id := range ids {
		one := &wait{id: id}
		all = append(all, one)
		last := time.Now()
		wg.Go(func() {
			one.snapshot, one.err = w.Wait(ctx, speech.KindModel, id, func(p speech.Progress) {
				one.progress = append(one.progress, p)
				one.longest = max(one.longest, time.Since(last))
				last = time.Now()
			})
			one.ended = time.Now()
		})
	}
	return func() []*wait { wg.Wait(); return all }
}

func TestWaitAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		w := speech.NewWatcher(f.client(t), speech.WatcherOptions{})
		begin := time.Now()
		ids := []string{f.add(90*time.Minute, speech.StatusSucceeded), f.add(time.Minute, speech.StatusFailed), f.add(0, speech.StatusSucceeded)}
		waits := start(t.Context(), w, ids...)()

		require.NoError(t, waits[0].err)
		require.Equal(t, speech.StatusSucceeded, waits[0].snapshot.Status)
		require.True(t, waits[0].snapshot.Since.Equal(begin.Add(90*time.Minute)))
		require.LessOrEqual(t, waits[0].ended.Sub(begin), 91*time.Minute)
		require.Nil(t, waits[0].snapshot.Error)
		require.Equal(t, speech.StatusFailed, waits[1].snapshot.Status)
		require.Equal(t, &speech.EntityError{Code: "InvalidData", Message: "no usable data"}, waits[1].snapshot.Error)
		require.Len(t, waits[2].progress, 1, "what has ended is seen at once")
		require.Zero(t, waits[2].ended.Sub(begin))
		last := waits[0].progress[len(waits[0].progress)-1]
		require.Equal(t, len(waits[0].progress), last.Polls)
		require.Equal(t, speech.StatusSucceeded, last.Status)
		require.LessOrEqual(t, waits[0].longest, time.Minute)

		gets, changes, sweeps := f.count()
		require.Zero(t, changes+sweeps, "up to three waits read their own object")
		require.Less(t, gets, 150, "the pace grows to a minute")
	})
}

// The requests follow the completions, not the waits.
func TestWaitCost(t *testing.T) {
	t.Parallel()
	cost := func(waits int) (requests int) {
		synctest.Test(t, func(t *testing.T) {
			f := newFleet()
			f.page = 1000
			w := speech.NewWatcher(f.client(t), speech.WatcherOptions{})
			var ids []string
			for i := range waits {
				// One completion before the end, however many wait.
				lasts := 6 * time.Hour
				if i == waits-1 {
					lasts = 3 * time.Hour
				}
				ids = append(ids, f.add(lasts, speech.StatusSucceeded))
			}
			for _, one := range start(t.Context(), w, ids...)() {
				require.NoError(t, one.err)
				require.LessOrEqual(t, one.longest, 65*time.Second, "a member hears at least each minute")
			}
			gets, changes, sweeps := f.count()
			require.LessOrEqual(t, changes, 6*60*5/4+20)
			require.LessOrEqual(t, sweeps, 6*6+1)
			requests = gets + changes + sweeps
		})
		return requests
	}
	few, many := cost(10), cost(90) // as many as a page holds
	// It matters a little whether the one that ends early is among those that read their own object.
	require.Less(t, many, few*5/4, "%d requests for 10 waits, %d for 90", few, many)
}

func TestWaitTogether(t *testing.T) {
	t.Parallel()
	for name, setting := range map[string]func(*fleet){
		"plain":            func(*fleet) {},
		"small pages":      func(f *fleet) { f.page = 1 },
		"lists lag":        func(f *fleet) { f.lag = 30 * time.Second },
		"clocks differ":    func(f *fleet) { f.skew = 90 * time.Second },
		"the wait is told": func(f *fleet) { f.headers.Set("Retry-After", "5") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet()
				setting(f)
				w := speech.NewWatcher(f.client(t), speech.WatcherOptions{})
				begin := time.Now()
				long := f.add(0, speech.StatusSucceeded)
				time.Sleep(time.Hour) // ended long before anyone waits
				var ids []string
				ends := map[string]time.Time{}
				for i := range 40 {
					lasts := time.Duration(i) * 20 * time.Second
					end := speech.StatusSucceeded
					if i%5 == 0 {
						end = speech.StatusFailed
					}
					id := f.add(lasts, end)
					ids, ends[id] = append(ids, id), time.Now().Add(lasts)
				}
				ids, ends[long] = append(ids, long, long), begin.Add(time.Hour)
				for _, one := range start(t.Context(), w, ids...)() {
					require.NoError(t, one.err)
					require.True(t, one.snapshot.Status.Terminal())
					require.Equal(t, one.snapshot.Status == speech.StatusFailed, one.snapshot.Error != nil)
					require.LessOrEqual(t, one.ended.Sub(ends[one.id]), 2*time.Minute, one.id)
					require.False(t, one.ended.Before(ends[one.id]))
					for i, p := range one.progress {
						require.GreaterOrEqual(t, p.Polls, i+1)
					}
				}
				_, changes, sweeps := f.count()
				require.Positive(t, changes)
				require.Positive(t, sweeps)
			})
		})
	}
}

// Who joins later is looked after soon, and the group goes on for the others.
func TestWaitJoinLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		w := speech.NewWatcher(f.client(t), speech.WatcherOptions{})
		var ids []string
		old := f.add(time.Minute, speech.StatusSucceeded)
		f.add(30*time.Minute, speech.StatusSucceeded) // nobody waits for it, but the list of changes has moved on
		for range 6 {
			ids = append(ids, f.add(3*time.Hour, speech.StatusSucceeded))
		}
		first := start(t.Context(), w, ids...)
		time.Sleep(time.Hour + 17*time.Second)
		begin := time.Now()
		second := start(t.Context(), w, f.add(20*time.Second, speech.StatusFailed), f.add(0, speech.StatusSucceeded), old)()
		require.LessOrEqual(t, second[0].ended.Sub(begin), 35*time.Second)
		require.LessOrEqual(t, second[1].ended.Sub(begin), 2*time.Second)
		require.LessOrEqual(t, second[2].ended.Sub(begin), 2*time.Second, "it ended before the changes that are listed")
		for _, one := range first() {
			require.NoError(t, one.err)
		}
	})
}

func TestWaitDeleted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		w := speech.NewWatcher(f.client(t), speech.WatcherOptions{})
		var ids []string
		for range 30 {
			ids = append(ids, f.add(5*time.Hour, speech.StatusSucceeded))
		}
		gone := time.Now().Add(time.Hour)
		for _, id := range ids[2:25] { // one that is read by itself, and more in the group than are questioned at once
			f.jobs[id].deleted = gone
		}
		ids = append(ids, "ABCDEF00-0000-4000-8000-999999999999")
		begin := time.Now()
		waits := start(t.Context(), w, ids...)()
		for i, one := range waits {
			switch {
			case i >= 2 && i < 25:
				require.True(t, serviceError(t, one.err).NotFound())
				require.LessOrEqual(t, one.ended.Sub(gone), 11*time.Minute+30*time.Second)
			case i == 30:
				require.True(t, serviceError(t, one.err).NotFound())
				require.LessOrEqual(t, one.ended.Sub(begin), 2*time.Second, "what never was is said at once")
			default:
				require.NoError(t, one.err, i)
			}
		}
	})
}

// Many deletions at once are found one by one; those that are well hear of it all the same.
func TestWaitManyDeleted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		f.page = 1000
		w := speech.NewWatcher(f.client(t), speech.WatcherOptions{})
		var ids []string
		for i := range 320 {
			ids = append(ids, f.add(time.Hour, speech.StatusSucceeded))
			if i >= 20 {
				f.jobs[ids[i]].deleted = time.Now().Add(5 * time.Minute)
			}
		}
		for i, one := range start(t.Context(), w, ids...)() {
			if i >= 20 {
				require.True(t, serviceError(t, one.err).NotFound())
				continue
			}
			require.NoError(t, one.err)
			require.LessOrEqual(t, one.longest, 75*time.Second)
		}
	})
}

// A status that nobody knows is neither an end nor a deletion.
func TestWaitUnknownStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		w := speech.NewWatcher(f.client(t), speech.WatcherOptions{})
		var ids []string
		for range 8 {
			id := f.add(2*time.Hour, speech.StatusSucceeded)
			f.jobs[id].odd = true
			ids = append(ids, id)
		}
		for _, one := range start(t.Context(), w, ids...)() {
			require.NoError(t, one.err)
			require.Equal(t, speech.Status("Paused"), one.progress[0].Status)
			require.Equal(t, speech.StatusSucceeded, one.snapshot.Status)
		}
	})
}

// A failed request ends all waits that it was made for; waiting again goes on.
func TestWaitFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		w := speech.NewWatcher(f.client(t), speech.WatcherOptions{})
		var ids []string
		for range 12 {
			ids = append(ids, f.add(time.Hour, speech.StatusSucceeded))
		}
		done := start(t.Context(), w, ids...)
		time.Sleep(30 * time.Minute)
		f.mu.Lock()
		f.fail = func(*http.Request) *http.Response { return f.answer(503, map[string]any{"code": "ServiceUnavailable"}) }
		f.mu.Unlock()
		for _, one := range done() {
			require.True(t, serviceError(t, one.err).Transient())
		}
		f.mu.Lock()
		f.fail = nil
		f.mu.Unlock()
		for _, one := range start(t.Context(), w, ids...)() {
			require.NoError(t, one.err)
		}
	})
}

// Waits that are given up leave nothing behind: synctest fails on a goroutine that is left.
func TestWaitCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet()
		w := speech.NewWatcher(f.client(t), speech.WatcherOptions{})
		var ids []string
		for range 10 {
			ids = append(ids, f.add(time.Hour, speech.StatusSucceeded))
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := start(ctx, w, ids...)
		time.Sleep(10 * time.Minute)
		begin := time.Now()
		cancel()
		for _, one := range done() {
			require.ErrorIs(t, one.err, context.Canceled)
			require.Equal(t, begin, one.ended, "at once")
		}
		synctest.Wait()
		before, changes, sweeps := f.count()
		time.Sleep(time.Hour)
		gets, c, s := f.count()
		require.Equal(t, []int{before, changes, sweeps}, []int{gets, c, s}, "nobody asks for nobody")
	})
}

func TestWaitOtherKinds(t *testing.T) {
	t.Parallel()
	w := speech.NewWatcher(newFleet().client(t), speech.WatcherOptions{})
	_, err := w.Wait(t.Context(), speech.KindProject, id1, nil)
	require.ErrorContains(t, err, "a project has no status to wait for")
}
