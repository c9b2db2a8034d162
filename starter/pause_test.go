package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/internal/schedules"
)

// paused is the schedule of a model that somebody has paused.
func paused(note string) *client.ScheduleDescription {
	d := renewed("west", "")
	d.Schedule.State.Paused, d.Schedule.State.Note = true, note
	return d
}

// What an operator says to one schedule reaches it, and no other; no note gets lost without a word.
func TestPauseAndResume(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args   []string
		typed  string
		code   int
		done   []string
		stdout string
		// stderr is a part of it.
		stderr string
	}{
		"pause": {
			args: []string{"pause", "support-calls", "--note", "new data"}, done: []string{"pause renew/support-calls: new data"},
			stdout: "paused support-calls\n",
		},
		"pause without a note": {
			args: []string{"pause", "support-calls"}, done: []string{"pause renew/support-calls: paused by ann without a note"}, stdout: "paused support-calls\n",
		},
		"pause again": {
			args: []string{"pause", "field", "--note", "other"}, stdout: "field was paused already: the move\n",
		},
		"resume": {
			args: []string{"resume", "field"}, done: []string{"resume renew/field: resumed by ann without a note"},
			stdout: "resumed field; it was paused: the move\n",
		},
		"resume what is not paused": {args: []string{"resume", "support-calls", "--note", "x"}, stdout: "support-calls was not paused\n"},
		"two": {
			args: []string{"pause", "support-calls", "desk", "--note", "x"}, done: []string{"pause renew/desk: x", "pause renew/support-calls: x"},
			stdout: "paused desk\npaused support-calls\n",
		},
		"all, with a yes": {
			args: []string{"pause", "--all", "--note", "x"}, typed: "y\n", done: []string{"pause renew/desk: x", "pause renew/support-calls: x"},
			stdout: "paused desk\nfield was paused already: the move\npaused support-calls\n", stderr: "Stop the checks of 2 models?",
		},
		"all, with a no":     {args: []string{"pause", "--all"}, typed: "n\n", code: exit.Refused, stderr: "nothing was changed"},
		"all, nobody to ask": {args: []string{"pause", "--all"}, code: exit.Refused, stderr: "with --yes it is done without asking"},
		"all, resumed":       {args: []string{"resume", "--all", "--yes", "--note", "x"}, done: []string{"resume renew/field: x"}, stderr: "field: de-DE"},
		"a locale": {
			args: []string{"pause", "--locale", "en-US", "--yes", "--note", "x"}, done: []string{"pause renew/desk: x"}, stdout: "paused desk\n",
		},
		"a locale of none":       {args: []string{"pause", "--locale", "fr-FR", "--yes"}, code: exit.Failed, stderr: "no model that is meant has a schedule"},
		"no locale":              {args: []string{"pause", "--locale", "x y", "--yes"}, code: exit.Refused, stderr: "--locale"},
		"nothing":                {args: []string{"pause"}, code: exit.Refused, stderr: "in one way"},
		"in two ways":            {args: []string{"pause", "desk", "--all"}, code: exit.Refused, stderr: "in one way"},
		"a note with a secret":   {args: []string{"pause", "desk", "--note", "https://a.example/x?sig=1"}, code: exit.Refused, stderr: "--note"},
		"a file of another name": {args: []string{"pause", "-f", "-", "--yes"}, code: exit.Failed, stderr: "there is no schedule renew/one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeTemporal{kept: map[string]*client.ScheduleDescription{
				"renew/support-calls": renewed("west", ""), "renew/desk": renewed("west", "en-US"), "renew/field": paused("the move"),
			}}
			f.kept["renew/field"].Schedule.Action = renewed("west", "de-DE").Schedule.Action
			for id, d := range strangers() {
				f.kept[id] = d
			}
			delete(f.kept, "renew/No Name")
			typed := tt.typed != ""
			o := Options{Args: tt.args, Env: env{"USER": "ann"}, Stdin: strings.NewReader(tt.typed), StdinTerminal: typed, StderrTerminal: typed}
			if slices.Contains(tt.args, "-") {
				o.Stdin = strings.NewReader(sample.TwoModels)
			}
			got := executeOptions(t.Context(), f, o)
			require.Equal(t, tt.code, got.code, got.stderr)
			require.Equal(t, tt.done, f.did())
			if tt.stdout != "" {
				require.Equal(t, tt.stdout, got.stdout)
			}
			require.Contains(t, got.stderr, tt.stderr)
		})
	}
}

// A note that a person wrote is told before another takes its place; one that nobody wrote reads as a sentence.
func TestNotesOfPauses(t *testing.T) {
	t.Parallel()
	const ann, made = "paused by ann without a note", "Checks desk. Made by starter apply, fleet all: change it there."
	changed := func(paused bool, before string) schedules.Operated {
		return schedules.Operated{Changed: true, Paused: paused, NoteBefore: lifecycle.Text(before)}
	}
	stays := func(paused bool, note string) schedules.Operated {
		return schedules.Operated{Paused: paused, Note: lifecycle.Text(note)}
	}
	for name, tt := range map[string]struct {
		o    schedules.Operated
		says string
	}{
		"paused":                    {changed(true, ""), "paused desk"},
		"paused for the first time": {changed(true, made), "paused desk"},
		"paused over a standard":    {changed(true, "resumed by ann without a note"), "paused desk"},
		"paused over a note":        {changed(true, "all is well"), "paused desk; the note before was: all is well"},
		"paused twice":              {stays(true, "the move"), "desk was paused already: the move"},
		"paused twice, unwritten":   {stays(true, ann), "desk was paused already by ann without a note"},
		"paused twice, by another":  {stays(true, ""), "desk was paused already"},
		"resumed":                   {changed(false, "the move"), "resumed desk; it was paused: the move"},
		"resumed, unwritten":        {changed(false, ann), "resumed desk; it was paused by ann without a note"},
		"resumed, by another":       {changed(false, made), "resumed desk"},
		"resumed twice":             {stays(false, "all is well"), "desk was not paused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.o.Model, tt.o.Schedule = "desk", "renew/desk"
			require.Equal(t, tt.says, operated(tt.o))
		})
	}
}

// What was done is told to machines, too.
func TestPauseOutputJSON(t *testing.T) {
	t.Parallel()
	f := &fakeTemporal{kept: map[string]*client.ScheduleDescription{"renew/desk": renewed("west", ""), "renew/field": paused("the move")}}
	got := execute(t.Context(), f, "pause", "desk", "field", "--note", "x", "-o", "json")
	require.Equal(t, exit.Done, got.code, got.stderr)
	var done []schedules.Operated
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &done))
	require.Equal(t, []schedules.Operated{
		{Model: "desk", Schedule: "renew/desk", Changed: true, Paused: true, Note: lifecycle.Ptr("x")},
		{Model: "field", Schedule: "renew/field", Paused: true, Note: lifecycle.Ptr("the move")},
	}, done)

	f.refuses = "renew/field"
	f.kept["renew/field"].Schedule.State.Paused = false
	got = execute(t.Context(), f, "pause", "desk", "field", "-o", "json")
	require.Equal(t, exit.Unreachable, got.code)
	require.Contains(t, got.report(t).Error.Message, "cannot pause field", "one document, whatever was done before")
	got = execute(t.Context(), f, "pause", "desk", "field")
	require.Contains(t, got.stdout, "paused desk", "what was done is told")
}

func TestScheduleCommandsRefused(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"pause", "resume", "trigger"} {
		f := &fakeTemporal{kept: map[string]*client.ScheduleDescription{"renew/support-calls": renewed("west", "")}, refuses: "renew/support-calls"}
		got := execute(t.Context(), f, verb, "field-crew")
		require.Equal(t, exit.Failed, got.code)
		require.Equal(t, "starter: cannot "+verb+" field-crew: there is no schedule renew/field-crew; "+
			"see those that are there: starter status; make one: starter apply --file fleet.yaml\n", got.stderr)

		f.kept["renew/support-calls"].Schedule.State.Paused = verb == "resume"
		got = execute(t.Context(), f, verb, "support-calls")
		require.Equal(t, exit.Unreachable, got.code)
		require.Contains(t, got.stderr, "starter: cannot "+verb+" support-calls: not yours; ")

		got = execute(t.Context(), f, verb, "")
		require.Equal(t, exit.Refused, got.code)
		require.Contains(t, got.stderr, "NAME must not be empty")
		require.Empty(t, f.did())
	}
}
