package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/stack"
)

// viewsTaken is how many views of the fleet page are timed.
const viewsTaken = 200

// viewed is what the row "page" stands on.
type viewed struct {
	// First is how long the first view took that shows all models, from the start of the worker, in seconds.
	First float64 `json:"first"`
	// Views are how long the views took after it, one by one, in milliseconds.
	Views  []float64   `json:"views"`
	Bytes  int64       `json:"bytes"`
	Asked  stack.Tally `json:"asked"`
	Status command     `json:"status"`
}

// measurePage is the row "page": views of a fleet of a thousand models, and starter status beside them.
func measurePage(ctx context.Context, h *host) (figures []Figure, raw any, err error) {
	port, err := stack.FreePort(0)
	if err != nil {
		return nil, nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	s, err := h.site(ctx, siteOptions{name: "page", emulator: []string{"--endpoint-quota", "0"}, worker: []string{"--page", address}})
	if err != nil {
		return nil, nil, err
	}
	defer s.close(&err)
	file, err := s.settle(ctx, fleetSize)
	if err != nil {
		return nil, nil, err
	}
	applied, err := s.starter(ctx, 5*time.Minute, "apply", "--file", file)
	if err == nil && (applied.Code != 0 || !applied.Ended) {
		err = fmt.Errorf("apply ended with exit code %d", applied.Code)
	}
	if err != nil {
		return nil, applied, err
	}
	var v viewed
	if v.Status, err = s.starter(ctx, 90*time.Second, "status", "--task-queue", s.queue); err != nil {
		return nil, v, err
	}
	began := time.Now()
	page := "http://" + address + "/"
	err = stack.Await(ctx, "the fleet page with all models", func(ctx context.Context) error {
		_, body, err := view(ctx, page)
		if err == nil && !strings.Contains(body, fmt.Sprintf("<b>%d</b> models", fleetSize)) {
			err = errors.New("it does not show them all yet")
		}
		return err
	})
	if err != nil {
		return nil, v, err
	}
	v.First = time.Since(began).Seconds()
	before, err := s.emulator.Tally(ctx, 0)
	if err != nil {
		return nil, v, err
	}
	for range viewsTaken {
		began := time.Now()
		n, _, err := view(ctx, page)
		if err != nil {
			return nil, v, err
		}
		v.Views, v.Bytes = append(v.Views, float64(time.Since(began).Microseconds())/1000), n
	}
	if v.Asked, err = s.emulator.Tally(ctx, before.Last); err != nil {
		return nil, v, err
	}
	sorted := slices.Sorted(slices.Values(v.Views))
	median := sorted[len(sorted)/2]
	return []Figure{
		figure("one view, median", median, "ms").atMost(50),
		figure("one view, the slowest of 200", sorted[len(sorted)-1], "ms").atMost(1000),
		figure("views a second, one viewer", 1000/median, "/s").atLeast(20),
		figure("starter status over one view", v.Status.Seconds*1000/median, ratio),
		figure("all models shown after", v.First, "s").atMost(30),
	}, v, nil
}

// view loads a page.
func view(ctx context.Context, url string) (n int64, body string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	answer, err := patientHTTP.Do(r)
	if err != nil {
		return 0, "", err
	}
	text, err := io.ReadAll(answer.Body)
	if closing := answer.Body.Close(); err == nil {
		err = closing
	}
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("the fleet page answered %s", answer.Status)
	}
	return int64(len(text)), string(text), err
}
