package activities_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"speech-retrainer/activities"
	shared "speech-retrainer/internal/bundle"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// bundle is a Speech service that holds what a test puts there, with any marks, and the activities of an installation
// whose owner is "ours" and whose home is lifecycle.TestHome. The service's clock stands: it moves with settle and
// advance only. Every exchange is held against the service's contract.
type bundle struct {
	t       *testing.T
	service *emulator.Server
	// hand speaks to the service as a person would, beside the activities.
	hand  *speech.Client
	runs  *knownRuns
	doing *activities.Activities
	// env are the variables of the worker.
	env      map[string]string
	url      string
	bases    map[string]speech.Ref
	datasets map[string]string
	// names are the display names of what was put there, by ID.
	names map[string]string

	mu    sync.Mutex
	hooks []hook
	// began is how many exchanges the service had seen when the last activity began.
	began int
}

// hook is called once, when a request of the method and path has been answered.
type hook struct {
	method, path string
	do           func()
}

// lag is what the activities are told that lists may lag behind. What a test makes visible meanwhile it makes visible
// by a hook, so that no test waits for it.
const lag = 10 * time.Millisecond

func setup(t *testing.T, change ...func(*emulator.Settings)) *bundle {
	t.Helper()
	settings := emulator.Plain()
	settings.RateLimit, settings.RetryAfter = 0, 0
	for _, f := range change {
		f(&settings)
	}
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "text.txt"), []byte("\ufeffthe nacelle is too hot\nfeather the blades now\n"), 0o600))
	audio, err := os.ReadFile(filepath.Join("..", "examples", "data", "testing", "audio-and-trans.zip"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "audio.zip"), audio, 0o600))
	began := time.Now()
	service := shared.Service(t, emulator.Options{Settings: settings, Frozen: true, Files: folder, RealNow: func() time.Time { return began }})
	b := &bundle{
		t: t, service: service, runs: &knownRuns{}, bases: map[string]speech.Ref{}, datasets: map[string]string{}, names: map[string]string{},
	}
	b.url = shared.Serve(t, b)
	b.hand = shared.Client(t, b.url, "by hand")
	b.doing = activities.New(activities.Options{
		Speech: shared.Client(t, b.url, "ours"), Owner: "ours", ListLag: lag, Pace: time.Millisecond, Runs: b.runs,
		Getenv: func(name string) string { return b.env[name] },
		Now:    service.Now,
		// The service's clock jumps by days: nothing is remembered, each look reads everything.
		SnapshotAge: time.Nanosecond,
	})
	return b
}

// ServeHTTP passes a request on to the service, then calls the hook that waits for it.
func (b *bundle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	b.service.ServeHTTP(answer, r)
	if do := b.hooked(r); do != nil {
		do()
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func (b *bundle) hooked(r *http.Request) func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, h := range b.hooks {
		if r.Method == h.method && strings.HasPrefix(r.URL.Path, "/speechtotext/"+h.path) {
			b.hooks = slices.Delete(b.hooks, i, i+1)
			return h.do
		}
	}
	return nil
}

// after calls do once, when the first request of the method and path has been answered: the sender knows it no sooner.
func (b *bundle) after(method, path string, do func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hooks = append(b.hooks, hook{method, path, do})
}

// afterFreshLook calls do when an activity has looked, found something to do, and has looked afresh: here, where nothing
// is remembered, that lists everything three times, datasets last.
func (b *bundle) afterFreshLook(do func()) {
	for range 2 {
		b.after(http.MethodGet, "datasets", func() {})
	}
	b.after(http.MethodGet, "datasets", do)
}

// advance moves the service's clock, which lets its jobs end and its lists catch up.
func (b *bundle) advance(by time.Duration) {
	require.NoError(b.t, b.service.Advance(b.t.Context(), by))
}

// run runs one activity, and reads what it returns unless result is nil.
func (b *bundle) run(activity, input, result any) error {
	b.t.Helper()
	b.began = len(b.service.Requests())
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	activities.Register(env, b.doing)
	value, err := env.ExecuteActivity(activity, input)
	if err != nil || result == nil {
		return err
	}
	return value.Get(result)
}

// scope is that of the run in the test environment, for the model desk.
func scope() activities.Scope {
	return activities.Scope{Model: "desk", Locale: "en-US", Run: lifecycle.RunMark(lifecycle.TestHome, thisRun)}
}

// thisRun is the ID of every run in the SDK's test environment.
const thisRun = "default-test-run-id"

// sent are the names of the objects to which the last activity has sent a request of the method, whatever the service
// answered: a delete that only the service's refusal has stopped is no better. Sorted, each once.
func (b *bundle) sent(method string) []string {
	names := []string{}
	for _, e := range b.service.Requests()[b.began:] {
		name := b.names[e.Path[strings.LastIndex(e.Path, "/")+1:]]
		if e.Method == method && name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// posted is how many objects the last activity has created of a kind, as the path names it.
func (b *bundle) posted(path string) int {
	n := 0
	for _, e := range b.service.Requests()[b.began:] {
		if e.Method == http.MethodPost && e.Path == "/speechtotext/"+path {
			n++
		}
	}
	return n
}

// marksOf are the properties of an object that is there.
func (b *bundle) marksOf(id string) map[string]string {
	b.t.Helper()
	for _, o := range b.service.Objects("") {
		if o.ID == id {
			return o.CustomProperties
		}
	}
	require.Fail(b.t, "it is gone", "%s %q", id, b.names[id])
	return nil
}

// stateOf is the mark sr.state.
// today is what sr.verdict says of a version that serves since the service's today.
func (b *bundle) today() string { return "at:" + b.service.Now().UTC().Format(time.DateOnly) }

func (b *bundle) stateOf(id string) string { return b.marksOf(id)[lifecycle.MarkState] }

// knownRuns is a Temporal that knows what a test says; of any other run it knows nothing.
type knownRuns struct {
	idle

	states map[string]lifecycle.RunState
	// closed is when runs have ended.
	closed time.Time
	// live is what schedules and runs that go on name; a schedule is found by its model's name.
	live []lifecycle.LiveRequest
}

func (r *knownRuns) State(_ context.Context, _, run string) (lifecycle.RunKnown, error) {
	switch s, ok := r.states[run]; {
	case !ok:
		return lifecycle.RunKnown{State: lifecycle.RunUnknown}, nil
	case s == lifecycle.RunActive:
		return lifecycle.RunKnown{State: s}, nil
	default:
		return lifecycle.RunKnown{State: s, ClosedAt: r.closed}, nil
	}
}

func (r *knownRuns) Live(context.Context) ([]lifecycle.LiveRequest, error) { return r.live, nil }

func (r *knownRuns) Scheduled(_ context.Context, model string) (lifecycle.LiveRequest, bool, error) {
	for _, l := range r.live {
		if l.Name == model {
			return l, true, nil
		}
	}
	return lifecycle.LiveRequest{}, false, nil
}

// run is the mark of a run of this home.
func run(id string) string { return lifecycle.RunMark(lifecycle.TestHome, id) }
