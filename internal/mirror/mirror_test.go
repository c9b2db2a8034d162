package mirror_test

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/mirror"
	"speech-retrainer/internal/speech"
)

// A thousand scripts take a second: time in them is their own.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "2000"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}

// Those who look within a minute share a look, whatever their number.
func TestAThousandLooks(t *testing.T) {
	bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		for i := range 250 {
			f.create(fmt.Sprintf("m%d", i))
		}
		time.Sleep(time.Hour)
		var looks sync.WaitGroup
		for range 1000 {
			looks.Go(func() {
				v, err := l.View(t.Context(), time.Now().Add(-time.Minute), everything...)
				if err != nil || len(v.Models) != 250 {
					t.Error(err)
				}
			})
		}
		looks.Wait()
		require.Equal(t, 3, f.count("GET models?"), "250 in pages of 100")
		require.Equal(t, 6, f.count(""), "and endpoints, evaluations, datasets")
		time.Sleep(time.Hour)
		_, err := l.View(t.Context(), time.Now(), everything...)
		require.NoError(t, err)
		require.Equal(t, 10, f.count(""), "then only what changed")
	})
}

// A first listing goes on where it failed, for whoever comes next.
func TestAFirstListingGoesOn(t *testing.T) {
	bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		f.pageSize = 10
		for i := range 200 {
			f.create(fmt.Sprintf("m%d", i))
		}
		n := 0
		f.fail = func(*http.Request) error {
			if n++; n%7 == 0 {
				return errors.New("cut")
			}
			return nil
		}
		tries := 0
		for {
			tries++
			v, err := l.View(t.Context(), time.Now(), everything...)
			if err == nil {
				require.Len(t, v.Models, 200)
				break
			}
		}
		require.LessOrEqual(t, f.count(""), 22+tries+4, "no page was read twice")
	})
}

// Questions for names that come at the same time are one request; each gets its own answer.
func TestNamesAreAskedForTogether(t *testing.T) {
	bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		for i := range 100 {
			f.create(fmt.Sprintf("m%d", i))
		}
		var asks sync.WaitGroup
		for i := range 100 {
			asks.Go(func() {
				name := fmt.Sprintf("m%d", i)
				found, _, err := l.Models(t.Context(), name, "nobody")
				if err != nil || len(found) != 1 || found[0].DisplayName != name {
					t.Errorf("%s: %v %v", name, found, err)
				}
			})
		}
		asks.Wait()
		require.LessOrEqual(t, f.count(""), 4)
		_, _, err := l.Models(t.Context())
		require.NoError(t, err)
		require.LessOrEqual(t, f.count(""), 4, "no name is no question")
	})
}

// After a time in which nobody looked, what carries no date may have changed: everything is read again.
func TestAListingThatNobodyUsed(t *testing.T) {
	bubble(t, mirror.Options{}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		id := f.create("m")
		time.Sleep(time.Hour) // beyond what a list of changes reaches back
		_, err := l.View(t.Context(), time.Now(), everything...)
		require.NoError(t, err)
		time.Sleep(12 * time.Hour)
		asked := f.count("")
		f.mark(id, "a", "b")
		time.Sleep(12 * time.Hour)
		require.Equal(t, asked, f.count(""), "the crawl has ended")
		v, err := l.View(t.Context(), time.Now(), everything...)
		require.NoError(t, err)
		require.Equal(t, "b", v.Models[0].CustomProperties["a"])
	})
}

// A service without a clock, and one whose clock is set back, hide nothing.
func TestClocks(t *testing.T) {
	t.Parallel()
	t.Run("none", func(t *testing.T) {
		bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
			f.noDate = true
			f.create("old")
			_, err := l.View(t.Context(), time.Now(), everything...)
			require.NoError(t, err)
			time.Sleep(time.Hour)
			f.create("new")
			time.Sleep(time.Hour)
			v, err := l.View(t.Context(), time.Now(), everything...)
			require.NoError(t, err)
			require.Len(t, v.Models, 2)
			require.True(t, v.LocalClock)
		})
	})
	t.Run("set back", func(t *testing.T) {
		bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
			f.header = http.Header{"Date": {time.Now().Add(24 * time.Hour).UTC().Format(http.TimeFormat)}}
			f.create("old")
			_, err := l.View(t.Context(), time.Now(), everything...)
			require.NoError(t, err)
			f.header = nil
			f.create("new")
			for range 2 {
				time.Sleep(time.Minute)
				v, err := l.View(t.Context(), time.Now(), everything...)
				require.NoError(t, err)
				require.Len(t, v.Models, 2)
			}
		})
	})
}

// What the crawl costs and how long a round takes at as many pages as 10,000 objects have.
func TestTheCrawlIsSlow(t *testing.T) {
	bubble(t, mirror.Options{}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		f.pageSize = 10
		for i := range 1000 {
			f.create(fmt.Sprintf("m%d", i))
		}
		_, err := l.View(t.Context(), time.Now(), everything...)
		require.NoError(t, err)
		time.Sleep(time.Minute)
		before, first := f.count(""), time.Now()
		for range 20 {
			time.Sleep(time.Minute)
		}
		perWindow := float64(f.count("")-before) / (20 * 6)
		require.LessOrEqual(t, perWindow, 9.0, "requests in 10 s: a tenth of the quota")
		v, err := l.View(t.Context(), time.Now(), everything...)
		require.NoError(t, err)
		require.Less(t, time.Since(v.CrawledAt), 31*time.Minute)
		require.True(t, v.CrawledAt.After(first.Add(-2*time.Minute)), "a round was made within 15 minutes")
		synctest.Wait()
	})
}

// A view says when a round of the crawl takes longer than it should; what the requests of a round take makes it no longer.
func TestTheCrawlSaysThatItIsLate(t *testing.T) {
	for name, tc := range map[string]struct {
		pageSize int
		takes    time.Duration
		// late is what a view says after minutes.
		late map[int]bool
	}{
		"in time, of a slow service": {pageSize: 10, takes: 2 * time.Second, late: map[int]bool{1: false, 16: false, 40: false}},
		"more than it can":           {pageSize: 1, late: map[int]bool{1: false, 16: true, 40: true}},
		"longer than ever":           {pageSize: 10, takes: 20 * time.Second, late: map[int]bool{36: true, 60: true, 80: true}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, mirror.Options{}, func(t *testing.T, f *fake, l *mirror.Mirror) {
				f.pageSize = tc.pageSize
				for i := range 1000 {
					f.create(fmt.Sprintf("m%d", i))
				}
				_, err := l.View(t.Context(), time.Now(), everything...)
				require.NoError(t, err)
				f.takes = tc.takes
				for minute := range 80 {
					v, err := l.View(t.Context(), time.Time{}, everything...)
					require.NoError(t, err)
					if late, say := tc.late[minute]; say {
						require.Equal(t, late, v.CrawlSlow, "after %d minutes", minute)
					}
					time.Sleep(time.Minute)
				}
				synctest.Wait()
			})
		})
	}
}

// What is looked for by name is what it is now: neither what a list that lags behind shows of what this process has just
// written or deleted, nor what this process has seen a moment before somebody else changed it.
func TestNamesShowWhatIs(t *testing.T) {
	bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		look := func() []speech.CustomModel {
			t.Helper()
			found, _, err := l.Models(t.Context(), "m")
			require.NoError(t, err)
			return found
		}
		id := f.create("m")
		time.Sleep(time.Hour)
		require.Len(t, look(), 1)

		f.behind = func() time.Duration { return 20 * time.Second }
		_, _, err := l.UpdateModel(t.Context(), id, speech.ModelUpdate{CustomProperties: map[string]string{"a": "own"}})
		require.NoError(t, err)
		time.Sleep(5 * time.Second)
		require.Equal(t, map[string]string{"a": "own"}, look()[0].CustomProperties, "the list shows what was before")

		f.behind = func() time.Duration { return 0 }
		f.mark(id, "a", "by hand")
		require.Equal(t, map[string]string{"a": "by hand"}, look()[0].CustomProperties, "the list shows what is")
		asked := f.count("")
		require.Len(t, look(), 1)
		require.Equal(t, asked+1, f.count(""), "when both say the same, that is so")

		f.behind = func() time.Duration { return 20 * time.Second }
		_, err = l.DeleteModel(t.Context(), id)
		require.NoError(t, err)
		require.Empty(t, look())
	})
}

// A list that is read whole is no older than it says of what this process has seen a moment before: where the two differ,
// the object itself is read.
func TestAWholeListShowsWhatIs(t *testing.T) {
	bubble(t, mirror.Options{Round: -1, Undated: time.Nanosecond}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		look := func() map[string]string {
			t.Helper()
			time.Sleep(time.Second)
			v, err := l.View(t.Context(), time.Now(), everything...)
			require.NoError(t, err)
			return v.Models[0].CustomProperties
		}
		id := f.create("m")
		time.Sleep(time.Hour)
		require.Empty(t, look())
		f.behind = func() time.Duration { return 20 * time.Second }
		_, _, err := l.UpdateModel(t.Context(), id, speech.ModelUpdate{CustomProperties: map[string]string{"a": "own"}})
		require.NoError(t, err)
		require.Equal(t, "own", look()["a"], "the list shows what was before")
		f.behind = func() time.Duration { return 0 }
		f.mark(id, "a", "by hand")
		require.Equal(t, "by hand", look()["a"], "the list shows what is")
	})
}

// What is known is told without a request, also when nobody has looked for so long that the next look reads everything.
func TestKnownAsksNobody(t *testing.T) {
	bubble(t, mirror.Options{Round: 15 * time.Minute}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		f.create("m")
		v, _ := l.Known(speech.KindModel, speech.KindEndpoint)
		require.Nil(t, v)
		looked := time.Now()
		_, err := l.View(t.Context(), looked, speech.KindModel)
		require.NoError(t, err)
		v, _ = l.Known(speech.KindModel, speech.KindEndpoint)
		require.Nil(t, v, "one of them was never looked at")
		time.Sleep(24 * time.Hour)
		asked := f.count("")
		v, at := l.Known(speech.KindModel)
		require.Len(t, v.Models, 1)
		require.Equal(t, looked, at)
		require.Equal(t, asked, f.count(""))
	})
}

// What is known by a name is told also when a list does not show it yet, or still not: that it is there was seen.
func TestNamesShowWhatNoListShowsYet(t *testing.T) {
	bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		f.behind = func() time.Duration { return 10 * time.Minute }
		id := f.create("m")
		_, _, err := l.GetModel(t.Context(), id)
		require.NoError(t, err)
		for i := range 3 {
			time.Sleep(20 * time.Second)
			f.mark(id, "look", fmt.Sprint(i))
			found, _, err := l.Models(t.Context(), "m")
			require.NoError(t, err)
			require.Len(t, found, 1)
			require.Equal(t, fmt.Sprint(i), found[0].CustomProperties["look"], "as it is now")
		}
		f.remove(id)
		time.Sleep(time.Minute)
		found, _, err := l.Models(t.Context(), "m")
		require.NoError(t, err)
		require.Empty(t, found)
	})
}

// What was just made, and neither a list nor a read shows yet, is there: to look for it by name does not make it gone.
func TestOneNotFoundOfWhatWasJustMade(t *testing.T) {
	bubble(t, mirror.Options{Round: -1}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		id := f.create("m")
		_, _, err := l.GetModel(t.Context(), id)
		require.NoError(t, err)
		f.remove(id)
		time.Sleep(10 * time.Second)
		found, _, err := l.Models(t.Context(), "m")
		require.NoError(t, err)
		require.Len(t, found, 1)
		time.Sleep(time.Minute)
		found, _, err = l.Models(t.Context(), "m")
		require.NoError(t, err)
		require.Empty(t, found)
	})
}
