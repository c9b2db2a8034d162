package main

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/exit"
)

// What an operator says to one schedule reaches it, and no other.
func TestScheduleCommands(t *testing.T) {
	t.Parallel()
	const id = "renew/support-calls"
	for name, tt := range map[string]struct {
		args                 []string
		running              bool
		done, stdout, stderr string
	}{
		"pause":   {args: []string{"pause", "support-calls", "--note", "new data"}, done: "pause " + id + ": new data", stdout: "paused " + id + "\n"},
		"resume":  {args: []string{"resume", "support-calls"}, done: "resume " + id + ": ", stdout: "resumed " + id + "\n"},
		"trigger": {args: []string{"trigger", "support-calls"}, done: "trigger " + id + ": AllowAll", stdout: "triggered " + id + "\n"},
		"trigger during a run": {
			args: []string{"trigger", "support-calls"}, running: true, done: "trigger " + id + ": AllowAll", stdout: "triggered " + id + "\n",
			stderr: "run run-1 of retrain/support-calls goes on already: the check will not start another\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeTemporal{kept: map[string]*client.ScheduleDescription{id: renewed("west", "")}}
			if tt.running {
				f.run = newFakeRun(-1)
			}
			got := execute(t.Context(), f, tt.args...)
			require.Equal(t, exit.Done, got.code, got.stderr)
			require.Equal(t, []string{tt.done}, f.did())
			require.Equal(t, tt.stdout, got.stdout)
			require.Equal(t, tt.stderr, got.stderr)
		})
	}
}

func TestScheduleCommandsRefused(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"pause", "resume", "trigger"} {
		f := &fakeTemporal{kept: map[string]*client.ScheduleDescription{"renew/support-calls": renewed("west", "")}, refuses: "renew/support-calls"}
		got := execute(t.Context(), f, verb, "field-crew")
		require.Equal(t, exit.Failed, got.code)
		require.Equal(t, "starter: cannot "+verb+" field-crew: there is no schedule renew/field-crew; "+
			"see those that are there: starter status; make one: starter apply --file fleet.yaml\n", got.stderr)

		got = execute(t.Context(), f, verb, "support-calls")
		require.Equal(t, exit.Unreachable, got.code)
		require.Contains(t, got.stderr, "starter: cannot "+verb+" support-calls: not yours; ")

		got = execute(t.Context(), f, verb, "")
		require.Equal(t, exit.Refused, got.code)
		require.Contains(t, got.stderr, "NAME must not be empty")
		require.Empty(t, f.did())
	}
}
