package activities

import (
	"context"
	"maps"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"speech-retrainer/internal/metric"
)

// waits counts the waits that go on, by the name of their activity.
type waits struct {
	mu    sync.Mutex
	going map[string]int
}

// begin counts one more, until end is called.
func (w *waits) begin(name string) (end func()) {
	w.add(name, 1)
	return func() { w.add(name, -1) }
}

func (w *waits) add(name string, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.going[name] += n
}

// Waits are how many waits go on, by the name of their activity.
func (of Figures) Waits() map[string]int {
	of.a.waits.mu.Lock()
	defer of.a.waits.mu.Unlock()
	return maps.Clone(of.a.waits.going)
}

// noticed counts how long it took to notice an end, both by the service's clock.
func noticed(ctx context.Context, ended, now time.Time) {
	activity.GetMetricsHandler(ctx).WithTags(map[string]string{"activity": activity.GetInfo(ctx).ActivityType.Name}).
		Timer(metric.NoticeDelay).Record(max(now.Sub(ended), 0))
}
