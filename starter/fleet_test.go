package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

func TestStatusTable(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	version := func(name string, left int) *lifecycle.Version {
		created, expires := now.Add(-50*24*time.Hour), now.Add(time.Duration(left)*24*time.Hour)
		return &lifecycle.Version{
			ID: "id-" + name, DisplayName: name + " 2026-04-12 1a2b3c4d", Status: "Succeeded", State: lifecycle.StateChampion, CreatedAt: &created, ExpiresAt: &expires,
			BaseModel: "20260401 Batch Transcription", Alarm: "expiring-30-2026-06-21", Tests: []lifecycle.ObservedTest{{WordErrorRate: lifecycle.Ptr(0.123)}},
		}
	}
	next := now.Add(24 * time.Hour)
	var rows []statusRow
	for name, left := range map[string]int{"support-calls": 20} {
		v := version(name, left)
		rows = append(rows, newStatusRow(lifecycle.Row{Name: name, Versions: []lifecycle.Version{*v}, Endpoint: &lifecycle.EndpointReport{ID: "0b8f1b52-3a55-4b9e-9d3e-6a9b1f7c2d10"}, ObservedAt: now}, scheduled{next: &next}, ""))
	}
	rows = append(rows,
		newStatusRow(lifecycle.Row{Name: "a-model-with-a-very-long-name\x1b[31m", ObservedAt: now}, scheduled{paused: true}, "run-1"),
		newStatusRow(lifecycle.Row{Name: "late", Versions: []lifecycle.Version{*version("late", -3)}, ObservedAt: now}, scheduled{}, ""))
	var out strings.Builder
	a := newApp(Options{Stdout: &out, Env: env{}})
	printStatus(a.out, rows)
	sample.Narrow(t, out.String())
	require.NotContains(t, out.String(), "\x1b")
	sample.Golden(t, "status", out.String())
}
