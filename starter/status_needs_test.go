package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/overview"
	"speech-retrainer/internal/sample"
)

// troubled is a fleet in which one model waits for an answer, one has expired without a schedule, one is paused near its end, the
// checks of one fail, and one needs nobody.
func troubled() *fakeTemporal {
	f := &fakeTemporal{
		kept: map[string]*client.ScheduleDescription{
			"renew/asks": renewed("west", "en-US"), "renew/paused": paused("new recordings"), "renew/failing": renewed("west", "en-US"),
			"renew/fine": renewed("west", "en-US"),
		},
		retrains: map[string]retrain{"asks": {stage: "approval"}}, run: newFakeRun(-1),
		requested: []byte(`{"name": "asks", "locale": "en-US", "training": [{"dataset": "words"}]}`),
		row: func(name string) lifecycle.Row {
			row := sample.Champion(name)
			if name != "paused" {
				row.Versions[0].ExpiresAt = lifecycle.Ptr(sample.At(400 * lifecycle.Day))
				row.Serving.ExpiresAt = row.Versions[0].ExpiresAt
			}
			return row
		},
	}
	expired := sample.Champion("expired")
	expired.Versions[0].ExpiresAt = lifecycle.Ptr(sample.At(-2 * lifecycle.Day))
	expired.Serving.ExpiresAt = expired.Versions[0].ExpiresAt
	f.rows = []lifecycle.Row{expired}
	f.run.script = []scene{{report: sample.AtApproval()}}
	for _, name := range []string{"asks", "paused", "failing", "fine"} {
		f.check(name, "", sample.At(-5*time.Hour), lifecycle.RenewReport{}, nil)
	}
	failure := lifecycle.Failure{
		Type: lifecycle.Unauthorized, Message: "the service refuses the key (401)",
		Next: lifecycle.Ptr("set SPEECH_KEY where the worker runs; then check again: starter trigger failing"),
	}
	for _, ago := range []time.Duration{2, 1} {
		f.check("failing", "", sample.At(-ago*time.Hour), lifecycle.RenewReport{}, errorOf(failure, lifecycle.Told{Since: sample.At(-3 * time.Hour)}))
	}
	return f
}

// What needs a person comes first, as a sentence with the commands to copy.
func TestStatusNeeds(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		got := execute(t.Context(), troubled(), "status", "--address", "temporal.example:7233")
		require.Equal(t, exit.Needed, got.code, got.stderr)
		require.NotContains(t, got.stdout, "\x1b")
		sample.Narrow(t, got.stdout)
		sample.Golden(t, "status-needs", got.stdout)
	})
	bubble(t, func(t *testing.T) {
		f := troubled()
		got := execute(t.Context(), f, "status", "-o", "json")
		require.Equal(t, exit.Needed, got.code, got.stderr)
		require.Equal(t, 1, f.queries, "only the run that waits for a person is asked")
		var rows []overview.Row
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &rows))
		require.Equal(t, lifecycle.WaitsForApproval, rows[1].WaitingFor.Kind)
		require.NotNil(t, rows[1].LastGoodCheckAge)
		require.Contains(t, got.stdout, `"needs": [],`, "never null")
		sample.Golden(t, "status-needs-json", got.stdout)
	})
}

// A terminal gets colours by urgency, unless it must not.
func TestStatusColours(t *testing.T) {
	t.Parallel()
	for _, plain := range []bool{false, true} {
		bubble(t, func(t *testing.T) {
			var out strings.Builder
			e := env{}
			if plain {
				e["NO_COLOR"] = "1"
			}
			got := executeOptions(t.Context(), troubled(), Options{Args: []string{"status"}, Stdout: &out, StdoutTerminal: true, Env: e})
			require.Equal(t, exit.Needed, got.code)
			if plain {
				require.NotContains(t, out.String(), "\x1b")
				return
			}
			require.Contains(t, out.String(), "\x1b[31m  NOW expired 2026-07-29 1a2b3c4d expired on 2026-07-27")
			require.Contains(t, out.String(), "\x1b[33m  SOON its checks are paused")
			require.NotContains(t, out.String(), "\x1b[33mfine")
		})
	}
}

// For machines a list stays a list, whatever could not be read; what is refused is a report.
func TestStatusKeepsItsShape(t *testing.T) {
	t.Parallel()
	got := execute(t.Context(), &fakeTemporal{dialErr: errors.New("connection refused")}, "status", "-o", "json")
	require.Equal(t, exit.Unreachable, got.code)
	require.Equal(t, "[]\n", got.stdout)
	require.Contains(t, got.stderr, "cannot reach Temporal")

	got = execute(t.Context(), nil, "status", "-o", "json", "No Name")
	require.Equal(t, exit.Refused, got.code)
	require.Equal(t, lifecycle.InvalidRequest, got.report(t).Error.Type)
}

// What cannot be read weighs more than what needs a person: nobody knows then what else does.
func TestStatusUnreadWeighsMore(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := troubled()
		f.observeErr = errorOf(lifecycle.Failure{Type: lifecycle.Unauthorized, Message: "the service refuses the key"})
		got := execute(t.Context(), f, "status", "-o", "json")
		require.Equal(t, exit.Failed, got.code)
		var rows []overview.Row
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &rows))
		require.Equal(t, []string{"asks", "failing", "fine", "paused"}, []string{rows[0].Model, rows[1].Model, rows[2].Model, rows[3].Model})
		require.Equal(t, lifecycle.NeedApproval, rows[0].Needs[0].Kind, "what Temporal knows is told")
	})
}

// What is watched is shown again and again until Ctrl-C; on a terminal in its place.
func TestStatusWatch(t *testing.T) {
	t.Parallel()
	for _, terminal := range []bool{false, true} {
		bubble(t, func(t *testing.T) {
			f := troubled()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			time.AfterFunc(25*time.Second, stop)
			var out strings.Builder
			got := executeOptions(ctx, f, Options{Args: []string{"status", "--watch"}, Stdout: &out, StdoutTerminal: terminal, Env: env{}})
			require.Equal(t, exit.Interrupted, got.code)
			require.Empty(t, got.stderr, "Ctrl-C is how it is meant to end")
			require.Equal(t, 3, strings.Count(out.String(), "every 10s until Ctrl-C"), "at once, after 10 s and after 20 s")
			require.Equal(t, terminal, strings.HasPrefix(out.String(), "\x1b[H\x1b[2J"))
			require.Equal(t, terminal, strings.Contains(out.String(), "\x1b"))
		})
	}
	for _, args := range [][]string{{"--watch", "-o", "json"}, {"--every", "1m"}, {"--watch", "--every", "1s"}} {
		got := execute(t.Context(), nil, append([]string{"status"}, args...)...)
		require.Equal(t, exit.Refused, got.code, args)
	}
}

// errorOf is a failure as a workflow ends with it.
func errorOf(f lifecycle.Failure, more ...any) error {
	return asServer(temporal.NewNonRetryableApplicationError(f.Message, string(f.Type), nil, append([]any{f}, more...)...))
}
