package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/workflows"
)

const lostHome = "0f0b5d7c-9b51-4e0e-8d55-1f6f0a1c2b3d"

// cleared is what a sweep of support-calls says.
func cleared() map[string]workflows.SweepReport {
	return map[string]workflows.SweepReport{"sweep/support-calls": {
		Deleted: []lifecycle.Disposed{{Kind: "evaluation", ID: "0e0e", DisplayName: "support-calls 2026-07-29 ffffffff", Reason: "its run was canceled"}},
		Waiting: []lifecycle.Disposed{
			{
				Kind: lifecycle.ObjectModel, ID: "e1e1", DisplayName: "support-calls 2026-07-29 1a2b\x1b[31m",
				Reason: "it still trains, and was given up after 8 days: the service does not let it be deleted before",
			},
		},
	}}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args  []string
		asked bool
		input string
	}{
		"the locale of its versions": {nil, true, `{"name": "support-calls", "locale": "en-US"}`},
		"the locale given":           {[]string{"--locale", "de-DE", "--task-queue", "west"}, false, `{"name": "support-calls", "locale": "de-DE"}`},
		"another home":               {[]string{"--home", lostHome, "--yes"}, true, `{"name": "support-calls", "locale": "en-US", "home": "` + lostHome + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &fakeTemporal{rows: sample.Observed(), swept: cleared()}
			got := execute(t.Context(), s, append([]string{"sweep", "support-calls"}, tt.args...)...)
			require.Equal(t, exit.Done, got.code, got.stderr)
			require.JSONEq(t, tt.input, s.inputs[0])
			require.Equal(t, "sweep/support-calls", s.began[0].ID)
			require.True(t, s.began[0].WorkflowExecutionErrorWhenAlreadyStarted)
			require.Equal(t, tt.asked, len(s.observed) == 1)
			if tt.args != nil && tt.args[0] == "--locale" {
				require.Equal(t, "west", s.began[0].TaskQueue)
			}
			require.NotContains(t, got.stdout, "\x1b")
			sample.Narrow(t, got.stdout+got.stderr)
			sample.Golden(t, "sweep", got.stdout)
		})
	}
	got := execute(t.Context(), &fakeTemporal{rows: sample.Observed()}, "sweep", "support-calls")
	require.Equal(t, "sweep/support-calls: nothing was left behind\n", got.stdout)
	require.Equal(t, "started run run-1 of sweep/support-calls\nCtrl-C stops watching, not the run\n", got.stderr)

	got = execute(t.Context(), &fakeTemporal{rows: sample.Observed(), swept: cleared()}, "sweep", "support-calls", "-o", "json")
	require.Equal(t, exit.Done, got.code, got.stderr)
	var swept sweptJSON
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &swept))
	require.Equal(t, "sweep/support-calls run-1 0e0e e1e1", swept.WorkflowID+" "+swept.RunID+" "+swept.Deleted[0].ID+" "+swept.Waiting[0].ID)
	require.NotContains(t, got.stdout, "null")
}

// Another home's work is cleared only when a person says that it is lost.
func TestSweepOfAnotherHomeAsks(t *testing.T) {
	t.Parallel()
	home := []string{"sweep", "support-calls", "--home", lostHome}
	for name, tt := range map[string]struct {
		typed string
		args  []string
		code  int
		says  string
	}{
		"yes":          {"yes\n", home, exit.Done, "That home must be lost for good"},
		"no":           {"no\n", home, exit.Refused, "the answer was not yes: nothing was changed"},
		"nobody there": {"", home, exit.Refused, "this needs a yes, and there is no terminal to ask on: nothing was changed; with --yes it is done without asking"},
		"no home":      {"yes\n", []string{"sweep", "support-calls", "--home", ""}, exit.Refused, "--home must be the ID of the home that is lost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &fakeTemporal{rows: sample.Observed(), swept: cleared()}
			got := executeTyping(t.Context(), s, tt.typed, tt.args...)
			require.Equal(t, tt.code, got.code, got.stderr)
			require.Contains(t, strings.Join(strings.Fields(got.stderr), " "), tt.says)
			require.Len(t, s.began, map[int]int{exit.Done: 1}[tt.code])
			if name == "yes" {
				sample.Golden(t, "sweep-home", got.stderr)
				sample.Narrow(t, got.stderr)
			}
		})
	}
}

func TestSweepRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rows []lifecycle.Row
		args []string
		says string
	}{
		"two locales":     {twoLocales(), nil, "say which one is meant: --locale de-DE"},
		"no version":      {[]lifecycle.Row{}, nil, "--locale is required: support-calls has no version and no schedule that tells its locale"},
		"a locale's form": {sample.Observed(), []string{"--locale", "german"}, "--locale must"},
		"one goes on": {
			sample.Observed(),
			[]string{"--home", lostHome, "--yes"},
			"may have been asked for less; nothing was started; wait for its end, or cancel it: temporal workflow cancel --workflow-id sweep/support-calls",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &fakeTemporal{rows: tt.rows, going: []string{"sweep/support-calls"}}
			got := execute(t.Context(), s, append([]string{"sweep", "support-calls"}, tt.args...)...)
			require.Equal(t, exit.Refused, got.code, got.stderr)
			require.Contains(t, got.stderr, tt.says)
			require.Empty(t, s.began)
		})
	}
	s := &fakeTemporal{rows: sample.Observed(), swept: cleared(), going: []string{"sweep/support-calls"}}
	got := execute(t.Context(), s, "sweep", "support-calls")
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Contains(t, got.stderr, "run run-7 of sweep/support-calls goes on already: following it")
	require.Contains(t, got.stdout, "1 deleted, 1 left")
}

func TestSweepNotDone(t *testing.T) {
	t.Parallel()
	cause := lifecycle.Failure{Type: lifecycle.Unauthorized, Message: "the key is wrong", Next: lifecycle.Ptr("check SPEECH_KEY of the worker")}
	for name, tt := range map[string]struct {
		err   error
		code  int
		class lifecycle.FailureClass
		says  string
	}{
		"the worker's failure": {
			temporal.NewApplicationErrorWithOptions(cause.Message, string(cause.Type),
				temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{cause, cleared()["sweep/support-calls"]}}),
			exit.Failed, lifecycle.Unauthorized, "sweep/support-calls: the key is wrong; check SPEECH_KEY of the worker",
		},
		"without a report": {
			temporal.NewApplicationErrorWithOptions(cause.Message, string(cause.Type), temporal.ApplicationErrorOptions{Details: []any{cause}}),
			exit.Failed, lifecycle.Unauthorized, "the key is wrong; check SPEECH_KEY",
		},
		"canceled": {
			temporal.NewCanceledError(), exit.Failed, lifecycle.Internal,
			"run run-1 of sweep/support-calls was canceled; what it had not deleted stays",
		},
		"gone": {
			serviceerror.NewNotFound("gone"), exit.Failed, lifecycle.Internal,
			"has ended without a result: gone; see: temporal workflow show --workflow-id sweep/support-calls --run-id run-1",
		},
		"a code of its own": {temporal.NewApplicationError("lost", "Odd"), exit.Failed, "Odd", "sweep/support-calls: lost; see: temporal workflow show"},
		"not a failure's sum": {
			temporal.NewApplicationErrorWithOptions("lost", "Odd", temporal.ApplicationErrorOptions{Details: []any{"text"}}), exit.Failed, "Odd",
			"sweep/support-calls: lost",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &fakeTemporal{rows: sample.Observed(), failing: map[string]error{"sweep/support-calls": asServer(tt.err)}}
			if name == "gone" {
				s.failing["sweep/support-calls"] = tt.err
			}
			got := execute(t.Context(), s, "sweep", "support-calls", "-o", "json")
			require.Equal(t, tt.code, got.code, got.stderr)
			require.Contains(t, got.stderr, tt.says)
			report := got.report(t)
			require.Equal(t, tt.class, report.Error.Type)
			require.Equal(t, lifecycle.Failed, report.Outcome)
			if name == "the worker's failure" {
				require.Equal(t, "0e0e", report.Deleted[0].ID, "what was deleted until then")
				require.Contains(t, got.stderr, "deleted evaluation support-calls 2026-07-29 ffffffff before that: 0e0e")
			}
		})
	}
}

// A sweep can last for days: it says what it waits for, and goes on when nobody watches.
func TestASweepGoesOn(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		s := &fakeTemporal{rows: sample.Observed(), hangs: true, pending: func(string, time.Duration) []*workflowpb.PendingActivityInfo {
			return []*workflowpb.PendingActivityInfo{{ActivityId: "await-end-e1e1", State: 2}, {ActivityId: "sweep-0", State: 2}}
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 16*time.Second)
		defer cancel()
		got := execute(ctx, s, "sweep", "support-calls", "--locale", "en-US", "-o", "json")
		require.Equal(t, exit.Interrupted, got.code)
		require.Equal(t, 1, strings.Count(got.stderr, "waiting for the end of e1e1: the service cannot break it off\n"), "once: %s", got.stderr)
		require.Contains(t, got.stderr, "interrupted: run run-1 of sweep/support-calls goes on; see: temporal workflow show")
		require.Equal(t, lifecycle.Running, got.report(t).Outcome)
	})
}
