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

	"speech-retrainer/internal/speech"
)

// A build for the campaigns. CRASH_AT lists points, separated by commas, each the type of a workflow, the ID of one
// of its activities, a moment, and what to do: "Retrain/create-version/effect=kill". CRASH_DIR is a folder that all
// workers of one case share: each point is met once, by whoever comes first, and is remembered there as a file.
// The file holds its process ID. At "kill" the worker dies as by kill -9. At "hold" it waits until the file NAME.go
// appears, but only if there is a file NAME.armed when it comes there.
//
// The moments of an activity:
//
//	before   it has been started, none of it has run
//	queue    the same; it goes on in a queue: behind the requests of an older run. When it has returned there is a
//	         file NAME.over
//	effect   the answer to its first request that changes something has come; effect2 to its second, and so on
//	after    it has returned, and Temporal has not been told
//
// In the folder the file "writes" gets a line with type and ID for each request that changed something, and the file
// "posts" one with type, ID and process ID for each POST before it leaves.
type points struct {
	interceptor.WorkerInterceptorBase
	dir    string
	at     map[string]string
	write  sync.Mutex
	speech *speech.Client
}

// crowd is how many requests stand in the queue before one at the moment queue: more than the burst, and few enough that
// a create is through before it goes back, also at a third of the quota.
const crowd = 100

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
	pointClient = func(c *speech.Client) { p.speech = c }
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
	if queue := at.name + "/queue"; i.points.reach(queue) {
		defer i.points.create(i.points.marker(queue) + ".over")
		i.points.queue()
	}
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
	at, ok := r.Context().Value(placeKey{}).(*place)
	if ok && r.Method == http.MethodPost {
		t.points.note("posts", fmt.Sprintf("%s %d", at.name, os.Getpid()))
	}
	response, err := t.next.RoundTrip(r)
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
	t.points.note("writes", at.name)
	t.points.reach(at.name + "/" + moment)
	return response, nil
}

// queue puts requests before those of any run. It returns when they stand there: the first has been answered.
func (p *points) queue() {
	// Of no run, and so of the oldest; once one has had its turn, all go on before who has had none.
	ctx := speech.From(context.Background(), speech.Caller{})
	answered := make(chan struct{}, crowd)
	for range crowd {
		go func() {
			_, _, _ = p.speech.ListModelLocales(ctx) // that it took its turn is all that is wanted
			answered <- struct{}{}
		}()
	}
	<-answered
}

// note writes a line into a file of the folder.
func (p *points) note(file, line string) {
	p.write.Lock()
	defer p.write.Unlock()
	f, err := os.OpenFile(filepath.Join(p.dir, file), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	if _, err := fmt.Fprintln(f, line); err != nil {
		panic(err)
	}
}

func (p *points) marker(point string) string {
	return filepath.Join(p.dir, strings.ReplaceAll(point, "/", "_"))
}

// create makes a file that holds the process ID; false when there is one already.
func (p *points) create(path string) bool {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return false
	}
	defer f.Close()
	if _, err := fmt.Fprintln(f, os.Getpid()); err != nil {
		panic(err)
	}
	return true
}

// reach stops the worker when this is a point of the list that nobody has met yet, and tells whether it was.
func (p *points) reach(point string) bool {
	do, listed := p.at[point]
	if !listed {
		return false
	}
	marker := p.marker(point)
	if _, err := os.Stat(marker + ".armed"); do == "hold" && err != nil {
		return false
	}
	if !p.create(marker) {
		return false // met already
	}
	if do == "kill" {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal takes a moment
	}
	for {
		if _, err := os.Stat(marker + ".go"); err == nil {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
}
