package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// WorkerOptions say which worker to start.
type WorkerOptions struct {
	// Binary is our worker.
	Binary string
	// Server and Emulator are what it works between.
	Server   *Server
	Emulator *Emulator
	// TaskQueue is worked on; empty = the worker's default.
	TaskQueue string
	// ListLag is SPEECH_LIST_LAG: how long the service's lists may lag behind its writes.
	ListLag time.Duration
	// HTTP is where health is served; empty = a free port.
	HTTP string
	// Args and Env are added to the command line and to the environment.
	Args, Env []string
}

// Worker is a running worker.
type Worker struct {
	*Process
	// Health is the address of /healthz and /readyz.
	Health string
}

// StartWorker starts a worker and waits until it is ready for work.
func (s *Stack) StartWorker(ctx context.Context, opts WorkerOptions) (*Worker, error) {
	if opts.HTTP == "" {
		opts.HTTP = "127.0.0.1:0"
	}
	args := []string{"--http", opts.HTTP, "--log-format", "json"}
	if opts.TaskQueue != "" {
		args = append(args, "--task-queue", opts.TaskQueue)
	}
	env := append(opts.Server.Environment(), opts.Emulator.Environment(opts.ListLag)...)
	process, err := s.start(Spec{
		Name: "worker", Path: opts.Binary,
		Args: append(args, opts.Args...), Env: append(env, opts.Env...),
	})
	if err != nil {
		return nil, err
	}
	w := &Worker{Process: process}
	if err := w.awaitReady(ctx); err != nil {
		w.Kill()
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	return w, nil
}

// Environment is what our programs need to find this server and nothing else.
func (s *Server) Environment() []string {
	return Environment("TEMPORAL_ADDRESS="+s.Address, "TEMPORAL_NAMESPACE=default")
}

// Environment is what our programs need to use this Speech service. listLag covers what its lists lag behind.
func (e *Emulator) Environment(listLag time.Duration) []string {
	return []string{"SPEECH_ENDPOINT=" + e.URL, "SPEECH_KEY=" + e.Key, "SPEECH_LIST_LAG=" + listLag.String(), "SPEECH_SNAPSHOT_AGE=0s"}
}

func (w *Worker) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("not ready within a minute"))
	defer cancel()
	err := w.await(ctx, "its health address", func(context.Context) error {
		w.Health = w.healthAddress()
		if w.Health == "" {
			return errors.New("not logged yet")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.await(ctx, "readiness", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		return exchange(ctx, http.MethodGet, w.Health+"/readyz", nil, nil, nil)
	})
}

// healthAddress reads the address from the worker's log: it is the only one who knows its free port.
func (w *Worker) healthAddress() string {
	for line := range strings.Lines(w.Log()) {
		var entry struct{ Address string }
		if strings.Contains(line, "/readyz") && json.Unmarshal([]byte(line), &entry) == nil && entry.Address != "" {
			return "http://" + entry.Address
		}
	}
	return ""
}
