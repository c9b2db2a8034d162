//go:build crash

package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
)

// A build for the campaigns. CRASH_AT lists points, separated by commas, each the type of a workflow, the ID of one
// of its activities, a moment, and what to do: "Retrain/create-version/effect=kill". CRASH_DIR is a folder that all
// workers of one case share: each point is met once, by whoever comes first, and is remembered there as a file.
// At "kill" the worker dies as by kill -9. At "hold" it waits until the file NAME.go appears, but only if there is a
// file NAME.armed when it comes there.
//
// The moments of an activity:
//
//	before   it has been started, none of it has run
//	effect   the answer to its first request that changes something has come; effect2 to its second, and so on
//	after    it has returned, and Temporal has not been told
//
// In the folder the file "writes" gets a line with type and ID for each request that changed something.
type points struct {
	interceptor.WorkerInterceptorBase
	dir   string
	at    map[string]string
	write sync.Mutex
}

func init() {
	p := &points{dir: os.Getenv("CRASH_DIR"), at: map[string]string{}}
	for entry := range strings.SplitSeq(os.Getenv("CRASH_AT"), ",") {
		point, do, _ := strings.Cut(entry, "=")
		p.at[point] = do
	}
	if p.dir == "" {
		return
	}
	pointInterceptors = append(pointInterceptors, p)
	pointTransport = &pointRequests{points: p, next: http.DefaultTransport}
}

// place is the activity that a request belongs to.
type place struct {
	name   string
	mu     sync.Mutex
	writes int
}

type placeKey struct{}

// InterceptActivity puts the moments before and after around an activity.
func (p *points) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	i := &pointActivity{points: p}
	i.Next = next
	return i
}

type pointActivity struct {
	interceptor.ActivityInboundInterceptorBase
	points *points
}

// ExecuteActivity runs one attempt of an activity.
func (i *pointActivity) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	info := activity.GetInfo(ctx)
	at := &place{name: info.WorkflowType.Name + "/" + info.ActivityID}
	i.points.reach(at.name + "/before")
	result, err := i.Next.ExecuteActivity(context.WithValue(ctx, placeKey{}, at), in)
	i.points.reach(at.name + "/after")
	return result, err
}

type pointRequests struct {
	points *points
	next   http.RoundTripper
}

// RoundTrip sends a request and meets the moment effect when it changed something.
func (t *pointRequests) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(r)
	at, ok := r.Context().Value(placeKey{}).(*place)
	if !ok || err != nil || r.Method == http.MethodGet || response.StatusCode >= http.StatusBadRequest {
		return response, err
	}
	at.mu.Lock()
	at.writes++
	moment := "effect"
	if at.writes > 1 {
		moment = fmt.Sprintf("effect%d", at.writes)
	}
	at.mu.Unlock()
	t.points.wrote(at.name)
	t.points.reach(at.name + "/" + moment)
	return response, nil
}

// wrote notes that an activity changed something.
func (p *points) wrote(name string) {
	p.write.Lock()
	defer p.write.Unlock()
	f, err := os.OpenFile(filepath.Join(p.dir, "writes"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	if _, err := fmt.Fprintln(f, name); err != nil {
		panic(err)
	}
}

// reach stops the worker when this is a point of the list that nobody has met yet.
func (p *points) reach(point string) {
	do, listed := p.at[point]
	if !listed {
		return
	}
	marker := filepath.Join(p.dir, strings.ReplaceAll(point, "/", "_"))
	if _, err := os.Stat(marker + ".armed"); do == "hold" && err != nil {
		return
	}
	f, err := os.OpenFile(marker, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return // met already
	}
	_ = f.Close()
	if do == "kill" {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal takes a moment
	}
	for {
		if _, err := os.Stat(marker + ".go"); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}
