package workflows_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// feed is a server of data, text at /text and calls at /calls, that answers as a test says.
type feed struct {
	url string

	mu     sync.Mutex
	status int
	etag   string
	// then are the answers to the next looks, in place of status; the last one stays.
	then []int
}

func newFeed(t *testing.T) *feed {
	t.Helper()
	calls, err := os.ReadFile(filepath.Join("..", "examples", "data", "testing", "audio-and-trans.zip"))
	require.NoError(t, err)
	f := &feed{status: http.StatusOK, etag: `"v1"`}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		if r.Method == http.MethodHead && len(f.then) > 0 {
			f.status, f.then = f.then[0], f.then[1:]
		}
		status, etag := f.status, f.etag
		f.mu.Unlock()
		w.Header().Set("ETag", etag)
		w.WriteHeader(status)
		switch {
		case status != http.StatusOK || r.Method == http.MethodHead:
		case r.URL.Path == "/calls":
			_, _ = w.Write(calls)
		default:
			_, _ = fmt.Fprint(w, "\ufeffthe nacelle is too hot\nfeather the blades now\nthe yaw drive is stuck\n")
		}
	}))
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// says changes the answer, and those to the next looks.
func (f *feed) says(status int, then ...int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status, f.then = status, then
}

// holds changes the content.
func (f *feed) holds(etag string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.etag = etag
}

// fed is a request for the data of a feed, by a signed link in the worker's environment.
func (b *bundle) fed(f *feed, change func(map[string]any)) func(map[string]any) {
	b.env = map[string]string{
		"FEED_URL": f.url + "/text?sig=" + secretSignature, "CALLS_URL": f.url + "/calls?sig=" + secretSignature,
		"OPS_HOOK": b.env["OPS_HOOK"],
	}
	return func(r map[string]any) {
		r["training"] = []any{map[string]any{"name": "text", "kind": "Language", "contentUrlFrom": map[string]any{"env": "FEED_URL"}}}
		r["renew"] = map[string]any{"before": "40d", "onNewBaseModel": false}
		r["limits"] = map[string]any{"unavailable": "1h"}
		if b.env["OPS_HOOK"] != "" {
			hooked(r)
		}
		if change != nil {
			change(r)
		}
	}
}

const secretSignature = "never-to-be-seen-s3cr3t"

// tested adds a test whose data is the feed's.
func tested(r map[string]any) {
	r["tests"] = []any{map[string]any{"name": "calls", "kind": "Acoustic", "contentUrlFrom": map[string]any{"env": "CALLS_URL"}, "maxWordErrorRate": 1}}
}

// A retrain whose data nobody has, and whose server does not answer, is refused before anything is made.
func TestARetrainOfDataThatNobodyHas(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		test           bool
		path, variable string
	}{
		"to train on":  {path: "training[0]", variable: "FEED_URL"},
		"to test with": {test: true, path: "tests[0]", variable: "CALLS_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, f := setup(t), newFeed(t)
			change := b.fed(f, func(r map[string]any) {
				r["project"] = "Desk"
				if tt.test {
					tested(r)
					r["training"] = []any{map[string]any{"name": "text", "kind": "Language", "contentUrl": b.url + "/files/text.txt"}}
				}
			})
			f.says(http.StatusForbidden)
			plan, _, err := check[lifecycle.Plan](b, workflows.TypePlan, b.request(change))
			require.NoError(t, err)
			report, err := b.again().retrain(change)
			require.Error(t, err)
			require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
			require.Contains(t, report.Error.Message, "the server of "+tt.path+" answered 403 Forbidden (variable "+tt.variable+", 127.0.0.1:")
			require.Equal(t, tt.path+".contentUrlFrom.env", report.Error.Problems[0].Path)
			require.Equal(t, lifecycle.StageValidate, *report.Stage)
			require.Equal(t, report.Error.Message, plan.Error.Message, "the plan said so")
			for _, e := range b.service.Requests() {
				require.Equal(t, http.MethodGet, e.Method, "%s %s", e.Method, e.Path)
			}
			require.NotContains(t, fmt.Sprint(report, *report.Error.Next, plan, err), "s3cr3t")
		})
	}
}

// A link that has expired lets no model expire: what was made from it before is used, and a person hears of it.
func TestARetrainGoesOnWithWhatStandsForItsData(t *testing.T) {
	t.Parallel()
	b, f := setup(t), newFeed(t)
	url, heard := receiver(t)
	b.env = map[string]string{"OPS_HOOK": url}
	change := b.fed(f, tested)
	first, err := b.again().retrain(change)
	require.NoError(t, err)
	require.Equal(t, []bool{true, true}, []bool{first.Datasets[0].Created, first.Datasets[1].Created})
	for i, d := range b.service.Objects("dataset") {
		require.Len(t, d.CustomProperties["sr.source"], 16, i)
	}
	b.ofAnEarlierRun(first.Version.ID)
	told := len(heard())

	f.says(http.StatusForbidden)
	second, err := b.again().retrain(change)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, second.Outcome)
	require.Len(t, b.service.Objects("dataset"), 2)
	notes := strings.Join(second.Notes, "\n")
	for i, path := range []string{"training[0]", "tests[0]"} {
		require.Equal(t, first.Datasets[i].ID, second.Datasets[i].ID)
		require.Equal(t, first.Datasets[i].Content, second.Datasets[i].Content)
		require.False(t, second.Datasets[i].Created)
		require.Contains(t, notes, "the server of "+path+" answered 403 Forbidden")
		require.Contains(t, notes, fmt.Sprintf("dataset %q is used", first.Datasets[i].DisplayName))
	}
	require.NotContains(t, notes, "ETag")
	require.Greater(t, len(heard()), told)
	alarm := heard()[told]
	require.Equal(t, lifecycle.EventExpiring, alarm.Event)
	require.Len(t, alarm.Alarms, 2)
	require.Equal(t, []string{lifecycle.AlarmData, lifecycle.AlarmData}, []string{alarm.Alarms[0].Kind, alarm.Alarms[1].Kind})
	require.Contains(t, alarm.Summary, "the server of training[0] answered 403 Forbidden")
	require.Contains(t, alarm.Summary, first.Version.ID[:8]+" lives until ")
	require.NotContains(t, fmt.Sprint(second, alarm), "s3cr3t")
	inputs := map[string]bool{}
	for _, m := range b.models() {
		inputs[m.CustomProperties["sr.input"]] = true
	}
	require.Len(t, inputs, 1, "what stands for the data counts as what it holds")
}

// A server of data without validators changes nothing by itself: what was made from its URL is used again.
func TestARetrainOfDataWithoutValidators(t *testing.T) {
	t.Parallel()
	b, f := setup(t), newFeed(t)
	change := b.fed(f, nil)
	first, err := b.again().retrain(change)
	require.NoError(t, err)
	b.ofAnEarlierRun(first.Version.ID)
	f.holds("")
	second, err := b.again().retrain(change)
	require.NoError(t, err)
	require.Equal(t, first.Datasets[0].ID, second.Datasets[0].ID)
	require.Contains(t, strings.Join(second.Notes, "\n"), "neither ETag nor Last-Modified, so a change of the content cannot be seen")
}
