package speech

import (
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"pgregory.net/rapid"
)

// A process that is killed and started again, however often, sends no more in any 10 seconds than one that is not.
func TestLimiterRestarted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		lives := rapid.SliceOfN(rapid.Int64Range(0, int64(12*time.Second)), 1, 6).Draw(rt, "lives")
		rest := time.Duration(rapid.Int64Range(0, int64(3*time.Second)).Draw(rt, "rest"))
		var sent []time.Duration
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			for _, life := range lives {
				l := newLimiter(1, zap.NewNop())
				l.empty()
				time.Sleep(rest) // a pause lets the burst come back
				for end := time.Now().Add(time.Duration(life)); time.Now().Before(end); {
					if _, ok := l.quota.take(time.Now()); ok {
						l.quota.went(time.Now(), true)
						sent = append(sent, time.Since(start))
					} else {
						time.Sleep(time.Millisecond)
					}
				}
			}
		})
		for i, from := range sent {
			n := 0
			for _, at := range sent[i:] {
				if at < from+10*time.Second {
					n++
				}
			}
			if n > int(fullQuota) {
				rt.Fatalf("%d requests within 10 s from %s on", n, from)
			}
		}
	})
}
