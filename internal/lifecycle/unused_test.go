package lifecycle_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

func TestTidyDatasets(t *testing.T) {
	t.Parallel()
	day := func(ago int) string { return now.AddDate(0, 0, -ago).Format(time.DateOnly) }
	run := func(change func(*lifecycle.DatasetFacts)) lifecycle.DatasetFacts {
		d := lifecycle.DatasetFacts{ID: "d", Content: "c", Status: "Succeeded", Terminal: true, CreatedAt: now.AddDate(0, 0, -100), ByRun: true}
		change(&d)
		return d
	}
	cases := []struct {
		name     string
		datasets []lifecycle.DatasetFacts
		hold     string
		want     []lifecycle.DatasetStep
	}{
		{
			name: "the first look marks", datasets: []lifecycle.DatasetFacts{run(func(*lifecycle.DatasetFacts) {})},
			want: []lifecycle.DatasetStep{{ID: "d", Do: "mark", Reason: "nothing refers to it"}},
		},
		{name: "six days later it stays", datasets: []lifecycle.DatasetFacts{run(func(d *lifecycle.DatasetFacts) { d.Spare = day(6) })}},
		{
			name: "seven days later it goes", datasets: []lifecycle.DatasetFacts{run(func(d *lifecycle.DatasetFacts) { d.Spare = day(7) })},
			want: []lifecycle.DatasetStep{{ID: "d", Do: "delete", Reason: "nothing has referred to it since " + day(7)}},
		},
		{name: "a use takes the mark away", datasets: []lifecycle.DatasetFacts{run(func(d *lifecycle.DatasetFacts) {
			d.Spare,
				d.Use = day(30), "a version was trained on it"
		})}, want: []lifecycle.DatasetStep{{ID: "d", Do: "unmark", Reason: "a version was trained on it"}}},
		{name: "used and unmarked", datasets: []lifecycle.DatasetFacts{run(func(d *lifecycle.DatasetFacts) { d.Spare, d.Use = lifecycle.NoMark, "used" })}},
		{
			name:     "a mark that was taken away counts anew",
			datasets: []lifecycle.DatasetFacts{run(func(d *lifecycle.DatasetFacts) { d.Spare = lifecycle.NoMark })},
			want:     []lifecycle.DatasetStep{{ID: "d", Do: "mark", Reason: "nothing refers to it"}},
		},
		{name: "not terminal", datasets: []lifecycle.DatasetFacts{run(func(d *lifecycle.DatasetFacts) { d.Spare, d.Terminal = day(30), false })}},
		{name: "a person's stays", datasets: []lifecycle.DatasetFacts{run(func(d *lifecycle.DatasetFacts) { d.Spare, d.ByRun = day(30), false })}},
		{name: "nothing while another home is at work", hold: "version x is unfinished", datasets: []lifecycle.DatasetFacts{
			run(func(*lifecycle.DatasetFacts) {}), run(func(d *lifecycle.DatasetFacts) { d.Spare = day(30) }),
		}},
		{name: "but a use takes the mark away then, too", hold: "version x is unfinished", datasets: []lifecycle.DatasetFacts{
			run(func(d *lifecycle.DatasetFacts) { d.Spare, d.Use = day(1), "used" }),
		}, want: []lifecycle.DatasetStep{{ID: "d", Do: "unmark", Reason: "used"}}},
		{name: "of failed ones the newest of a content stays", datasets: []lifecycle.DatasetFacts{
			run(func(d *lifecycle.DatasetFacts) { d.ID, d.Status, d.CreatedAt = "old", "Failed", now.AddDate(0, 0, -3) }),
			run(func(d *lifecycle.DatasetFacts) { d.ID, d.Status, d.CreatedAt = "new", "Failed", now.AddDate(0, 0, -2) }),
			run(func(d *lifecycle.DatasetFacts) { d.ID, d.Status, d.Content = "other", "Failed", "c2" }),
			run(func(d *lifecycle.DatasetFacts) { d.ID, d.Status, d.ByRun = "person's", "Failed", false }),
		}, want: []lifecycle.DatasetStep{{ID: "old", Do: "delete", Reason: "its import failed, and a later one of the same content failed, too"}}},
		{name: "a failed one stays for a day", datasets: []lifecycle.DatasetFacts{
			run(func(d *lifecycle.DatasetFacts) {
				d.ID, d.Status, d.CreatedAt = "old", "Failed", now.Add(-lifecycle.Day)
			}),
			run(func(d *lifecycle.DatasetFacts) { d.ID, d.Status, d.CreatedAt = "new", "Failed", now }),
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, lifecycle.TidyDatasets(c.datasets, c.hold, now))
		})
	}
}

// Whatever happens from day to day, no dataset is deleted within a week of a use, nor ever while it is used, held back,
// or somebody's own.
func TestADatasetIsNeverDeletedWithinAWeekOfAUse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := lifecycle.DatasetFacts{ID: "d", Content: "c", Status: "Succeeded", Terminal: true, CreatedAt: now, ByRun: rapid.Bool().Draw(t, "by run")}
		lastUse := now
		for i := range rapid.IntRange(1, 60).Draw(t, "days") {
			at := now.Add(time.Duration(i) * lifecycle.Day).Add(time.Duration(rapid.IntRange(0, 23).Draw(t, "hour")) * time.Hour)
			d.Use, d.Terminal = rapid.SampledFrom([]string{"", "", "", "used"}).Draw(t, "use"), rapid.Bool().Draw(t, "terminal")
			hold := rapid.SampledFrom([]string{"", "", "held"}).Draw(t, "hold")
			if d.Use != "" {
				lastUse = at
			}
			for _, step := range lifecycle.TidyDatasets([]lifecycle.DatasetFacts{d}, hold, at) {
				switch step.Do {
				case lifecycle.DatasetMark:
					d.Spare = lifecycle.SpareMark(at)
				case lifecycle.DatasetUnmark:
					d.Spare = lifecycle.NoMark
				case lifecycle.DatasetDelete:
					require.True(t, d.ByRun && d.Use == "" && hold == "" && d.Terminal)
					require.GreaterOrEqual(t, at.Sub(lastUse), 6*lifecycle.Day, "a day is counted from its midnight")
					return
				}
			}
		}
	})
}

func TestNamed(t *testing.T) {
	t.Parallel()
	d := lifecycle.DatasetFacts{ID: "0f9f0e43-1b2c-4f0a-9d57-000000000001", DisplayName: "text 0123456789ab", Content: "0123456789abcdef"}
	means := func(named string, d lifecycle.DatasetFacts) bool { return named == d.ID || named == d.DisplayName }
	contents := func(content string, known bool) func(lifecycle.LiveRequest, lifecycle.LiveData) (string, bool) {
		return func(lifecycle.LiveRequest, lifecycle.LiveData) (string, bool) { return content, known }
	}
	for name, c := range map[string]struct {
		raw    string
		answer func(lifecycle.LiveRequest, lifecycle.LiveData) (string, bool)
		want   string
	}{
		"by ID": {
			raw:  `{"name":"m","training":[{"dataset":"0f9f0e43-1b2c-4f0a-9d57-000000000001"}]}`,
			want: "a schedule or running retrain of m names it",
		},
		"by name": {raw: `{"name":"m","training":[{"dataset":"text 0123456789ab"}]}`, want: "a schedule or running retrain of m names it"},
		"of an evaluation": {
			raw:  `{"request":{"name":"m","tests":[{"dataset":"text 0123456789ab"}]},"versionId":"v"}`,
			want: "a schedule or running retrain of m names it",
		},
		"by content": {
			raw:    `{"name":"m","training":[{"name":"text","contentUrl":"https://x/t"}]}`,
			answer: contents("0123456789abcdef", true), want: "the data text of m are in it",
		},
		"by another content": {raw: `{"name":"m","training":[{"name":"text","contentUrl":"https://x/t"}]}`, answer: contents("fedc", true)},
		"by unknown content": {
			raw:    `{"name":"m","training":[{"name":"text","contentUrlFrom":{"env":"T"}}]}`,
			answer: contents("", false), want: "the data text of m may be in it: their server did not tell",
		},
		"by another data name":  {raw: `{"name":"m","training":[{"name":"tex","contentUrl":"https://x/t"}]}`},
		"nothing of it":         {raw: `{"name":"m","training":[{"dataset":"text"}]}`},
		"no request in it":      {raw: `["desk"]`},
		"by a name of 13 signs": {raw: `{"name":"m","training":[{"name":"text 0123","contentUrl":"https://x/t"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := []lifecycle.LiveRequest{}
			if r, ok := lifecycle.ReadLive([]byte(c.raw)); ok {
				live = append(live, r)
			}
			answer := c.answer
			if answer == nil {
				answer = func(lifecycle.LiveRequest, lifecycle.LiveData) (string, bool) {
					t.Error("asked for a content that cannot be the dataset's")
					return "", false
				}
			}
			require.Equal(t, c.want, lifecycle.Named(d, live, means, answer))
		})
	}
}

func TestHoldDatasets(t *testing.T) {
	t.Parallel()
	for state, held := range map[lifecycle.State]bool{
		lifecycle.StateCandidate: true, lifecycle.StateDeploying: true, lifecycle.StateAbandoned: true,
		lifecycle.StateChampion: false, lifecycle.StateRejected: false,
	} {
		require.Equal(t, held, lifecycle.HoldDatasets([]lifecycle.Version{version("a", state, lifecycle.RunForeign)}) != "", state)
		require.Empty(t, lifecycle.HoldDatasets([]lifecycle.Version{version("a", state, lifecycle.RunActive), version("b", state, lifecycle.RunCanceled)}))
	}
}

func TestQuotaNote(t *testing.T) {
	t.Parallel()
	require.Empty(t, lifecycle.QuotaNote("datasets", 399, 500))
	require.Equal(t, "the resource has 400 datasets, and may have 500: make room before a retrain needs it", lifecycle.QuotaNote("datasets", 400, 500))
	require.Empty(t, lifecycle.QuotaNote("datasets", 5, 0))
}

func TestHeal(t *testing.T) {
	t.Parallel()
	limit := lifecycle.Duration(time.Hour)
	long := now.Add(-2 * time.Hour)
	of := func(id string, state lifecycle.State, run lifecycle.RunState, daysAgo int) lifecycle.Version {
		v := version(id, state, run)
		v.Status, v.CreatedAt, v.Known.ClosedAt = "Succeeded", lifecycle.Ptr(now.AddDate(0, 0, -daysAgo)), long
		return v
	}
	with := func(v lifecycle.Version, change func(*lifecycle.Version)) lifecycle.Version {
		change(&v)
		return v
	}
	serving := func(id string) lifecycle.Served {
		return lifecycle.Served{Endpoint: "e", ModelID: id, Status: "Succeeded", ChangedAt: long}
	}
	cases := []struct {
		name     string
		versions []lifecycle.Version
		served   lifecycle.Served
		want     map[string]lifecycle.State
	}{
		{
			name:     "a deploying version that serves",
			versions: []lifecycle.Version{of("v2", "deploying", lifecycle.RunTerminated, 0), of("v1", "champion", lifecycle.RunEnded, 9)},
			served:   serving("v2"), want: map[string]lifecycle.State{"v2": "champion", "v1": "retired"},
		},
		{
			name: "also of a run that failed", versions: []lifecycle.Version{of("v2", "deploying", lifecycle.RunEnded, 0)},
			served: serving("v2"), want: map[string]lifecycle.State{"v2": "champion"},
		},
		{name: "not while its run goes on", versions: []lifecycle.Version{
			of("v2", "deploying", lifecycle.RunActive, 0),
			of("v1", "champion", lifecycle.RunEnded, 9),
		}, served: serving("v2")},
		{name: "not of another home", versions: []lifecycle.Version{
			of("v2", "deploying", lifecycle.RunForeign, 0),
			of("v1", "champion", lifecycle.RunEnded, 9),
		}, served: serving("v2")},
		{
			name:     "set back to the champion before by hand",
			versions: []lifecycle.Version{of("v2", "champion", lifecycle.RunEnded, 0), of("v1", "retired", lifecycle.RunEnded, 9)}, served: serving("v1"),
		},
		{
			name:     "set to a rejected version by hand",
			versions: []lifecycle.Version{of("v2", "rejected", lifecycle.RunEnded, 0), of("v1", "champion", lifecycle.RunEnded, 9)}, served: serving("v2"),
		},
		{name: "a newer candidate with a yes", versions: []lifecycle.Version{
			with(of("v2", "candidate", lifecycle.RunEnded, 0), func(v *lifecycle.Version) { v.Verdict = "inconclusive; yes by ann: go" }),
			of("v1", "champion", lifecycle.RunEnded, 9),
		}, served: serving("v2"), want: map[string]lifecycle.State{"v2": "champion", "v1": "retired"}},
		{
			name:     "a newer candidate without a yes",
			versions: []lifecycle.Version{of("v2", "candidate", lifecycle.RunCanceled, 0), of("v1", "champion", lifecycle.RunEnded, 9)}, served: serving("v2"),
		},
		{name: "an older candidate with a yes", versions: []lifecycle.Version{
			with(of("v0", "candidate", lifecycle.RunEnded, 20), func(v *lifecycle.Version) { v.Verdict = "pass" }), of("v1", "champion", lifecycle.RunEnded, 9),
		}, served: serving("v0")},
		{
			name:     "two champions, the newer serves",
			versions: []lifecycle.Version{of("v2", "champion", lifecycle.RunTerminated, 0), of("v1", "champion", lifecycle.RunEnded, 9)},
			served:   serving("v2"), want: map[string]lifecycle.State{"v1": "retired"},
		},
		{
			name:     "two champions, the older serves",
			versions: []lifecycle.Version{of("v2", "champion", lifecycle.RunTerminated, 0), of("v1", "champion", lifecycle.RunEnded, 9)},
			served:   serving("v1"),
		},
		{
			name: "three champions without an endpoint", versions: []lifecycle.Version{
				of("v3", "champion", lifecycle.RunEnded, 0), of("v1", "champion", lifecycle.RunEnded, 20), of("v2", "champion", lifecycle.RunEnded, 9),
			},
			want: map[string]lifecycle.State{"v1": "retired", "v2": "retired"},
		},
		{
			name:     "two champions without an endpoint",
			versions: []lifecycle.Version{of("v2", "champion", lifecycle.RunTerminated, 0), of("v1", "champion", lifecycle.RunEnded, 9)},
			want:     map[string]lifecycle.State{"v1": "retired"},
		},
		{
			name:     "a deployment that came to nothing",
			versions: []lifecycle.Version{of("v2", "deploying", lifecycle.RunTerminated, 0), of("v1", "champion", lifecycle.RunEnded, 9)},
			served:   serving("v1"), want: map[string]lifecycle.State{"v2": "failed"},
		},
		{
			name: "a deployment that may still be on its way", versions: []lifecycle.Version{of("v2", "deploying", lifecycle.RunTerminated, 0)},
			served: lifecycle.Served{Endpoint: "e", ModelID: "v1", Status: "Running", ChangedAt: long},
		},
		{
			name: "an endpoint that changed a moment ago", versions: []lifecycle.Version{of("v2", "deploying", lifecycle.RunTerminated, 0)},
			served: lifecycle.Served{Endpoint: "e", ModelID: "v1", Status: "Succeeded", ChangedAt: now.Add(-time.Minute)},
		},
		{name: "a run that ended a moment ago", versions: []lifecycle.Version{
			with(of("v2", "deploying", lifecycle.RunTerminated, 0), func(v *lifecycle.Version) { v.Known.ClosedAt = now.Add(-time.Minute) }),
		}, served: serving("v1")},
		{name: "a deploying version on another endpoint", versions: []lifecycle.Version{
			with(of("v2", "deploying", lifecycle.RunTerminated, 0), func(v *lifecycle.Version) { v.InUse = true }),
		}, served: serving("v1")},
		{name: "an endpoint whose deployment failed", versions: []lifecycle.Version{
			with(of("v2", "deploying", lifecycle.RunEnded, 0), func(v *lifecycle.Version) { v.InUse = true }), of("v1", "champion", lifecycle.RunEnded, 9),
		}, served: lifecycle.Served{Endpoint: "e", ModelID: "v2", Status: "Failed", ChangedAt: long}},
		{name: "an unfinished training", versions: []lifecycle.Version{
			with(of("v2", "deploying", lifecycle.RunTerminated, 0), func(v *lifecycle.Version) { v.Status, v.InUse = "Running", true }),
		}, served: serving("v2")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got map[string]lifecycle.State
			backwards := slices.Clone(c.versions)
			slices.Reverse(backwards)
			require.Equal(t, lifecycle.Heal(c.versions, c.served, limit, now, now), lifecycle.Heal(backwards, c.served, limit, now, now))
			for _, m := range lifecycle.Heal(c.versions, c.served, limit, now, now) {
				if got == nil {
					got = map[string]lifecycle.State{}
				}
				require.NotContains(t, got, m.ID)
				require.NotEmpty(t, m.Reason)
				got[m.ID] = m.State
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestVerdictYes(t *testing.T) {
	t.Parallel()
	for mark, yes := range map[string]bool{
		"": false, "pass; 0.112 vs 0.131": true, "fail; 0.2 vs 0.1": false, "inconclusive": false, "untested": false,
		"fail; 0.2 vs 0.1; yes by ann: needed": true, "pass; no by ann: heard; yes by bob: fake": false,
		"pass; back by ann: worse": false, "pass; unanswered@2026-11-22": false,
	} {
		require.Equal(t, yes, lifecycle.VerdictYes(mark), mark)
	}
}

func TestSameRun(t *testing.T) {
	t.Parallel()
	require.True(t, lifecycle.SameRun("h/r", "h/r"))
	require.True(t, lifecycle.SameRun("r", "h/r"), "a mark from before homes were written")
	require.False(t, lifecycle.SameRun("g/r", "h/r"))
	require.False(t, lifecycle.SameRun("h/r", "h/q"))
	require.False(t, lifecycle.SameRun("", ""))
	require.False(t, lifecycle.SameRun("h/", "h/"))
}
