package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// script is what others would do: one loop for each object, without a word between them. It waits when the service
// says so, and else polls at its pace.
type script struct {
	name string
	pace time.Duration
}

// scripts are the peers: the vendor's CLI polls every 500 ms, a patient script every 30 s.
var scripts = []script{{"500 ms", 500 * time.Millisecond}, {"30 s", 30 * time.Second}}

// patientHTTP has as many connections as there are loops.
var patientHTTP = &http.Client{
	Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 2000, MaxConnsPerHost: 2000},
}

// send sends a request until the service does not answer 429 any more, and reads the answer into result.
func (p script) send(ctx context.Context, s *site, method, address string, body, result any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	for {
		request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(content))
		if err != nil {
			return err
		}
		if method == http.MethodGet {
			request.Body, request.ContentLength = nil, 0
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Ocp-Apim-Subscription-Key", s.emulator.Key)
		response, err := patientHTTP.Do(request)
		if err != nil {
			return err
		}
		answer, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		switch {
		case err != nil:
			return err
		case response.StatusCode == http.StatusTooManyRequests:
			seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
			if err := pause(ctx, max(p.pace, time.Duration(seconds)*time.Second)); err != nil {
				return err
			}
		case response.StatusCode >= http.StatusBadRequest:
			return fmt.Errorf("%s %s: %s: %.300s", method, address, response.Status, answer)
		default:
			return json.Unmarshal(answer, result)
		}
	}
}

// await polls an object until it has ended.
func (p script) await(ctx context.Context, s *site, address string) error {
	for {
		var seen struct{ Status string }
		if err := p.send(ctx, s, http.MethodGet, address, nil, &seen); err != nil {
			return err
		}
		if seen.Status == "Succeeded" || seen.Status == "Failed" {
			return nil
		}
		if err := pause(ctx, p.pace); err != nil {
			return err
		}
	}
}

// train makes one version and waits for it.
func (p script) train(ctx context.Context, s *site, name, dataset string) error {
	var made struct{ Self string }
	err := p.send(ctx, s, http.MethodPost, s.emulator.Address("models"), object{
		"displayName": name, "locale": locale, "datasets": []object{{"self": s.emulator.Address("datasets/" + dataset)}},
	}, &made)
	if err != nil {
		return err
	}
	return p.await(ctx, s, made.Self)
}

// all runs f for each of n side by side, until they have returned or the time is over, and returns how many had
// ended well by then.
func all(ctx context.Context, n int, limit time.Duration, f func(context.Context, int) error) int {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var lock sync.Mutex
	var group sync.WaitGroup
	done := 0
	for i := range n {
		group.Go(func() {
			if f(ctx, i) == nil {
				lock.Lock()
				done++
				lock.Unlock()
			}
		})
	}
	group.Wait()
	return done
}

// sideBySide does something with each script, on resources of their own.
func sideBySide(ctx context.Context, f func(ctx context.Context, i int, p script) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for i, p := range scripts {
		group.Go(func() error { return f(ctx, i, p) })
	}
	return group.Wait()
}
