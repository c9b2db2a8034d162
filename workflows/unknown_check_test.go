package workflows_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// withoutItsData is the world of a model with a champion, whose server of data has gone away since.
func withoutItsData(t *testing.T) (*bundle, func(map[string]any)) {
	t.Helper()
	b, f := setup(t), newFeed(t)
	change := b.fed(f, nil)
	first, err := b.again().retrain(change)
	require.NoError(t, err)
	b.ofAnEarlierRun(first.Version.ID)
	f.says(http.StatusServiceUnavailable)
	return b, change
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
		"all answered":                {looks: []int{200}, outcome: workflows.RenewCurrent, to: quick},
		"all answered, with a change": {looks: []int{200}, changed: true, outcome: workflows.RenewStarted, to: quick},
		"away at both looks":          {looks: []int{503}, outcome: workflows.RenewCurrent, from: late, to: late + quick, unknown: true, alarmed: true},
		"away at both looks, and changed": {
			looks: []int{503}, changed: true, outcome: workflows.RenewCurrent,
			from: late, to: late + quick, unknown: true, alarmed: true,
		},
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
	b, change := withoutItsData(t)
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
	b, change := withoutItsData(t)
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
	input := b.request(func(r map[string]any) {
		change(r)
		r["renew"].(map[string]any)["window"] = "0s"
	})
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
