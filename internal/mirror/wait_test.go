package mirror_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/mirror"
	"speech-retrainer/internal/speech"
)

// bubble plays a test in a time of its own.
func bubble(t *testing.T, o mirror.Options, test func(t *testing.T, f *fake, l *mirror.Mirror)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		l := f.mirror(t, o)
		defer func() { l.Close(); synctest.Wait() }()
		test(t, f, l)
	})
}

func quiet(mirror.Progress) {}

// A lone wait asks less and less often, also when the service says that it may be asked each second.
func TestALoneWaitAsksLessAndLess(t *testing.T) {
	bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		f.header = http.Header{"Retry-After": {"1"}}
		id := f.create("m")
		done := make(chan error)
		polls := 0
		go func() {
			m, _, err := l.WaitModel(t.Context(), id, func(mirror.Progress) { polls++ })
			if err == nil && m.Status != speech.StatusSucceeded {
				err = errors.New("not ended")
			}
			done <- err
		}()
		time.Sleep(time.Minute)
		synctest.Wait()
		first := f.count("")
		require.LessOrEqual(t, first, 35, "in the first minute it is prompt")
		time.Sleep(time.Minute)
		synctest.Wait()
		require.LessOrEqual(t, f.count("")-first, 6)
		before := f.count("")
		time.Sleep(time.Hour)
		synctest.Wait()
		require.LessOrEqual(t, f.count("")-before, 80, "each minute, and some looks for it, which no crawl shows here")
		require.Greater(t, polls, 60, "each look is progress")
		f.end(id)
		require.NoError(t, <-done)
		require.Zero(t, f.count("GET models/"), "the object comes out of the list")
	})
}

// What ends within the second in which it was made has one date for both; the next list shows its end all the same.
func TestAWaitForWhatTakesNoTime(t *testing.T) {
	bubble(t, mirror.Options{Round: -1, Lag: 30 * time.Second}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		before := f.create("before")
		f.end(before)
		_, _, err := l.WaitModel(t.Context(), before, quiet)
		require.NoError(t, err)
		id := f.create("m")
		_, _, err = l.GetModel(t.Context(), id)
		require.NoError(t, err)
		f.end(id)
		began := time.Now()
		m, _, err := l.WaitModel(t.Context(), id, quiet)
		require.NoError(t, err)
		require.Equal(t, speech.StatusSucceeded, m.Status)
		require.Less(t, time.Since(began), 5*time.Second)
	})
}

// Many waits share one list of what changed; nobody lists everything in flight when one more comes.
func TestManyWaitsShareALook(t *testing.T) {
	bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		const many = 1000
		for i := range many {
			f.create(fmt.Sprintf("m%d", i))
		}
		time.Sleep(time.Hour)
		var waits sync.WaitGroup
		var worst time.Duration
		var mu sync.Mutex
		for i := range many {
			waits.Go(func() {
				time.Sleep(time.Duration(i) * 100 * time.Millisecond)
				m, _, err := l.WaitModel(t.Context(), f.born[i], quiet)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				worst = max(worst, time.Since(m.LastActionDateTime))
			})
		}
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		before, changes := f.count(""), f.count("GET models?lastAction")
		time.Sleep(time.Minute)
		synctest.Wait()
		require.LessOrEqual(t, f.count("GET models?lastAction")-changes, 8, "a quiet minute")
		require.LessOrEqual(t, f.count("")-before, 16, "and at most one for those that no list shows, each time")
		for _, id := range f.born {
			f.end(id)
			time.Sleep(50 * time.Millisecond)
		}
		waits.Wait()
		require.LessOrEqual(t, worst, 15*time.Second)
		require.Zero(t, f.count("GET models/"))
		require.LessOrEqual(t, f.count(""), 190)
	})
}

// A thousand that were just made are ten pages of what changed, for as long as lists of changes reach back: a look at them leaves
// room for everybody else.
func TestManyWaitsForWhatWasJustMade(t *testing.T) {
	bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		const many = 1000
		for i := range many {
			f.create(fmt.Sprintf("m%d", i))
		}
		var waits sync.WaitGroup
		for _, id := range f.born {
			waits.Go(func() { _, _, _ = l.WaitModel(t.Context(), id, quiet) })
		}
		time.Sleep(20 * time.Second)
		first := f.count("")
		for range 3 {
			before := f.count("")
			time.Sleep(10 * time.Second)
			synctest.Wait()
			require.LessOrEqual(t, f.count("")-before, 20)
		}
		require.Greater(t, f.count(""), first, "it looks all the same")
		for _, id := range f.born {
			f.end(id)
		}
		waits.Wait()
	})
}

// Retry-After is the least time until the next look, and no reason to look more often than otherwise.
func TestRetryAfterIsALeastWait(t *testing.T) {
	bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		f.header = http.Header{"Retry-After": {"30"}}
		id := f.create("m")
		go func() { _, _, _ = l.WaitModel(t.Context(), id, quiet) }()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		require.LessOrEqual(t, f.count(""), 20)
		require.GreaterOrEqual(t, f.count(""), 9)
	})
}

// What nobody has listed is asked for by its ID; that it is gone is an error.
func TestAWaitForWhatIsGone(t *testing.T) {
	bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		id := f.create("m")
		f.remove(id)
		_, _, err := l.WaitModel(t.Context(), id, quiet)
		require.True(t, speech.IsNotFound(err), "%v", err)
	})
}

// A wait that has begun learns of a deletion by the crawl.
func TestAWaitLearnsOfADeletion(t *testing.T) {
	bubble(t, mirror.Options{}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		id := f.create("m")
		done := make(chan error)
		go func() {
			_, _, err := l.WaitModel(t.Context(), id, quiet)
			done <- err
		}()
		time.Sleep(2 * time.Hour)
		began := time.Now()
		f.remove(id)
		require.True(t, speech.IsNotFound(<-done))
		require.Less(t, time.Since(began), 35*time.Minute)
	})
}

// What comes into the lists too late for lists of changes, and what somebody has deleted, is looked for by name: no wait
// needs the crawl for that. It is a request in two minutes for forty waits, at most.
func TestAWaitLooksForWhatNoListShows(t *testing.T) {
	const late = 5 * time.Minute
	for _, waits := range []int{1, 100} {
		t.Run(fmt.Sprintf("%d waits", waits), func(t *testing.T) {
			bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				ended := make(chan error, waits+1)
				for i := range waits + 1 {
					id := f.create(fmt.Sprintf("m%d", i))
					go func() {
						_, _, err := l.WaitModel(ctx, id, quiet)
						ended <- err
					}()
				}
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				require.LessOrEqual(t, f.count("GET models?displayName eq"), 5*((waits+1+39)/40))
				began := time.Now()
				f.remove(f.born[waits])
				require.True(t, speech.IsNotFound(<-ended))
				require.Less(t, time.Since(began), 4*time.Minute)

				began = time.Now()
				f.mu.Lock()
				f.behind = func() time.Duration { return late }
				f.mu.Unlock()
				for _, id := range f.born[:waits] {
					f.end(id)
				}
				for range waits {
					require.NoError(t, <-ended)
				}
				require.Greater(t, time.Since(began), late)
				require.Less(t, time.Since(began), late+4*time.Minute)
			})
		})
	}
}

// A failed look ends the waits, and waiting again goes on.
func TestAFailedLookEndsTheWaits(t *testing.T) {
	bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		id := f.create("m")
		f.fail = func(*http.Request) error { return errors.New("cut") }
		_, _, err := l.WaitModel(t.Context(), id, quiet)
		require.ErrorContains(t, err, "cut")
		f.mu.Lock()
		f.fail = func(*http.Request) error { return nil }
		f.mu.Unlock()
		f.end(id)
		_, _, err = l.WaitModel(t.Context(), id, quiet)
		require.NoError(t, err)
	})
}

// Who waits hears that the look that it shares goes on, however long that takes.
func TestThoseWhoWaitHearThatTheirLookGoesOn(t *testing.T) {
	bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		f.pageSize, f.takes = 10, 10*time.Second
		for i := range 300 {
			f.create(fmt.Sprintf("m%d", i))
		}
		id := f.create("last")
		f.end(id)
		began := time.Now()
		var waits sync.WaitGroup
		for range 2 {
			waits.Go(func() {
				last, longest := time.Now(), time.Duration(0)
				alive := func() { longest, last = max(longest, time.Since(last)), time.Now() }
				if _, _, err := l.WaitModel(speech.WhileQueued(t.Context(), alive), id, quiet); err != nil {
					t.Error(err)
				}
				alive()
				if longest > 15*time.Second {
					t.Errorf("nothing was heard for %s", longest)
				}
			})
		}
		waits.Wait()
		require.Greater(t, time.Since(began), 5*time.Minute)
	})
}

// However many pages have changed, a wait looks again before those who watch it take it for dead.
func TestManyPagesDoNotSilenceAWait(t *testing.T) {
	bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		f.pageSize = 1
		for i := range 400 {
			f.create(fmt.Sprintf("m%d", i))
		}
		id := f.create("last")
		_, err := l.View(t.Context(), time.Now(), speech.KindModel)
		require.NoError(t, err)
		time.Sleep(10 * time.Second)
		last, longest := time.Now(), time.Duration(0)
		var mu sync.Mutex
		heard := func() {
			mu.Lock()
			defer mu.Unlock()
			longest, last = max(longest, time.Since(last)), time.Now()
		}
		done := make(chan error)
		go func() {
			_, _, err := l.WaitModel(speech.WhileQueued(t.Context(), heard), id, func(mirror.Progress) { heard() })
			done <- err
		}()
		for range 20 {
			time.Sleep(time.Minute)
			for _, busy := range f.born[:400] {
				f.change(busy, func(s *state) { s.since = time.Now() })
			}
		}
		f.end(id)
		require.NoError(t, <-done)
		require.LessOrEqual(t, longest, 2*time.Minute+30*time.Second)
	})
}
