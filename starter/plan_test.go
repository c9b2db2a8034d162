package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// planOf is a plan; of the model "two" it says due.
func planOf(request lifecycle.Request) (lifecycle.Plan, error) {
	due := request.Name == "two"
	reason := "nothing is due before 2027-05-01"
	if due {
		reason = "the champion expires on 2026-08-19, within the lead of 44 days; so a retrain is due, and this reason goes on for more than one line"
	}
	family := ""
	var tests []lifecycle.ObservedData
	var versions []lifecycle.Version
	if request.Name == "one" {
		family = lifecycle.FamilyWhisper
		request.Tests = []lifecycle.Test{
			{Data: lifecycle.Data{Name: "calls"}, MinWords: 50},
			{Data: lifecycle.Data{Name: "names"}, MinWords: 50, MaxWordErrorRate: lifecycle.Ptr(0.3)},
			{Data: lifecycle.Data{Name: "look"}, Inspect: true},
		}
		tests = []lifecycle.ObservedData{{Label: "calls", DatasetID: "d1"}, {Label: "names"}, {Label: "look"}}
		versions = []lifecycle.Version{{Tests: []lifecycle.ObservedTest{{
			DatasetID: "d1", Words: lifecycle.Ptr[int64](504), WordErrorRate: lifecycle.Ptr(0.03), Compared: lifecycle.Ptr(0.03),
		}}}}
	}
	created, expires := lifecycle.Ptr(sample.At(-330*24*time.Hour)), lifecycle.Ptr(sample.At(21*24*time.Hour))
	if !due {
		created, expires = lifecycle.Ptr(sample.At(-30*24*time.Hour)), lifecycle.Ptr(sample.At(300*24*time.Hour))
	}
	versions = append(versions, lifecycle.Version{
		ID: sample.VersionID, DisplayName: request.Name + " 2025-09-01 1a2b3c4d", State: lifecycle.StateChampion, Status: lifecycle.StatusSucceeded,
		CreatedAt: created, ExpiresAt: expires, EndedAt: lifecycle.Ptr(created.Add(90 * time.Minute)), BaseModelID: "b0",
	})
	request.Deploy = &lifecycle.Deploy{Endpoint: request.Name}
	return lifecycle.NewPlan(request, lifecycle.Planned{
		Observed: lifecycle.Observed{
			Now: sample.At(0), Owner: "ours", Tests: tests, Versions: versions, Endpoint: &lifecycle.ObservedEndpoint{ID: "e0", DisplayName: request.Name},
			Serving: &lifecycle.Model{
				ID: sample.VersionID, DisplayName: request.Name + " 2025-09-01 1a2b3c4d", Custom: true, BaseID: "b0", CreatedAt: *created, ExpiresAt: expires,
			},
			Bases: []lifecycle.Model{{ID: "b0", DisplayName: "20250801 Batch Transcription", AdaptationEndsAt: lifecycle.Ptr(sample.At(60 * 24 * time.Hour))}},
		},
		Due: lifecycle.DueAnswer{
			Due: due, Reason: reason, NextCheck: lifecycle.Ptr(sample.At(24 * time.Hour)), Lead: lifecycle.Duration(44 * 24 * time.Hour),
			LeadReason: "7 days of training and 37 days around it",
		},
		Base: &lifecycle.Model{ID: sample.BaseID, DisplayName: "20260401 Batch Transcription"},
		Report: &lifecycle.BaseReport{
			ID: sample.BaseID, DisplayName: "20260401 Batch Transcription", Family: lifecycle.Text(family), Reason: "the newest usable of 3",
			Charged: lifecycle.Ptr(true),
		},
		Refused: []lifecycle.Refusal{{ID: "0", DisplayName: "20240101 \x1b[31mold", Reason: "its adaptation date has passed"}},
		Alarms:  []lifecycle.Alarm{{Kind: lifecycle.AlarmExpiring, Message: "it expires soon", Next: "look at it"}},
	}), nil
}

// nobodyHears is what a fleet without a web hook is told.
const nobodyHears = `warning: nobody will be told when something is amiss: no model has a notify
  that listens to failed or expiring; add to the defaults: notify: [{urlFrom:
  {env: OPS_WEBHOOK}, on: [failed, expiring]}]
`

func TestPlan(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, golden string
		args         []string
		code         int
	}{
		{name: "a fleet with one due", golden: "plan-fleet", code: exit.Changes},
		{name: "nothing due, the whole plan of one", golden: "plan-one", args: []string{"one"}, code: exit.Done},
		{name: "all of it", golden: "plan-verbose", args: []string{"--verbose"}, code: exit.Changes},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := &fakeTemporal{plan: planOf}
			got := executeOptions(t.Context(), f, Options{Args: append([]string{"plan", "-f", "-"}, tc.args...), Stdin: strings.NewReader(sample.TwoModels)})
			require.Equal(t, tc.code, got.code, got.stderr)
			require.Equal(t, nobodyHears, got.stderr)
			require.NotContains(t, got.stdout, "\x1b")
			sample.Narrow(t, got.stdout)
			sample.Golden(t, tc.golden, got.stdout)
			for asked := range f.planned {
				require.True(t, strings.HasPrefix(asked, "west "), asked)
			}
		})
	}
}

func TestPlanJSON(t *testing.T) {
	t.Parallel()
	got := executeOptions(t.Context(), &fakeTemporal{plan: planOf},
		Options{Args: []string{"plan", "-f", "-", "-o", "json"}, Stdin: strings.NewReader(sample.TwoModels)})
	require.Equal(t, exit.Changes, got.code, got.stderr)
	var shown shownPlans
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &shown))
	require.Len(t, shown.Plans, 2)
	require.Equal(t, "one", shown.Plans[0].Name, "in the order of the fleet")
	require.True(t, shown.Plans[1].Due)
	require.Len(t, shown.Months, 12)
	require.Equal(t, []string{"2026-07", "USD", "2026-07-29"}, []string{shown.Months[0].Month, shown.Months[0].Currency, *shown.Months[0].PeakDay})
	require.Contains(t, got.stdout, `"observedAt": "2026-07-29T12:00:00Z"`)
}

// One model that cannot be planned does not hide the others, and is told once.
func TestPlanFails(t *testing.T) {
	t.Parallel()
	f := &fakeTemporal{plan: func(request lifecycle.Request) (lifecycle.Plan, error) {
		if request.Name == "one" {
			cause := lifecycle.Failure{Type: lifecycle.Unauthorized, Message: "the key is wrong", Next: lifecycle.Ptr("check SPEECH_KEY of the worker")}
			return lifecycle.Plan{}, asServer(temporal.NewApplicationErrorWithOptions(cause.Message, string(cause.Type),
				temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{cause}}))
		}
		return planOf(request)
	}}
	got := executeOptions(t.Context(), f, Options{Args: []string{"plan", "-f", "-"}, Stdin: strings.NewReader(sample.TwoModels)})
	require.Equal(t, exit.Failed, got.code)
	require.Contains(t, got.stdout, "two ")
	require.Contains(t, got.stdout, "2 models, 1 due, 1 not planned")
	require.Equal(t, nobodyHears+"starter: plan one: the key is wrong; check SPEECH_KEY of the worker\n", got.stderr)

	got = executeOptions(t.Context(), f, Options{Args: []string{"plan", "-f", "-", "-o", "json"}, Stdin: strings.NewReader(sample.TwoModels)})
	require.Equal(t, exit.Failed, got.code)
	require.Equal(t, lifecycle.Unauthorized, got.report(t).Error.Type)

	f.plan = func(lifecycle.Request) (lifecycle.Plan, error) { return lifecycle.Plan{}, errors.New("lost") }
	got = executeOptions(t.Context(), f, Options{Args: []string{"plan", "-f", "-"}, Stdin: strings.NewReader(sample.TwoModels)})
	require.Equal(t, exit.Unreachable, got.code)
	require.Equal(t, 2, strings.Count(got.stderr, "starter: "), got.stderr)
}

func TestPlanRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ file, says string }{
		"a bad fleet":    {strings.Replace(sample.TwoModels, "timeout: 2h", "timeout: soon", 1), ":10: models[0].approval.timeout"},
		"a bad request":  {"name: one\nlocale: en-US\ntraining: []\n", ":3: training"},
		"neither":        {"hello: world\n", "models: at least one model is required"},
		"no YAML":        {"a: [", "is not valid YAML"},
		"a missing file": {"name: one\nlocale: en-US\ntraining: [{name: text, kind: Language, file: no-such-file.txt}]\n", "cannot read no-such-file.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeTemporal{plan: planOf}
			got := executeOptions(t.Context(), f, Options{Args: []string{"plan", "-f", "-"}, Stdin: strings.NewReader(tc.file)})
			require.Equal(t, exit.Refused, got.code, got.stderr)
			require.Contains(t, got.stderr, tc.says)
			require.Empty(t, f.planned)
		})
	}
	got := executeOptions(t.Context(), &fakeTemporal{plan: planOf},
		Options{Args: []string{"plan", "-f", "-", "three"}, Stdin: strings.NewReader(sample.TwoModels)})
	require.Equal(t, exit.Refused, got.code)
	require.Contains(t, got.stderr, "has no model three")
}

// A local file is known by its content: the plan names the dataset that its upload would have, and uploads nothing.
func TestPlanOfARequestWithAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text, request := filepath.Join(dir, "text.txt"), filepath.Join(dir, "request.yaml")
	require.NoError(t, os.WriteFile(text, []byte("hello world\n"), 0o600))
	require.NoError(t, os.WriteFile(request, []byte("name: solo\nlocale: en-US\ntraining: [{name: text, kind: Language, file: text.txt}]\n"), 0o600))
	f := &fakeTemporal{plan: planOf}
	dataset := func() string {
		got := execute(t.Context(), f, "plan", "-f", request, "--task-queue", "east")
		require.Equal(t, exit.Done, got.code, got.stderr)
		var sent struct {
			Training []struct{ Dataset, File string }
		}
		require.NoError(t, json.Unmarshal(f.planned["east solo"], &sent))
		require.Empty(t, sent.Training[0].File)
		return sent.Training[0].Dataset
	}
	before := dataset()
	require.Regexp(t, `^text [0-9a-f]{12}$`, before)
	require.Equal(t, before, dataset(), "the same content, the same name")
	require.NoError(t, os.WriteFile(text, []byte("hello moon\n"), 0o600))
	require.NotEqual(t, before, dataset())
}

func TestPlanCalendar(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "models.ics")
	f := &fakeTemporal{plan: planOf}
	plan := func(args ...string) console {
		return executeOptions(t.Context(), f, Options{Args: append([]string{"plan", "-f", "-"}, args...), Stdin: strings.NewReader(sample.TwoModels)})
	}
	got := plan("--calendar", path)
	require.Equal(t, exit.Changes, got.code, got.stderr)
	require.Contains(t, got.stderr, "8 events written into "+path+"\n")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, 8, strings.Count(string(content), "BEGIN:VEVENT"))

	// A calendar that lacks a model would look as if nothing were due.
	f.plan = func(request lifecycle.Request) (lifecycle.Plan, error) {
		if request.Name == "one" {
			return lifecycle.Plan{}, errors.New("lost")
		}
		return planOf(request)
	}
	got = plan("--calendar", path)
	require.Equal(t, exit.Unreachable, got.code)
	require.Contains(t, got.stderr, path+" is not written: it would lack what could not be planned\n")
	now, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, content, now)

	f.planned = nil
	require.NoError(t, os.WriteFile(path, []byte("fleet: all\n"), 0o600))
	got = plan("--calendar", path)
	require.Equal(t, exit.Refused, got.code)
	require.Contains(t, got.stderr, "is no calendar")
	require.Empty(t, f.planned, "refused before anything is asked")
}
