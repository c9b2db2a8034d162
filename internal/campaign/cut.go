package campaign

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/stack"
)

// cutOff cuts the worker off from Temporal that is about to create something, and lets it queue for its turn at the
// service, which it reaches. It is healed when its attempt is over and another worker has taken over, which is after the
// heartbeat time-out. It may have created nothing, and nothing may have been created twice.
func (c *chaos) cutOff(ctx context.Context, s Step) (string, error) {
	return c.lagging(ctx, s, func() (string, error) {
		return c.play(ctx, c.asks(), c.at(s.At, func(ctx context.Context, run client.WorkflowRun) (string, error) {
			ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("not within %s", patience))
			defer cancel()
			h, err := c.handAt(ctx, s.At)
			if err != nil || h == nil {
				return "", err
			}
			before, err := c.posts(s.At, h.PID())
			if err != nil {
				return "", err
			}
			h.relay.Cut(s.Silent)
			defer h.relay.Heal()
			c.played.Cuts++
			if s.Late {
				err = errors.Join(c.awaitTakeOver(ctx, run, s.At, h), c.goOn(ctx, s.At, h))
			} else {
				err = errors.Join(c.goOn(ctx, s.At, h), c.awaitTakeOver(ctx, run, s.At, h))
			}
			sent, readErr := c.posts(s.At, h.PID())
			if sent > before {
				err = errors.Join(err, fmt.Errorf("a worker that Temporal did not answer sent a POST (%s)", s.At))
			}
			return "", errors.Join(err, readErr)
		}))
	})
}

// handAt is the worker that has met a point; nil when it has died since.
func (c *chaos) handAt(ctx context.Context, point string) (found *hand, err error) {
	id := ""
	err = stack.Await(ctx, "who is at "+point, func(context.Context) error {
		text, err := os.ReadFile(filepath.Join(c.dir, markerOf(point)))
		if id = strings.TrimSpace(string(text)); err == nil && id == "" {
			err = errors.New("nothing is written yet")
		}
		return err
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.present {
		if fmt.Sprint(h.PID()) == id {
			found = h
		}
	}
	return found, err
}

// goOn lets the worker go on that holds at a point, and waits until it is through with that activity, or dead.
func (c *chaos) goOn(ctx context.Context, point string, h *hand) error {
	if err := c.release(point); err != nil {
		return err
	}
	return stack.Await(ctx, "the end of what was cut off at "+point, func(context.Context) error {
		if isClosed(h.Done()) {
			return nil
		}
		_, err := os.Stat(filepath.Join(c.dir, markerOf(point)+".over"))
		return err
	})
}

// awaitTakeOver waits until the activity of a point is no longer with a worker: another has begun it, or it is done.
func (c *chaos) awaitTakeOver(ctx context.Context, run client.WorkflowRun, point string, h *hand) error {
	return stack.Await(ctx, "another worker at "+point, func(ctx context.Context) error {
		d, err := describe(ctx, c.Client, run.GetID(), run.GetRunID())
		if err != nil {
			return err
		}
		for _, a := range d.GetPendingActivities() {
			if a.GetActivityId() != activityOf(point) {
				continue
			}
			begun := a.GetState() == enumspb.PENDING_ACTIVITY_STATE_STARTED
			if !begun || strings.HasPrefix(a.GetLastWorkerIdentity(), fmt.Sprintf("%d@", h.PID())) {
				return fmt.Errorf("attempt %d, %s, last with %s", a.GetAttempt(), a.GetState(), a.GetLastWorkerIdentity())
			}
		}
		return nil
	})
}

// activityOf is the ID of a point's activity.
func activityOf(point string) string { return strings.Split(point, "/")[1] }

// posts counts what a worker, by its process ID, has sent to create something in the activity of a point.
func (l *lane) posts(point string, worker int) (int, error) {
	text, err := os.ReadFile(filepath.Join(l.dir, postsFile))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		if strings.TrimSpace(line) == fmt.Sprintf("%s %d", point[:strings.LastIndex(point, "/")], worker) {
			n++
		}
	}
	return n, err
}
