package mirror_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/mirror"
	"speech-retrainer/internal/speech"
)

const lag = 30 * time.Second

// TestAListingIsHeldAgainstAModel plays two workers and a person on one resource, and holds every look against what was:
// it is never older than it says, own writes are in it, and what is deleted or marked by others is seen once a crawl that
// began later is through.
func TestAListingIsHeldAgainstAModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		pageSize := rapid.IntRange(2, 4).Draw(r, "page size")
		lags := rapid.SliceOfN(rapid.IntRange(0, int(lag/time.Second)-1), 1, 8).Draw(r, "lags")
		script := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) step {
			return step{
				do:     rapid.SampledFrom(slices.Sorted(maps.Keys(steps))).Draw(r, "do"),
				worker: rapid.IntRange(0, 1).Draw(r, "worker"),
				object: rapid.IntRange(0, 9).Draw(r, "object"),
				number: rapid.IntRange(0, 900).Draw(r, "number"),
			}
		}), 1, 80).Draw(r, "script")
		var fault string
		// Within the bubble time is the script's.
		synctest.Test(t, func(t *testing.T) { fault = play(t, pageSize, lags, script) })
		if fault != "" {
			r.Fatal(fault)
		}
	})
}

// step is one thing that happens.
type step struct {
	do                     string
	worker, object, number int
}

// worker is one of the two, with what it has written and had answered.
type worker struct {
	*mirror.Mirror
	wrote map[string]time.Time
}

// stage is where a script is played.
type stage struct {
	*fake
	lost int
}

// steps are what may happen; each says what is wrong.
var steps = map[string]func(context.Context, *stage, *worker, string, int) string{
	"create": func(_ context.Context, f *stage, _ *worker, _ string, n int) string {
		f.create(fmt.Sprintf("m%d", n))
		return ""
	},
	"end": func(_ context.Context, f *stage, _ *worker, id string, _ int) string {
		if now := f.at(id, time.Now()); now.exists && now.status == speech.StatusRunning {
			f.end(id)
		}
		return ""
	},
	"mark by hand": func(_ context.Context, f *stage, _ *worker, id string, n int) string {
		if f.at(id, time.Now()).exists {
			f.mark(id, "hand", strconv.Itoa(n))
		}
		return ""
	},
	"delete by hand": func(_ context.Context, f *stage, _ *worker, id string, _ int) string {
		if f.at(id, time.Now()).exists {
			f.remove(id)
		}
		return ""
	},
	"lose answers": func(_ context.Context, f *stage, _ *worker, _ string, n int) string {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.lost = n % 4
		return ""
	},
	"own mark": func(ctx context.Context, f *stage, w *worker, id string, n int) string {
		m, _, err := w.GetModel(ctx, id)
		if err != nil {
			return ""
		}
		m.CustomProperties["own"] = strconv.Itoa(n)
		if _, _, err := w.UpdateModel(ctx, id, speech.ModelUpdate{CustomProperties: m.CustomProperties}); err == nil {
			w.wrote[id] = time.Now()
		}
		return ""
	},
	"own delete": func(ctx context.Context, f *stage, w *worker, id string, _ int) string {
		if _, err := w.DeleteModel(ctx, id); err == nil {
			w.wrote[id] = time.Now()
		}
		return ""
	},
	"time passes": func(_ context.Context, _ *stage, _ *worker, _ string, n int) string {
		time.Sleep(time.Duration(n) * time.Second)
		return ""
	},
	"look": func(ctx context.Context, f *stage, w *worker, _ string, n int) string {
		notBefore := time.Now().Add(-time.Duration(n%60) * time.Second)
		v, err := w.View(ctx, notBefore, everything...)
		if err != nil {
			return "" // of a lost answer
		}
		if v.ObservedAt.Before(notBefore.Add(-time.Second)) {
			return fmt.Sprintf("a look of %s, asked for no earlier than %s", v.ObservedAt, notBefore)
		}
		return hold(f.fake, w, v)
	},
}

func play(t *testing.T, pageSize int, lags []int, script []step) (fault string) {
	f := &stage{fake: newFake()}
	f.pageSize = pageSize
	lists := 0
	f.behind = func() time.Duration {
		lists++
		return time.Duration(lags[lists%len(lags)]) * time.Second
	}
	f.takes = 4 * time.Second // long enough for lists to catch up while one is read anew
	f.fail = func(*http.Request) error {
		if f.lost > 0 {
			f.lost--
			return errors.New("the answer was lost")
		}
		return nil
	}
	o := mirror.Options{Lag: lag, Round: 5 * time.Minute, Step: time.Second}
	workers := []*worker{{Mirror: f.mirror(t, o), wrote: map[string]time.Time{}}, {Mirror: f.mirror(t, o), wrote: map[string]time.Time{}}}
	defer func() {
		for _, w := range workers {
			w.Close()
		}
		synctest.Wait()
	}()
	f.create("first")
	for i, s := range script {
		time.Sleep(time.Second) // no two things happen at once
		id := f.born[s.object%len(f.born)]
		if fault := steps[s.do](t.Context(), f, workers[s.worker], id, s.number); fault != "" {
			return fmt.Sprintf("step %d: %s", i, fault)
		}
	}
	return ""
}

// hold holds a view against what was.
func hold(f *fake, w *worker, v *mirror.View) string {
	seen := map[string]speech.CustomModel{}
	for _, m := range v.Models {
		seen[m.ID()] = m
	}
	for _, id := range f.born {
		past := f.past[id]
		m, listed := seen[id]
		// What is dated may be as old as the look and the lag of lists; the rest as the crawl, but for own writes.
		dated := v.ObservedAt.Add(-lag)
		// The crawl's date is that of its first answer: when it was asked for, that much had happened.
		undated := v.CrawledAt.Add(-lag - f.takes)
		if own, ok := w.wrote[id]; ok && own.After(undated) {
			undated = own
		}
		during := func(from time.Time, is func(state) bool) bool {
			if is(f.at(id, from)) {
				return true
			}
			return slices.ContainsFunc(past, func(s state) bool { return s.from.After(from) && is(s) })
		}
		if !listed {
			// A new object may be missing for the lag; one that is there must be there.
			if !during(later(dated, w.wrote[id]), func(s state) bool { return !s.exists }) {
				return fmt.Sprintf("%s is missing", id)
			}
			continue
		}
		if !during(undated, func(s state) bool { return s.exists }) {
			return fmt.Sprintf("%s is shown, but was deleted before the crawl of %s", id, v.CrawledAt)
		}
		if !during(dated, func(s state) bool { return s.status == m.Status || !s.exists }) {
			return fmt.Sprintf("%s is shown as %s, which it has not been since %s", id, m.Status, dated)
		}
		if !during(undated, func(s state) bool { return fmt.Sprint(s.marks) == fmt.Sprint(m.CustomProperties) || !s.exists }) {
			return fmt.Sprintf("%s is shown with %v, which it has not had since %s", id, m.CustomProperties, undated)
		}
	}
	return ""
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// While nobody writes, a look after a crawl shows exactly what is.
func TestAListingComesToRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.pageSize = 3
		l := f.mirror(t, mirror.Options{Lag: lag, Round: 5 * time.Minute, Step: time.Second})
		defer func() { l.Close(); synctest.Wait() }()
		for i := range 20 {
			f.create(fmt.Sprintf("m%d", i))
		}
		time.Sleep(time.Hour)
		_, err := l.View(t.Context(), time.Now(), everything...)
		require.NoError(t, err)
		f.mark(f.born[3], "a", "b")
		f.remove(f.born[7])
		f.end(f.born[9])
		time.Sleep(time.Second)
		v, err := l.View(t.Context(), time.Now(), everything...)
		require.NoError(t, err)
		require.Len(t, v.Models, 20, "a deletion carries no date")
		require.Equal(t, speech.StatusSucceeded, v.Models[9].Status)
		require.Empty(t, v.Models[3].CustomProperties)
		time.Sleep(11 * time.Minute)
		v, err = l.View(t.Context(), time.Now(), everything...)
		require.NoError(t, err)
		require.Len(t, v.Models, 19)
		require.Equal(t, map[string]string{"a": "b"}, v.Models[3].CustomProperties)
	})
}
