package campaign

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/stack"
)

// hand is a worker at work.
type hand struct {
	*stack.Worker
	// relay is its way to Temporal, where it has one of its own.
	relay *stack.Relay
}

// work starts n workers that stop at the points given, and starts each again when it has died. With no
// points they are the workers as they are shipped.
func (l *lane) work(ctx context.Context, n int, points []string) {
	ctx, l.dismiss = context.WithCancel(ctx)
	binary := l.Binaries.Worker
	if points != nil {
		binary = l.CrashWorker
	}
	options := stack.WorkerOptions{
		Binary: binary, Server: l.Server, Emulator: l.emulator, TaskQueue: l.queue, ListLag: l.lag,
		Env: append([]string{
			"TEMPORAL_NAMESPACE=" + l.namespace(), "CRASH_DIR=" + l.dir, "CRASH_AT=" + strings.Join(points, ","),
			fmt.Sprintf("SPEECH_QUOTA_SHARE=1/%d", n+l.share),
		}, l.env...),
	}
	for range n {
		l.crew.Go(func() {
			for ctx.Err() == nil {
				_ = l.shift(ctx, options) // it died before it was ready; StartWorker has put it away
			}
		})
	}
}

// shift lets one worker work, and returns when it has ended: by itself, or because ctx has.
func (l *lane) shift(ctx context.Context, o stack.WorkerOptions) error {
	h := &hand{}
	if l.relayed {
		var err error
		if h.relay, err = stack.NewRelay(l.Server.Address); err != nil {
			return err
		}
		defer func() { _ = h.relay.Close() }() // nobody uses it any more
		o.Env = append(slices.Clone(o.Env), "TEMPORAL_ADDRESS="+h.relay.Address)
	}
	var err error
	if h.Worker, err = l.stack.StartWorker(ctx, o); err != nil {
		return err
	}
	l.mu.Lock()
	l.starts++
	l.present = append(l.present, h)
	l.mu.Unlock()
	select {
	case <-h.Done():
		h.Kill() // its death was wanted
	case <-ctx.Done():
		if h.Stop(20*time.Second) != nil {
			h.Kill()
		}
	}
	l.mu.Lock()
	l.present = slices.DeleteFunc(l.present, func(other *hand) bool { return other == h })
	l.mu.Unlock()
	return nil
}

// rest ends the workers.
func (l *lane) rest() {
	if l.dismiss != nil {
		l.dismiss()
		l.crew.Wait()
		l.dismiss = nil
	}
}
