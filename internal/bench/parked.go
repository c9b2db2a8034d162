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
	Look    look    `json:"look"`
	Load    float64 `json:"load"`
}

func (k kept) each() float64 { return (k.After - k.Before) / float64(k.Waits) }

// hold parks n waits and looks at them after a time.
func (h *host) hold(ctx context.Context, n int, parking, held time.Duration, args ...string) (k kept, err error) {
	s, err := h.resource(ctx, resourceOptions{name: fmt.Sprintf("parked-%d", n), worker: args})
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
	k.Waits, k.Parking = n, time.Since(began).Seconds()
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
	holdLongFor  = 3 * time.Minute
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
	figures := []Figure{
		figure(fmt.Sprintf("resident memory of a wait at %d", thousands), three.each(), "kB").atMost(60).was("116-132"),
		figure(fmt.Sprintf("missed heartbeats of %d waits, throttle 12 s", thousands), float64(three.Look.Missed), "").atMost(0).was("267 of 400 sampled"),
	}
	name := fmt.Sprintf("missed heartbeats of %d waits, throttle 45 s", tenThousand)
	missing := figure(name, float64(ten.Look.Missed), "")
	if ten.Look.Begun+ten.Look.Missed < tenThousand {
		missing = missed(name, "", "%d parked after %.0f s, %d missed", ten.Look.Begun, ten.Parking, ten.Look.Missed)
	}
	return append(figures, missing.atMost(0).was("0 at 2,000"),
		figure(fmt.Sprintf("resident memory of a wait at %d", tenThousand), ten.each(), "kB")), []kept{three, ten}, nil
}
