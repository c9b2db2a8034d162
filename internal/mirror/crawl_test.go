package mirror_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/mirror"
	"speech-retrainer/internal/speech"
)

// A crawl that ended in the midst of a round, as nobody looked, begins a new one: a view is never as old as the round that was left.
func TestARoundThatWasLeftIsNotTakenUp(t *testing.T) {
	bubble(t, mirror.Options{}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		f.pageSize = 10
		for i := range 100 {
			f.create(fmt.Sprintf("m%d", i))
		}
		for range 8 {
			_, err := l.View(t.Context(), time.Now(), everything...)
			require.NoError(t, err)
			time.Sleep(time.Minute)
		}
		time.Sleep(30 * 24 * time.Hour)
		for range 90 {
			v, err := l.View(t.Context(), time.Now().Add(-time.Minute), everything...)
			require.NoError(t, err)
			require.Less(t, time.Since(v.CrawledAt), 31*time.Minute)
			time.Sleep(time.Minute)
		}
	})
}

// A first reading that failed and that nobody went on with is not gone on with a month later: its pages are as old.
func TestAFirstReadingThatWasLeftBeginsAnew(t *testing.T) {
	bubble(t, mirror.Options{}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		f.pageSize = 10
		for i := range 100 {
			f.create(fmt.Sprintf("m%d", i))
		}
		time.Sleep(time.Hour) // beyond what a list of changes reaches back
		pages := 0
		f.fail = func(r *http.Request) error {
			if pages++; pages > 3 && strings.HasSuffix(r.URL.Path, "/models") {
				return fmt.Errorf("cut")
			}
			return nil
		}
		_, err := l.View(t.Context(), time.Now(), speech.KindModel)
		require.Error(t, err)
		time.Sleep(12 * time.Hour)
		f.mu.Lock()
		f.fail = func(*http.Request) error { return nil }
		f.mu.Unlock()
		f.mark(f.born[0], "a", "b")
		time.Sleep(12 * time.Hour)
		v, err := l.View(t.Context(), time.Now(), speech.KindModel)
		require.NoError(t, err)
		require.Equal(t, "b", v.Models[0].CustomProperties["a"])
	})
}

// What others have deleted makes a round of the crawl little longer: a small resource has few pages, and each object that they do not
// show any more is a request.
func TestDeletionsDoNotSlowTheCrawl(t *testing.T) {
	bubble(t, mirror.Options{}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		for i := range 60 {
			f.create(fmt.Sprintf("m%d", i))
		}
		look := func() *mirror.View {
			v, err := l.View(t.Context(), time.Now().Add(-time.Minute), everything...)
			require.NoError(t, err)
			return v
		}
		for range 20 {
			look()
			time.Sleep(time.Minute)
		}
		for _, id := range f.born[:40] {
			f.remove(id)
		}
		for range 60 {
			v := look()
			require.False(t, v.CrawlSlow)
			require.Less(t, time.Since(v.CrawledAt), 32*time.Minute)
			time.Sleep(time.Minute)
		}
		require.Len(t, look().Models, 20)
		synctest.Wait()
	})
}

// What somebody has cleared away, hundreds of objects, is not listed any more after two rounds; until then the age of the listing says
// how far that is to be believed.
func TestWhatWasClearedAwayIsNotListedForLong(t *testing.T) {
	bubble(t, mirror.Options{}, func(t *testing.T, f *fake, l *mirror.Mirror) {
		const many = 1000
		for i := range many {
			f.create(fmt.Sprintf("m%d", i))
		}
		look := func() *mirror.View {
			v, err := l.View(t.Context(), time.Now().Add(-time.Minute), everything...)
			require.NoError(t, err)
			return v
		}
		for range 20 {
			look()
			time.Sleep(time.Minute)
		}
		began := time.Now()
		for _, id := range f.born[:600] {
			f.remove(id)
		}
		for len(look().Models) > many-600 {
			require.False(t, look().CrawledAt.After(began), "it says that it is older than the deletions")
			require.Less(t, time.Since(began), 90*time.Minute)
			time.Sleep(time.Minute)
		}
		synctest.Wait()
	})
}
