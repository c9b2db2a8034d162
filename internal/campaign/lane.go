// Package campaign breaks the product on purpose and checks what is left: workers are killed at every boundary of
// every activity, the service answers with faults, runs are reset, the Temporal server is restarted. It stands on the
// built programs, a real Temporal dev server and the local Speech service, whose own log is the witness.
package campaign

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/stack"
)

// ListLag is what workers are told that lists may lag behind; the awkward profile's lag 5 s.
const ListLag = 6 * time.Second

// patience bounds the wait for the end of one run: far above what any takes, kills and their time-outs included.
const patience = 8 * time.Minute

// Rig is what all cases of a campaign share.
type Rig struct {
	Binaries stack.Binaries
	// CrashWorker is the worker that was built with the tag "crash".
	CrashWorker string
	// Data is the folder of the examples' data, which the emulators serve.
	Data string
	// Logs receives a folder of logs for each case.
	Logs string
	// Server and Client are the Temporal of all cases that do not bring their own.
	Server *stack.Server
	Client client.Client
	// Namespace is Client's; empty = default.
	Namespace string
	// Second is the Temporal of a second installation: Client and Namespace of a namespace of its own.
	Second Installation

	cases atomic.Int64
}

// Installation is a Temporal namespace with workers of its own.
type Installation struct {
	Client    client.Client
	Namespace string
}

// caseName makes the name of a model that no other case has.
func (r *Rig) caseName(what string) string { return fmt.Sprintf("%s-%d", what, r.cases.Add(1)) }

// lane is one case at work: a Speech service of its own, and workers that are started again when they die.
type lane struct {
	*Rig
	stack    *stack.Stack
	emulator *stack.Emulator
	// name and locale are the model's, endpoint is what its requests name, queue the task queue, dir the folder of the
	// points that were met.
	name, locale, endpoint, queue, dir string
	lag                                time.Duration
	// patience bounds the wait for the end of one run; 0 = the constant of this name.
	patience time.Duration
	// share is how many workers of others use the service too; env is added to those of this lane.
	share int
	env   []string
	// relayed gives each worker a way to Temporal of its own, which can be cut.
	relayed bool
	// asked is what was asked for, here and beside.
	asked *ledger

	mu      sync.Mutex
	crew    sync.WaitGroup
	dismiss context.CancelFunc
	starts  int
	// present are the workers at work.
	present []*hand
}

// laneOptions say what a lane starts with.
type laneOptions struct {
	name    string
	profile string
	// speed is how many seconds of the service pass in a real one; 0 = 5.
	speed float64
	// lag is how far workers are told that lists may lag behind, behind how far they do.
	lag, behind time.Duration
	// mirrored lets workers look at what they have listed up to a minute ago, as they are shipped. Where the service's clock
	// jumps over what no minute has passed for, each look reads everything.
	mirrored bool
}

func (r *Rig) lane(ctx context.Context, o laneOptions) (*lane, error) {
	l := &lane{
		Rig: r, name: o.name, locale: locale, endpoint: o.name, queue: "campaign-" + o.name, lag: o.lag,
		dir: filepath.Join(r.Logs, o.name, "points"), asked: &ledger{},
	}
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return nil, err
	}
	var err error
	if l.stack, err = stack.New(filepath.Join(r.Logs, o.name)); err != nil {
		return nil, err
	}
	if o.speed == 0 {
		o.speed = 5
	}
	if o.mirrored {
		l.env = append(l.env, "SPEECH_SNAPSHOT_AGE=")
	}
	l.emulator, err = l.stack.StartEmulator(ctx, stack.EmulatorOptions{
		Binary: r.Binaries.Emulator, Profile: o.profile, Speed: o.speed, Files: r.Data,
	})
	if err == nil && o.behind != 0 {
		err = l.emulator.Set(ctx, object{"listLag": o.behind.String()})
	}
	if err != nil {
		return nil, errors.Join(err, l.stack.Close())
	}
	return l, nil
}

// close stops everything. What went wrong with a process is an error.
func (l *lane) close() error {
	l.rest()
	return l.stack.Close()
}

// namespace is the lane's Temporal namespace.
func (l *lane) namespace() string { return cmp.Or(l.Namespace, client.DefaultNamespace) }

// home is the namespace's own ID, which marks name it by.
func (l *lane) home(ctx context.Context) (string, error) {
	d, err := l.Client.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: l.namespace()})
	return d.GetNamespaceInfo().GetId(), err
}

// met lists the points that were met, as names of files.
func (l *lane) met() ([]string, error) {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Name() != writesFile && e.Name() != postsFile && filepath.Ext(e.Name()) == "" {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// awaitPoint waits until a worker holds at a point, or until the run has ended without: then it returns false.
func (l *lane) awaitPoint(ctx context.Context, point string, ended <-chan struct{}) (bool, error) {
	met := false
	err := stack.Await(ctx, point, func(context.Context) error {
		if _, err := os.Stat(filepath.Join(l.dir, markerOf(point))); err == nil {
			met = true
			return nil
		}
		select {
		case <-ended:
			return nil
		default:
			return errors.New("not met")
		}
	})
	return met, err
}

// arm makes a worker hold that comes to a point from now on.
func (l *lane) arm(point string) error {
	return os.WriteFile(filepath.Join(l.dir, markerOf(point)+".armed"), nil, 0o600)
}

// release lets a worker go on that holds at a point.
func (l *lane) release(point string) error {
	return os.WriteFile(filepath.Join(l.dir, markerOf(point)+".go"), nil, 0o600)
}

func markerOf(point string) string { return strings.ReplaceAll(point, "/", "_") }

// Files in which the crash build notes which activities changed something, and which sent a POST and by which worker.
const (
	writesFile = "writes"
	postsFile  = "posts"
)

// writes counts the changes that each activity made, by workflow type and activity ID.
func (l *lane) writes() (map[string]int, error) {
	text, err := os.ReadFile(filepath.Join(l.dir, writesFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	counts := map[string]int{}
	for line := range strings.Lines(string(text)) {
		counts[strings.TrimSpace(line)]++
	}
	return counts, err
}
