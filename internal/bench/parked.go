package bench

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// kept is what many parked waits cost their worker.
type kept struct {
	Waits int `json:"waits"`
	// Before and After are the worker's resident memory, in kB.
	Before float64 `json:"residentBeforeKB"`
	After  float64 `json:"residentAfterKB"`
	// Parking is how long it took until all had begun, in seconds; Held how long they were looked at then.
	Parking float64 `json:"parkingSeconds"`
	Held    float64 `json:"heldSeconds"`
	// Begun is how many the worker had then, Look what Temporal knew at the end.
	Begun int     `json:"begun"`
	Look  look    `json:"look"`
	Load  float64 `json:"load"`
}

// figure is a figure of the waits, unless not all had begun when the time for that was over.
func (k kept) figure(name string, value float64, unit string) Figure {
	if k.Begun < k.Waits {
		return missed(name, unit, "%d parked after %.0f s, %d missed heartbeats", k.Begun, k.Parking, k.Look.Missed)
	}
	return figure(name, value, unit)
}

// memory is the resident memory of each, missing how many heartbeats Temporal has missed.
func (k kept) memory() Figure {
	return k.figure(fmt.Sprintf("resident memory of a wait at %d", k.Waits), (k.After-k.Before)/float64(k.Waits), "kB")
}

func (k kept) missing(throttle string) Figure {
	return k.figure(fmt.Sprintf("missed heartbeats of %d waits, throttle %s", k.Waits, throttle), float64(k.Look.Missed), "")
}

// hold parks n waits and looks at them after a time.
func (h *host) hold(ctx context.Context, n int, parking, held time.Duration, args ...string) (k kept, err error) {
	s, err := h.site(ctx, siteOptions{name: fmt.Sprintf("parked-%d", n), worker: args})
	if err != nil {
		return k, err
	}
	defer s.close(&err)
	if k.Before, err = resident(s.worker.PID()); err != nil {
		return k, err
	}
	began := time.Now()
	p, err := s.park(ctx, n, parking)
	if err != nil {
		return k, err
	}
	defer func() { err = errors.Join(err, p.leave(ctx)) }()
	k.Waits, k.Begun, k.Parking = n, p.most, time.Since(began).Seconds()
	if err := pause(ctx, held); err != nil {
		return k, err
	}
	k.Held, k.Load = held.Seconds(), load()
	if k.After, err = resident(s.worker.PID()); err != nil {
		return k, err
	}
	k.Look, err = p.look(ctx)
	return k, err
}

// What the row "parked" measures: at three thousand the memory, at ten thousand the heartbeats.
const (
	thousands    = 3000
	tenThousand  = 10_000
	holdFor      = time.Minute
	holdLongFor  = 2 * time.Minute
	parkAllLimit = 4 * time.Minute
)

// measureParked is the row "parked".
func measureParked(ctx context.Context, h *host) ([]Figure, any, error) {
	three, err := h.hold(ctx, thousands, parkAllLimit, holdFor)
	if err != nil {
		return nil, three, err
	}
	ten, err := h.hold(ctx, tenThousand, parkAllLimit, holdLongFor,
		"--heartbeat-throttle", "45s", "--max-activities", strconv.Itoa(tenThousand+1000))
	if err != nil {
		return nil, []kept{three, ten}, err
	}
	return []Figure{
		three.memory().atMost(60).was("116-132"),
		three.missing("12 s").atMost(0).was("267 of 400 sampled"),
		ten.missing("45 s").atMost(0).was("0 at 2,000"),
		ten.memory(),
	}, []kept{three, ten}, nil
}
