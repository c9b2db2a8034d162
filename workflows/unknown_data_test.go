package workflows_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
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
	b.env = map[string]string{"FEED_URL": f.url + "/text?sig=" + secretSignature, "CALLS_URL": f.url + "/calls?sig=" + secretSignature, "OPS_HOOK": b.env["OPS_HOOK"]}
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

// A check asks a server of data that did not answer once more, twenty minutes later, and waits for nothing else.
func TestASecondLookAtData(t *testing.T) {
	t.Parallel()
	const quick, late = time.Minute, 20 * time.Minute
	for name, tt := range map[string]struct {
		// looks are the answers to the looks at the training data, the last one stays.
		looks   []int
		changed bool
		// change and prepare change the request and the world.
		change   func(map[string]any)
		prepare  func(*bundle, *lifecycle.Report)
		outcome  string
		from, to time.Duration
		// unknown tells that it is said not to be known today, alarmed that a person hears of it.
		unknown, alarmed bool
	}{
		"all answered":                     {looks: []int{200}, outcome: workflows.RenewCurrent, to: quick},
		"all answered, with a change":      {looks: []int{200}, changed: true, outcome: workflows.RenewStarted, to: quick},
		"away at both looks":               {looks: []int{503}, outcome: workflows.RenewCurrent, from: late, to: late + quick, unknown: true, alarmed: true},
		"away at both looks, and changed":  {looks: []int{503}, changed: true, outcome: workflows.RenewCurrent, from: late, to: late + quick, unknown: true, alarmed: true},
		"away at the first look":           {looks: []int{403, 200}, outcome: workflows.RenewCurrent, from: late, to: late + quick},
		"away at the first look, changed":  {looks: []int{429, 200}, changed: true, outcome: workflows.RenewStarted, from: late, to: late + quick},
		"away when the check means to act": {looks: []int{200, 503}, changed: true, outcome: workflows.RenewCurrent, to: quick, unknown: true, alarmed: true},
		"away at the first look, and nobody listens": {
			looks: []int{403, 200}, outcome: workflows.RenewCurrent, from: late, to: late + quick,
			change: func(r map[string]any) { delete(r, "notify") },
		},
		"away at the first look, changed, and nobody listens": {
			looks: []int{403, 200}, changed: true, outcome: workflows.RenewStarted, from: late, to: late + quick,
			change: func(r map[string]any) { delete(r, "notify") },
		},
		"due anyway": {
			looks: []int{503}, outcome: workflows.RenewStarted, to: quick, unknown: true, alarmed: true,
			prepare: func(b *bundle, first *lifecycle.Report) {
				require.NoError(b.t, b.service.SetTime(b.t.Context(), first.Version.ExpiresAt.Add(-20*aDay)))
			},
		},
		"less time than that": {
			looks: []int{503}, outcome: workflows.RenewCurrent, from: 8 * time.Minute, to: 10 * time.Minute, unknown: true, alarmed: true,
			change: func(r map[string]any) { r["limits"] = map[string]any{"unavailable": "10m"} },
		},
		"no time for it": {
			looks: []int{503, 200}, outcome: workflows.RenewCurrent, to: quick, unknown: true,
			change: func(r map[string]any) { r["limits"] = map[string]any{"unavailable": "1m"}; delete(r, "notify") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, f := setup(t), newFeed(t)
			url, heard := receiver(t)
			b.env = map[string]string{"OPS_HOOK": url}
			change := b.fed(f, tt.change)
			first, err := b.again().retrain(change)
			require.NoError(t, err)
			b.ofAnEarlierRun(first.Version.ID)
			b.runs.states = map[string]lifecycle.RunState{}
			if tt.prepare != nil {
				tt.prepare(b, &first)
			}
			if tt.changed {
				f.holds(`"v2"`)
			}
			f.says(tt.looks[0], tt.looks...)
			told := len(heard())
			fired := &fired{prepare: func(env *bundle) {
				env.OnWorkflow(workflows.TypeRetrain, mock.Anything, mock.Anything).Return(lifecycle.Report{}, nil)
			}}
			report, err := b.fire(fired, b.request(change))
			require.NoError(t, err)
			require.Equal(t, tt.outcome, report.Outcome, report.Reason)
			require.GreaterOrEqual(t, fired.took, tt.from)
			require.LessOrEqual(t, fired.took, tt.to)
			require.Equal(t, tt.unknown, strings.Contains(strings.Join(report.Notes, "\n"), "not known today: the server of training[0] answered"), report.Notes)
			alarmed := false
			for _, message := range heard()[told:] {
				for _, alarm := range message.Alarms {
					alarmed = alarmed || strings.Contains(alarm.Message, "the server of training[0] answered")
				}
			}
			require.Equal(t, tt.alarmed, alarmed)
			require.NotContains(t, fmt.Sprint(report), "s3cr3t")
		})
	}
}

// What the first look showed of the model still holds when the service is away at the second.
func TestASecondLookThatFails(t *testing.T) {
	t.Parallel()
	b, f := setup(t), newFeed(t)
	change := b.fed(f, nil)
	first, err := b.again().retrain(change)
	require.NoError(t, err)
	b.ofAnEarlierRun(first.Version.ID)
	f.says(http.StatusServiceUnavailable)
	fired := &fired{prepare: func(env *bundle) {
		env.OnActivity("ObserveData", mock.Anything, mock.Anything).Return(nil, &speech.Error{Status: 401, Message: "Access denied."})
	}}
	report, err := b.fire(fired, b.request(change))
	require.NoError(t, err)
	require.Equal(t, workflows.RenewCurrent, report.Outcome)
	require.Contains(t, strings.Join(report.Notes, "\n"), "the data could not be looked at once more")
	require.Contains(t, strings.Join(report.Notes, "\n"), "not known today")
}

// A check that is canceled while it waits for its second look ends at once.
func TestACheckIsCanceledBeforeItsSecondLook(t *testing.T) {
	t.Parallel()
	b, f := setup(t), newFeed(t)
	change := b.fed(f, nil)
	first, err := b.again().retrain(change)
	require.NoError(t, err)
	b.ofAnEarlierRun(first.Version.ID)
	f.says(http.StatusServiceUnavailable)
	next := b.again()
	ids := next.started()
	next.RegisterDelayedCallback(next.CancelWorkflow, 5*time.Minute)
	next.SetStartWorkflowOptions(startOptions("check/desk"))
	next.ExecuteWorkflow(workflows.TypeRenew, b.request(change))
	var canceled interface{ Details(...any) error }
	require.ErrorAs(t, next.GetWorkflowError(), &canceled)
	require.Equal(t, []string{"observe"}, *ids)
}

// For two years a server of data is away for weeks, answers this and that, and comes back: nothing but an expiry and a
// real change of the content ever causes a training, and each expiry does in time.
func TestADataServerThatIsAwayForWeeks(t *testing.T) {
	t.Parallel()
	b := setup(t, func(_ *emulator.Settings, c *speech.Config) { c.NoQuota = true })
	f := newFeed(t)
	change := b.fed(f, nil)
	b.runs.states = map[string]lifecycle.RunState{}
	input := b.request(change)
	life := func(r lifecycle.Report) time.Time {
		at := b.service.Now().UTC().Truncate(aDay).Add(150*aDay + 15*time.Hour)
		require.NoError(t, b.service.Redate(r.Version.ID, nil, &at))
		b.ofAnEarlierRun(r.Version.ID)
		return at
	}
	base := func() {
		_, err := b.service.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US"})
		require.NoError(t, err)
	}
	base()
	first, err := b.again().retrain(change)
	require.NoError(t, err)
	expires := life(first)
	datasets := 1
	schedule := &fired{prepare: func(env *bundle) {
		env.OnWorkflow(workflows.TypeRetrain, mock.Anything, mock.Anything).Return(lifecycle.Report{}, nil)
	}}
	answers := []int{503, 403, 429, 404, 500, 302, 401, 410, 503, 504}
	renewedAway, changes, unknown := 0, 0, 0
	for day := range 730 {
		to := b.service.Now().UTC().Truncate(aDay).Add(aDay + 3*time.Hour)
		require.NoError(t, b.service.SetTime(t.Context(), to))
		if day%90 == 0 {
			base()
		}
		// Of sixty days the server is away for forty-five, and at the first look of one of the others.
		status := http.StatusOK
		if day%60 < 45 {
			status = answers[day%len(answers)]
		}
		switch day % 180 {
		case 20: // a change that nobody can see yet
			changes++
			f.holds(fmt.Sprintf(`"v%d"`, changes+1))
			f.says(status)
		case 50, 110, 170:
			f.says(http.StatusOK, answers[day%len(answers)], http.StatusOK)
		default:
			f.says(status)
		}
		schedule.at = b.service.Now()
		report, err := b.fire(schedule, input)
		require.NoError(t, err, day)
		away := status != http.StatusOK
		if away {
			unknown++
			require.Contains(t, strings.Join(report.Notes, "\n"), fmt.Sprintf("not known today: the server of training[0] answered %d", status), day)
		}
		left := expires.Sub(schedule.at)
		require.Positive(t, left, "day %d: the model has expired", day)
		seen := !away && changes > datasets-1
		due := left <= 40*aDay || seen
		require.Equal(t, due, report.Outcome == workflows.RenewStarted, "day %d, %s left, %d: %s", day, left, status, report.Reason)
		if !due {
			continue
		}
		made, err := b.again().retrain(change)
		require.NoError(t, err, day)
		require.Equal(t, lifecycle.Succeeded, made.Outcome)
		require.Equal(t, seen, made.Datasets[0].Created, day)
		if seen {
			datasets = changes + 1
		}
		if away {
			renewedAway++
		}
		expires = life(made)
	}
	require.Equal(t, 4, changes)
	require.Equal(t, changes+1, datasets, "every change was trained on, once its server told")
	require.Greater(t, unknown, 500)
	require.Positive(t, renewedAway, "an expiry while the server is away")
	raw, err := json.Marshal(b.service.Objects("dataset"))
	require.NoError(t, err)
	require.NotContains(t, string(raw), "s3cr3t")
}
