package main

import (
	"encoding/json"
	"fmt"
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

// A thousand models cost one listing of schedules, one look at each schedule, which alone tells the queue, one question for
// each 500 of a queue, one list of the retrains that go on, one of those that have failed (and then one of those that came after them),
// and one of the checks. Only a check that has found something, or has failed, is read, and the last retrain of a model that failed.
func TestStatusOfAThousand(t *testing.T) {
	t.Parallel()
	f := &fakeTemporal{kept: strangers(), row: func(name string) lifecycle.Row {
		row := sample.Champion(name)
		row.Versions[0].CreatedAt = lifecycle.Ptr(sample.At(-400 * lifecycle.Day))
		return row
	}}
	queues := map[string]string{}
	for i := range 1000 {
		name := fmt.Sprintf("m-%d", i)
		queues[name] = []string{"speech-retrainer", "west"}[i%2]
		f.kept["renew/"+name] = renewed(queues[name], "")
		f.check(name, "", sample.At(0), lifecycle.RenewReport{}, nil)
	}
	f.check("m-500", "stuck", sample.At(time.Hour), lifecycle.RenewReport{Alarms: []lifecycle.Alarm{
		{Kind: "stuck", Message: "nothing that can be done helps", Next: "do something: starter report m-500"},
	}}, nil)
	noKey := temporal.NewNonRetryableApplicationError("no key", "Unauthorized", nil)
	f.check("m-7", "", sample.At(time.Hour), lifecycle.RenewReport{}, noKey)
	for i := range 300 {
		f.retrained(fmt.Sprintf("m-%d", i), lifecycle.CauseExpiry, wasFailed, sample.At(-time.Duration(i)*time.Hour), noKey)
		if i != 3 {
			f.retrained(fmt.Sprintf("m-%d", i), "", wasGood, sample.At(30*time.Minute), nil)
		}
	}
	got := execute(t.Context(), f, "status", "-o", "json")
	require.Equal(t, exit.Needed, got.code, got.stderr)
	var rows []overview.Row
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &rows))
	require.Len(t, rows, 1000)
	require.EqualValues(t, 1, f.lists)
	require.EqualValues(t, 4, f.visibilities, "the retrains that go on, those that have failed, those that came after them, and the checks")
	require.EqualValues(t, 3, f.results.Load(), "of the checks that have something to say, and of the retrain that failed last")
	require.EqualValues(t, 1000, f.describes)
	require.Len(t, f.observed, 2)
	for _, b := range f.observed {
		require.Empty(t, b.Names, "all that the queue's resource shows")
		require.Len(t, b.Scheduled, 1000, "so the worker reads none of them again")
	}
	require.Equal(t, nextCheck, *rows[0].NextCheck)
	order := []string{rows[0].Model, rows[1].Model, rows[2].Model, rows[3].Model}
	require.Equal(t, []string{"m-500", "m-3", "m-7", "m-0"}, order, "what needs a person comes first")
	require.Equal(t, lifecycle.NeedStuck, rows[0].Needs[0].Kind)
	require.Equal(t, lifecycle.NeedFailed, rows[1].Needs[0].Kind)
	require.Equal(t, lifecycle.NeedChecks, rows[2].Needs[0].Kind)
	require.Equal(t, sample.At(0), rows[2].LastGoodCheck.UTC(), "the one before the failed one")
}

// An answer that is not the last is followed by the next question, for one queue after the other.
func TestStatusFollowsItsAnswers(t *testing.T) {
	t.Parallel()
	f := &fakeTemporal{kept: strangers(), row: sample.Champion, perAnswer: 200}
	for i := range 401 {
		f.kept[fmt.Sprintf("renew/m-%d", i)] = renewed("west", "")
	}
	got := execute(t.Context(), f, "status", "-o", "json")
	require.Equal(t, exit.Done, got.code, got.stderr)
	var rows []overview.Row
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &rows))
	require.Equal(t, 401, len(rows))
	require.Len(t, f.observed, 3)
	require.Empty(t, f.observed[0].After)
	require.NotEmpty(t, f.observed[2].After)
	for _, o := range f.observed {
		require.Equal(t, "west", o.TaskQueue)
		require.Empty(t, o.Names)
	}
}

// How old what carries no date may be is told when it is older than it should be, once; JSON says it always.
func TestStatusTellsTheAgeOfTheCrawl(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		ages      []time.Duration
		slow      bool
		told, age string
	}{
		"in time":       {ages: []time.Duration{14 * time.Minute, 29 * time.Minute}, age: "14m"},
		"late":          {ages: []time.Duration{14 * time.Minute, 47 * time.Minute}, slow: true, told: "47m00s ago", age: "14m"},
		"of the future": {ages: []time.Duration{-time.Second, -time.Second}, slow: true, age: "0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeTemporal{kept: strangers()}
			for i, age := range tc.ages {
				row := sample.Champion(fmt.Sprint("m-", i))
				row.CrawledAt, row.CrawlSlow = row.ObservedAt.Add(-age), tc.slow
				f.rows = append(f.rows, row)
				f.kept["renew/"+row.Name] = renewed("west", "")
			}
			text := execute(t.Context(), f, "status")
			require.Equal(t, exit.Done, text.code, text.stderr)
			if tc.told == "" {
				require.NotContains(t, text.stdout, "deletions")
			} else {
				require.Equal(t, 1, strings.Count(strings.Join(strings.Fields(text.stdout), " "), tc.told), text.stdout)
			}
			var rows []overview.Row
			require.NoError(t, json.Unmarshal([]byte(execute(t.Context(), f, "status", "-o", "json").stdout), &rows))
			require.Equal(t, tc.age, rows[0].CrawlAge.String())
		})
	}
	f := &fakeTemporal{kept: strangers(), row: sample.Champion}
	require.Contains(t, execute(t.Context(), f, "status", "-o", "json", "desk").stdout, `"crawlAge": null`)
}

func TestStatusWords(t *testing.T) {
	t.Parallel()
	f := &fakeTemporal{
		kept: map[string]*client.ScheduleDescription{
			"renew/support-calls": renewed("west", ""), "renew/support-calls-us-east": renewed("west", ""), "renew/support-calls-us-west": renewed("west", ""),
		},
		retrains: map[string]retrain{"support-calls": {stage: "train"}, "support-calls-us-east": {}, "gone": {stage: "\x1b[31m"}},
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
	f.kept["renew/support-calls-us-west"].Schedule.State.Paused = true
	got := execute(t.Context(), f, "status", "support-calls", "support-calls-us-west", "support-calls-us-east", "never-made", "gone", "support-calls")
	require.Equal(t, exit.Refused, got.code, "a name that is unknown weighs more than a need: nobody watches over it")
	require.Contains(t, got.stderr, "starter: nothing is known of never-made: neither a version nor a schedule; check\nthe name")
	sample.Narrow(t, got.stdout)
	require.NotContains(t, got.stdout, "\x1b")
	sample.Golden(t, "status-words", got.stdout)
	f.lists = 0
	got = execute(t.Context(), f, "status", "support-calls", "support-calls-us-west")
	require.Equal(t, exit.Needed, got.code, got.stderr)
	require.Empty(t, got.stderr)
	require.Zero(t, f.lists, "what was named needs no listing")
}

func TestStatusOfNothing(t *testing.T) {
	t.Parallel()
	f := &fakeTemporal{kept: strangers(), row: sample.Champion}
	got := execute(t.Context(), f, "status")
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Equal(t, "no model has a schedule, and this installation has made no version yet\n", got.stdout)
	require.Contains(t, got.stderr, "starter run --file request.yaml")
	require.Len(t, f.observed, 1)
	require.Equal(t, "speech-retrainer", f.observed[0].TaskQueue)
	require.Equal(t, []string{}, f.observed[0].Names, "without schedules all is asked for")

	got = execute(t.Context(), f, "status", "-o", "json")
	require.Equal(t, "[]\n", got.stdout)
}

func TestNamesAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"status", "support-calls", "Support Calls"}, {"history", "Support Calls"}, {"adopt", "Support Calls", "--version", sample.VersionID, "--by", "ann"},
	} {
		got := execute(t.Context(), &fakeTemporal{row: sample.Champion}, args...)
		require.Equal(t, exit.Refused, got.code, args)
		require.Contains(t, got.stderr, `1 to 40`, args)
		require.Empty(t, got.stdout)
	}
}
