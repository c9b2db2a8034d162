package main

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/overview"
	"speech-retrainer/internal/sample"
)

// A thousand models cost one listing, one look at each schedule, which alone tells the queue, and a question
// for each hundred of a queue.
func TestStatusOfAThousand(t *testing.T) {
	t.Parallel()
	f := &fleetTemporal{queues: map[string]string{}, row: sample.Champion}
	for i := range 1000 {
		f.queues[fmt.Sprintf("m-%d", i)] = []string{"speech-retrainer", "west"}[i%2]
	}
	got := executeFleet(t, f, "", "status", "-o", "json")
	require.Equal(t, exit.Done, got.code, got.stderr)
	var rows []overview.Row
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &rows))
	require.Len(t, rows, 1000)
	require.EqualValues(t, 1, f.lists.Load())
	require.EqualValues(t, 1, f.visibilities.Load())
	require.EqualValues(t, 1000, f.describes.Load())
	require.Len(t, f.batches, 10)
	for _, b := range f.batches {
		require.LessOrEqual(t, len(b.names), 100)
		for _, name := range b.names {
			require.Equal(t, f.queues[name], b.queue)
		}
	}
	require.Equal(t, nextCheck, *rows[0].NextCheck)
}

func TestStatusWords(t *testing.T) {
	t.Parallel()
	f := &fleetTemporal{
		queues: map[string]string{"support-calls": "west", "support-calls-us-east": "west", "support-calls-us-west": "west"},
		paused: map[string]bool{"support-calls-us-west": true},
		stages: map[string]string{"support-calls": "train", "support-calls-us-east": "", "gone": "\x1b[31m"},
		row: func(name string) lifecycle.Row {
			if name == "gone" || name == "never-made" {
				return lifecycle.Row{Name: name, ObservedAt: sample.At(0)}
			}
			row := sample.Champion(name)
			if name == "support-calls-us-west" {
				row.Versions[0].Alarm = "expiring-30-2026-08-19; endpointUnknown-1a2b\x1b[31m"
			}
			return row
		},
	}
	got := executeFleet(t, f, "", "status", "support-calls", "support-calls-us-west", "support-calls-us-east", "never-made", "gone", "support-calls")
	require.Equal(t, exit.Done, got.code, got.stderr)
	sample.Narrow(t, got.stdout)
	require.NotContains(t, got.stdout, "\x1b")
	sample.Golden(t, "status-words", got.stdout)
	require.Zero(t, f.lists.Load(), "what was named needs no listing")
}

func TestStatusOfNothing(t *testing.T) {
	t.Parallel()
	f := &fleetTemporal{row: sample.Champion}
	got := executeFleet(t, f, "", "status")
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Equal(t, "no model has a schedule, and this installation has made no version yet\n", got.stdout)
	require.Contains(t, got.stderr, "starter run --file request.yaml")
	require.Equal(t, []batch{{queue: "speech-retrainer", names: []string{}}}, f.batches, "without schedules all is asked for")

	got = executeFleet(t, f, "", "status", "-o", "json")
	require.Equal(t, "[]\n", got.stdout)
}

func TestNamesAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"status", "support-calls", "Support Calls"}, {"history", "Support Calls"}, {"adopt", "Support Calls", "--version", sample.VersionID, "--by", "ann"},
	} {
		got := executeFleet(t, &fleetTemporal{row: sample.Champion}, "", args...)
		require.Equal(t, exit.Refused, got.code, args)
		require.Contains(t, got.stderr, `1 to 40`, args)
		require.Empty(t, got.stdout)
	}
}
