package page

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Many who look at once cost one reading, and none while it is young.
func TestManyViewersCostOneReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reads atomic.Int64
		c := &cache[int64]{least: 15 * time.Second, limit: time.Minute, now: time.Now, read: func(context.Context) (int64, error) {
			time.Sleep(100 * time.Millisecond)
			return reads.Add(1), nil
		}}
		look := func() {
			var group sync.WaitGroup
			for range 1000 {
				group.Go(func() {
					k := c.get(t.Context(), time.Second)
					if !k.known || k.err != nil {
						t.Error("nothing is known")
					}
				})
			}
			group.Wait()
		}
		look()
		look()
		require.EqualValues(t, 1, reads.Load())
		time.Sleep(14 * time.Second)
		look()
		require.EqualValues(t, 1, reads.Load(), "it is young")
		time.Sleep(2 * time.Second)
		look()
		require.EqualValues(t, 2, reads.Load(), "it is not")
	})
}

// What takes long is read more seldom, and who looks meanwhile sees what there was.
func TestWhatIsCostlyIsReadSeldom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		c := &cache[int]{least: 15 * time.Second, limit: time.Minute, now: time.Now, read: func(context.Context) (int, error) {
			reads++
			time.Sleep(5 * time.Second)
			return reads, nil
		}}
		require.Equal(t, 1, c.get(t.Context(), 0).value)
		time.Sleep(80 * time.Second)
		require.Equal(t, 1, c.get(t.Context(), time.Second).value)
		require.Equal(t, 1, reads, "5 s of reading are shared by 100 s")
		time.Sleep(16 * time.Second)
		began := time.Now()
		require.Equal(t, 1, c.get(t.Context(), time.Second).value, "what there was")
		require.Equal(t, time.Second, time.Since(began), "after its patience")
		time.Sleep(5 * time.Second)
		require.Equal(t, 2, c.peek().value)
	})
}

// A reading goes on when the viewer who began it has gone, and ends when it takes too long. What could not be read leaves what
// was there, and is not tried at once again.
func TestReadingsThatFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads, broken := 0, error(nil)
		c := &cache[string]{least: 15 * time.Second, limit: 30 * time.Second, now: time.Now, read: func(ctx context.Context) (string, error) {
			if reads++; broken != nil {
				return "half", broken
			}
			time.Sleep(time.Second)
			return "whole", ctx.Err()
		}}
		gone, leave := context.WithCancel(t.Context())
		leave()
		require.False(t, c.get(gone, 0).known)
		time.Sleep(2 * time.Second)
		k := c.peek()
		require.Equal(t, "whole", k.value, "it went on without its viewer")
		broken = errors.New("away")
		time.Sleep(time.Minute)
		for range 3 {
			k = c.get(t.Context(), time.Second)
			require.Equal(t, "whole", k.value)
			require.True(t, k.known)
			require.ErrorIs(t, k.err, broken)
			require.Equal(t, 62*time.Second, time.Since(k.at).Round(time.Second), "its age is that of what is shown")
		}
		require.Equal(t, 2, reads)

		never := &cache[string]{least: time.Second, limit: time.Second, now: time.Now, read: c.read}
		k = never.get(t.Context(), time.Second)
		require.False(t, k.known)
		require.Equal(t, "half", k.value, "what came with the error is better than nothing")
		hangs := &cache[string]{least: time.Second, limit: 30 * time.Second, now: time.Now, read: func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}}
		require.ErrorIs(t, hangs.get(t.Context(), 0).err, context.DeadlineExceeded)
	})
}

// The first who looks after a while waits for what is, not longer than for a first reading; who looks often does not.
func TestTheFirstViewAfterAWhileIsFresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads, takes := 0, 3*time.Second
		c := &cache[int]{least: 15 * time.Second, limit: time.Minute, now: time.Now, read: func(context.Context) (int, error) {
			reads++
			time.Sleep(takes)
			return reads, nil
		}}
		require.Equal(t, 1, c.look(t.Context()).value)
		time.Sleep(8 * time.Hour)
		require.Equal(t, 2, c.look(t.Context()).value, "not what was there in the evening")
		time.Sleep(61 * time.Second)
		takes = time.Minute
		began := time.Now()
		require.Equal(t, 2, c.look(t.Context()).value, "there is an end to it")
		require.Equal(t, firstPatience, time.Since(began))
		time.Sleep(2 * time.Minute)
	})
}
