package activities

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"speech-retrainer/internal/mirror"
	"speech-retrainer/internal/speech"
)

// Bounds of a wait's heartbeats.
const (
	// staleAfter ends the heartbeats of a wait that has seen nothing for this long: the slowest pace (60 s) and a
	// request (30 s) fit into it well, a hang does not.
	staleAfter = 3 * time.Minute
	// handOverPause lets the last heartbeat of a stopping worker leave before the activity ends.
	handOverPause = 100 * time.Millisecond
)

// errStopping is the cause with which a wait ends when its worker stops.
var errStopping = errors.New("the worker stops")

// AwaitInput names the one object that is waited for.
type AwaitInput struct {
	Scope
	ID string `json:"id"`
	// Label is what the object is called in messages.
	Label string `json:"label"`
}

// Progress is the heartbeat detail of a wait: what an operator sees of it, never needed to go on.
type Progress struct {
	Status string `json:"status"`
	// Since is when the wait began, by the clock of the worker that began it.
	Since time.Time `json:"since"`
	Polls int       `json:"polls"`
	// Seen tells that this attempt has seen the object: what an earlier one failed with is over.
	Seen bool `json:"seen"`
}

// beginWait starts an activity that waits: its heartbeats tell of the wait, also while its requests wait for their turn.
func (a *Activities) beginWait(ctx context.Context, s Scope) (context.Context, *beat, error) {
	ctx, err := a.begin(ctx, s)
	if err != nil {
		return ctx, nil, err
	}
	beat := newBeat(ctx, a.now())
	beat.going = a.waits
	goesOn := func() { beat.goesOn(ctx) }
	return speech.WhileQueued(speech.OnAnswer(ctx, goesOn), goesOn), beat, nil
}

// wait returns the object when it is terminal, with the service's now, and heartbeats meanwhile.
func wait[T speech.Item](
	ctx context.Context, a *Activities, beat *beat, id string, await func(context.Context, string, func(mirror.Progress)) (T, time.Time, error),
) (v T, now time.Time, err error) {
	err = attended(ctx, beat, func(waiting context.Context) (err error) {
		v, now, err = waitOn(waiting, a, id, await, func(p mirror.Progress) { beat.saw(ctx, string(p.Status)) })
		return err
	})
	if err == nil {
		noticed(ctx, speech.Common(v).LastActionDateTime, now)
	}
	return v, now, err
}

// attended heartbeats while something waits. When the worker stops it hands the wait over: last heartbeat out, then an
// error that is retried at once, elsewhere.
func attended(ctx context.Context, beat *beat, wait func(context.Context) error) error {
	defer beat.going.begin(activity.GetInfo(ctx).ActivityType.Name)()
	waiting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		ticker := time.NewTicker(beatEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				beat.alive(ctx)
			case <-activity.GetWorkerStopChannel(ctx):
				cancel(errStopping)
				return
			case <-waiting.Done():
				return
			}
		}
	}()
	err := wait(waiting)
	if err != nil && errors.Is(context.Cause(waiting), errStopping) {
		beat.send(ctx)
		time.Sleep(handOverPause)
		return handOver("the worker stops and hands the wait over")
	}
	return err
}

// waitOn is a wait that is taken up again as long as a 404 is no proof that the object is gone.
func waitOn[T any](
	ctx context.Context, a *Activities, id string, await func(context.Context, string, func(mirror.Progress)) (T, time.Time, error),
	saw func(mirror.Progress),
) (T, time.Time, error) {
	var d doubt
	for {
		v, now, err := await(ctx, id, func(p mirror.Progress) {
			d = doubt{}
			saw(p)
		})
		if !speech.IsNotFound(err) {
			return v, now, err
		}
		wait, gone := d.gone(a.listLag, a.pace)
		if gone {
			return v, now, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return v, now, ctx.Err()
		}
	}
}

// beat is the heartbeat of one wait.
type beat struct {
	going    *waits
	mu       sync.Mutex
	progress Progress
	began    time.Time
	seen     time.Time
}

// newBeat goes on from the details of the attempt before, when there was one.
func newBeat(ctx context.Context, now time.Time) *beat {
	b := &beat{began: time.Now(), seen: time.Now()}
	if !activity.HasHeartbeatDetails(ctx) || activity.GetHeartbeatDetails(ctx, &b.progress) != nil {
		b.progress = Progress{}
	}
	if b.progress.Since.IsZero() {
		b.progress.Since = now.UTC()
	}
	b.progress.Seen = false
	return b
}

// saw records an observation of the object and sends it.
func (b *beat) saw(ctx context.Context, status string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen = time.Now()
	b.progress.Status, b.progress.Seen = status, true
	b.progress.Polls++
	b.record(ctx)
}

// goesOn says that the wait goes on: an answer came, or a request waits for its turn.
func (b *beat) goesOn(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen = time.Now()
	b.record(ctx)
}

// alive repeats the last details between two looks, but not when the looks have stopped coming.
func (b *beat) alive(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Since(b.seen) < staleAfter {
		b.record(ctx)
	}
}

// record is a heartbeat, but not in the first seconds of a wait: many have ended by then.
func (b *beat) record(ctx context.Context) {
	if time.Since(b.began) >= quiet {
		activity.RecordHeartbeat(ctx, b.progress)
	}
}

func (b *beat) send(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	activity.RecordHeartbeat(ctx, b.progress)
}
