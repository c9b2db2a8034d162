// Package bench measures the product from outside: the built programs between a real Temporal dev server and the local
// Speech service with its quota on. Requests are counted by the service, events by Temporal, memory by the kernel.
package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/stack"
)

const locale = "en-US"

// owner is the mark of all that the workers make: the namespace, since they are told no other.
const owner = "default"

// listLag is SPEECH_LIST_LAG as it is when nobody sets it: what it costs is part of what is measured.
const listLag = 30 * time.Second

// perSecond is how many requests a worker with the whole quota sends in a second in the long run (the contract's
// SPEECH_QUOTA_SHARE).
const perSecond = 8.0

// object is a piece of JSON, as an operator writes it.
type object = map[string]any

// Rig is what all rows share.
type Rig struct {
	Binaries stack.Binaries
	// Files is the folder of the examples' data, which the emulators serve; Logs receives a folder for each program.
	Files, Logs string
	// Tell hears how far it is.
	Tell func(format string, args ...any)

	names atomic.Int64
}

// name makes a name that nothing else has.
func (r *Rig) name(of string) string { return fmt.Sprintf("%s-%d", of, r.names.Add(1)) }

// host is the Temporal of one row, with its database in memory: that of another row has nothing to do with it, and a
// disk that others use is not what is measured.
type host struct {
	*Rig
	server *stack.Server
	client client.Client
	parts  *stack.Stack
}

// host starts one.
func (r *Rig) host(ctx context.Context, row string) (*host, error) {
	parts, err := stack.New(filepath.Join(r.Logs, r.name("temporal-"+row)))
	if err != nil {
		return nil, err
	}
	h := &host{Rig: r, parts: parts}
	if h.server, err = parts.StartServer(ctx, stack.ServerOptions{Binary: r.Binaries.Temporal}); err != nil {
		return nil, errors.Join(err, parts.Close())
	}
	if h.client, err = h.server.Client(ctx, client.DefaultNamespace); err != nil {
		return nil, errors.Join(err, parts.Close())
	}
	return h, nil
}

// close ends it, with all that it remembers.
func (h *host) close() error {
	h.client.Close()
	err := h.parts.Crashed()
	h.server.Kill()
	return errors.Join(err, h.parts.Close())
}

// site is one Speech resource with, maybe, a worker on a task queue of its own.
type site struct {
	*host
	stack    *stack.Stack
	emulator *stack.Emulator
	worker   *stack.Worker
	queue    string
}

// siteOptions say what a resource starts with.
type siteOptions struct {
	name string
	// emulator and worker are added to the command lines.
	emulator, worker []string
	// idle leaves the worker out.
	idle bool
}

// site starts one. The service runs in real time, with the plain profile and its quota of 100 requests in 10 s.
func (h *host) site(ctx context.Context, o siteOptions) (*site, error) {
	name := h.name(o.name)
	parts, err := stack.New(filepath.Join(h.Logs, name))
	if err != nil {
		return nil, err
	}
	s := &site{host: h, stack: parts, queue: "bench-" + name}
	if s.emulator, err = parts.StartEmulator(ctx, stack.EmulatorOptions{
		Binary: h.Binaries.Emulator, Profile: stack.Plain, Files: h.Files, Args: o.emulator,
	}); err != nil {
		return nil, errors.Join(err, parts.Close())
	}
	if o.idle {
		return s, nil
	}
	if s.worker, err = parts.StartWorker(ctx, stack.WorkerOptions{
		Binary: h.Binaries.Worker, Server: h.server, Emulator: s.emulator, TaskQueue: s.queue, ListLag: listLag, Args: o.worker,
		// The tests turn sharing off; here it is as shipped.
		Env: []string{"SPEECH_SNAPSHOT_AGE=", "SPEECH_ENDPOINT_QUOTA=100000"},
	}); err != nil {
		return nil, errors.Join(err, parts.Close())
	}
	return s, nil
}

// close ends its programs, and joins what went wrong with them to err. What has been measured needs no handing over.
func (s *site) close(err *error) {
	*err = errors.Join(*err, s.stack.Crashed())
	if s.worker != nil {
		s.worker.Kill()
	}
	*err = errors.Join(*err, s.stack.Close())
}

// dataset puts a text there and returns its ID once it is imported.
func (s *site) dataset(ctx context.Context) (id string, err error) {
	self, err := s.emulator.Create(ctx, "datasets", object{
		"displayName": "related text", "locale": locale, "kind": "Language", "contentUrl": s.emulator.File("training/related-text.txt"),
	})
	if err != nil {
		return "", err
	}
	err = stack.Await(ctx, "the import of a text", func(ctx context.Context) error {
		all, err := s.emulator.Objects(ctx, stack.Datasets)
		if err != nil {
			return err
		}
		for _, d := range all {
			if d.Status == "Succeeded" {
				id = d.ID
				return nil
			}
		}
		return fmt.Errorf("%s is not there yet", self)
	})
	return id, err
}

// unlimited lets f do something beside what is measured, without the service's quota.
func (s *site) unlimited(ctx context.Context, f func() error) error {
	if err := s.emulator.Set(ctx, object{"rateLimit": 0}); err != nil {
		return err
	}
	return errors.Join(f(), s.emulator.Set(ctx, object{"rateLimit": 100}))
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// every calls f at once and then at a pace, until it says that it is done or the time is over; that is no error.
func every(ctx context.Context, pace, limit time.Duration, f func() (done bool, err error)) error {
	over := time.Now().Add(limit)
	for {
		if done, err := f(); done || err != nil || time.Now().Add(pace).After(over) {
			return err
		}
		if err := pause(ctx, pace); err != nil {
			return err
		}
	}
}
