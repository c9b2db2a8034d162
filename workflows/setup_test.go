package workflows_test

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"speech-retrainer/activities"
	shared "speech-retrainer/internal/bundle"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// bundle is one workflow environment under time skipping, with the real activities on a local Speech
// service. Every exchange is held against the service's contract.
type bundle struct {
	*testsuite.TestWorkflowEnvironment

	t       *testing.T
	service *emulator.Server
	url     string
	runs    *knownRuns
	config  speech.Config
	// env are further variables of the worker.
	env map[string]string
	// listLag is what the worker is told that lists may lag behind; 50 ms when zero.
	listLag time.Duration
	// snapshotAge is how old a look may be for those who only look; activities.SnapshotAge when zero. The SDK's test
	// environment jumps over days in which no real time passes: whoever counts on them must not look at what is old.
	snapshotAge time.Duration
	// datasetQuota and endpointQuota are what the worker is told of the resource; not known when zero.
	datasetQuota, endpointQuota int
	// metrics is what counts; nobody does when nil.
	metrics client.MetricsHandler
}

const aDay = 24 * time.Hour

// option changes the world before it begins.
type option func(*emulator.Settings, *speech.Config)

// virtualSpeed lets the service's jobs of some seconds end between two looks.
const virtualSpeed = 50

// patience is the limit of whatever counts the time of the machine, which may have much else to do: of a request, of a
// wait, and of a workflow task, which the SDK takes for a deadlock after a second.
const patience = shared.Patience

func setup(t *testing.T, options ...option) *bundle {
	t.Helper()
	settings := emulator.Plain()
	settings.RateLimit, settings.RetryAfter = 0, 0
	config := speech.Config{Access: resource.Access{Key: "test"}, Timeout: patience}
	for _, o := range options {
		o(&settings, &config)
	}
	service := shared.Service(t, emulator.Options{Settings: settings, Speed: virtualSpeed, Files: dataFolder(t)})
	config.Endpoint = shared.Serve(t, service)
	b := &bundle{t: t, service: service, url: config.Endpoint, runs: &knownRuns{}, config: config}
	return b.again()
}

// again is a fresh workflow environment in the same world.
func (b *bundle) again() *bundle {
	b.t.Helper()
	service, err := speech.New(b.config)
	require.NoError(b.t, err)
	var suite testsuite.WorkflowTestSuite
	next := *b
	if b.metrics != nil {
		suite.SetMetricsHandler(b.metrics)
	}
	next.TestWorkflowEnvironment = suite.NewTestWorkflowEnvironment()
	next.SetTestTimeout(patience)
	next.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: patience})
	workflows.Register(next.TestWorkflowEnvironment, workflows.Options{SearchAttributes: func() bool { return true }})
	activities.Register(next.TestWorkflowEnvironment, activities.New(activities.Options{
		Speech: service, Owner: "tests", ListLag: cmp.Or(b.listLag, 50*time.Millisecond), Pace: 20 * time.Millisecond, Runs: b.runs,
		SnapshotAge: b.snapshotAge, DatasetQuota: b.datasetQuota, EndpointQuota: b.endpointQuota,
		Getenv: func(name string) string {
			if name == "DATA_URL" {
				return b.url + "/files/text.txt"
			}
			return b.env[name]
		},
	}))
	return &next
}

// dataFolder is what the service serves at /files/.
func dataFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("\ufeff"+text), 0o600))
	}
	write("text.txt", "the nacelle is too hot\nfeather the blades now\nthe yaw drive is stuck\n")
	for _, name := range []string{"training/related-text.txt", "testing/audio-and-trans.zip"} {
		content, err := os.ReadFile(filepath.Join("..", "examples", "data", name))
		require.NoError(t, err)
		path := filepath.Join(folder, "examples", name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, content, 0o600))
	}
	return folder
}

// knownRuns is a Temporal that knows what a test says.
type knownRuns struct {
	states map[string]lifecycle.RunState
	stage  lifecycle.Stage
	// running is the first run ID of the retrain that goes on.
	running string
	// live are the requests of schedules and of runs that go on.
	live []lifecycle.LiveRequest
	// asked is called when somebody asks for it, unless nil.
	asked func()
}

func (r *knownRuns) Running(context.Context, string) (string, error) {
	if r.asked != nil {
		r.asked()
	}
	return r.running, nil
}

func (r *knownRuns) Alive(context.Context, []byte, lifecycle.Pulse) error { return nil }

func (r *knownRuns) Stage(context.Context, string) (lifecycle.Stage, error) { return r.stage, nil }

func (r *knownRuns) State(_ context.Context, _, run string) (lifecycle.RunKnown, error) {
	if s, ok := r.states[run]; ok {
		return lifecycle.RunKnown{State: s, ClosedAt: time.Now().Add(-aDay)}, nil
	}
	return lifecycle.RunKnown{State: lifecycle.RunActive}, nil
}

func (r *knownRuns) Scheduled(_ context.Context, model string) (lifecycle.LiveRequest, bool, error) {
	for _, l := range r.live {
		if l.Name == model {
			return l, true, nil
		}
	}
	return lifecycle.LiveRequest{}, false, nil
}

func (r *knownRuns) Live(context.Context) ([]lifecycle.LiveRequest, error) { return r.live, nil }

// request is the smallest useful one; change edits it.
func (b *bundle) request(change func(map[string]any)) json.RawMessage {
	request := map[string]any{
		"name": "desk", "locale": "en-US",
		"training": []any{map[string]any{"name": "text", "kind": "Language", "contentUrl": b.url + "/files/text.txt"}},
		"limits":   map[string]any{"unavailable": "2m"},
	}
	if change != nil {
		change(request)
	}
	raw, err := json.Marshal(request)
	require.NoError(b.t, err)
	return raw
}

// retrain runs a retrain to its end.
func (b *bundle) retrain(change func(map[string]any)) (lifecycle.Report, error) {
	b.t.Helper()
	b.SetStartWorkflowOptions(startOptions("retrain/desk"))
	b.ExecuteWorkflow(workflows.TypeRetrain, b.request(change))
	require.True(b.t, b.IsWorkflowCompleted())
	return b.result()
}

// result is the report of the run, wherever its ending carries it.
func (b *bundle) result() (lifecycle.Report, error) {
	b.t.Helper()
	var report lifecycle.Report
	err := b.GetWorkflowError()
	var application *temporal.ApplicationError
	var canceled *temporal.CanceledError
	switch {
	case err == nil:
		require.NoError(b.t, b.GetWorkflowResult(&report))
	case asCanceled(err, &canceled):
		require.NoError(b.t, canceled.Details(&report))
	default:
		require.ErrorAs(b.t, err, &application)
		require.NoError(b.t, application.Details(&report))
		require.Equal(b.t, string(report.Error.Type), application.Type())
	}
	return report, err
}

// client speaks to the service as a hand would, beside the run.
func (b *bundle) client() *speech.Client {
	return shared.Client(b.t, b.url, "by hand")
}

// models are all versions on the service.
func (b *bundle) models() []speech.CustomModel {
	b.t.Helper()
	list, _, err := b.client().ListModels(b.t.Context(), speech.Filter{})
	require.NoError(b.t, err)
	return list
}

// OnActivityStarted calls f once, when an activity of the type begins.
func (b *bundle) OnActivityStarted(name string, f func()) {
	var once sync.Once
	b.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		if info.ActivityType.Name == name {
			once.Do(f)
		}
	})
}

// sent counts requests of a method on a path.
func (b *bundle) sent(method, path string) int {
	n := 0
	for _, e := range b.service.Requests() {
		if e.Method == method && e.Path == "/speechtotext"+path {
			n++
		}
	}
	return n
}
