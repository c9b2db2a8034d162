package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/sample"
)

// deskOf is a fleet file with the given head and models, each on an endpoint of its name.
func deskOf(t *testing.T, head string, models ...string) string {
	t.Helper()
	text := "fleet: desk\n" + head + "defaults:\n  locale: en-US\n  " + sample.Heard + "\n  training: [{dataset: words}]\nmodels:\n"
	for _, m := range models {
		name, endpoint, given := strings.Cut(m, " on ")
		if !given {
			endpoint = name
		}
		text += "  - name: " + name + "\n    deploy: {endpoint: " + endpoint + "}\n"
	}
	path := filepath.Join(t.TempDir(), "fleet.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// applied applies a file that nothing stands against.
func (k *fakeTemporal) applied(t *testing.T, path string, args ...string) {
	t.Helper()
	got := execute(t.Context(), k, append([]string{"apply", "--file", path}, args...)...)
	require.Equal(t, exit.Done, got.code, got.stderr)
	k.done = nil
}

// refused applies a file that something stands against: nothing is changed, whatever --yes says.
func (k *fakeTemporal) refused(t *testing.T, path string, args ...string) string {
	t.Helper()
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	got := executeTyping(t.Context(), k, "yes\n", append([]string{"apply", "--file", path, "--yes"}, args...)...)
	require.Equal(t, exit.Refused, got.code, got.stderr+got.stdout)
	require.Empty(t, k.did(), "nothing was changed")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "nor the file")
	return strings.Join(strings.Fields(got.stderr), " ")
}

func TestPruneAsks(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		typed string
		args  []string
		code  int
		says  string
	}{
		"yes":                   {"yes\n", nil, exit.Done, "delete 1 schedule?"},
		"y":                     {" Y \n", nil, exit.Done, "delete 1 schedule?"},
		"no":                    {"n\n", nil, exit.Refused, "the answer was not yes: nothing was changed"},
		"return alone":          {"\n", nil, exit.Refused, "the answer was not yes"},
		"nobody there":          {"", nil, exit.Refused, "with --yes it is done without asking"},
		"nobody there, but yes": {"", []string{"--yes"}, exit.Done, "schedules of fleet desk that are not in"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := &fakeTemporal{}
			k.applied(t, deskOf(t, "", "one", "two"))
			got := executeTyping(t.Context(), k, tt.typed, append([]string{"apply", "--file", deskOf(t, "", "one", "three"), "--prune"}, tt.args...)...)
			require.Equal(t, tt.code, got.code, got.stderr)
			require.Contains(t, got.stderr, tt.says)
			require.Contains(t, got.stderr, "  renew/two  en-US, every 1d, up to 1h later, endpoint two\n", "it is listed first")
			if tt.code == exit.Done {
				require.Equal(t, []string{"create renew/three", "delete renew/two"}, k.did())
				return
			}
			require.Empty(t, k.did(), "nothing at all was applied")
			require.Empty(t, got.stdout)
		})
	}
	k := &fakeTemporal{}
	k.applied(t, deskOf(t, "", "one"))
	k.applied(t, deskOf(t, "", "one"), "--prune")
	k.applied(t, deskOf(t, "", "two"), "--prune", "--dry-run")
	require.NotNil(t, k.kept["renew/one"], "a dry run asks nothing and deletes nothing")
}

func TestAnEndpointServesOneModel(t *testing.T) {
	t.Parallel()
	t.Run("twice in a file", func(t *testing.T) {
		t.Parallel()
		require.Contains(t, (&fakeTemporal{}).refused(t, deskOf(t, "", "one", "two on one")),
			"fleet.yaml:10: models[1].deploy.endpoint: one is the endpoint of one already")
	})
	t.Run("twice in a file, by ID and URL", func(t *testing.T) {
		t.Parallel()
		const id = "1AAE1070-7972-47e9-a977-87e3b05c457d"
		path := deskOf(t, "", "one on "+id, "two on https://h/speechtotext/endpoints/"+strings.ToLower(id))
		require.Contains(t, (&fakeTemporal{}).refused(t, path),
			"models[1].deploy.endpoint: https://h/speechtotext/endpoints/1aae1070-7972-47e9-a977-87e3b05c457d is the endpoint of one already")
	})
	t.Run("in another fleet, in capitals", func(t *testing.T) {
		t.Parallel()
		const id = "1AAE1070-7972-47e9-a977-87e3b05c457d"
		k := &fakeTemporal{}
		other := deskOf(t, "", "theirs on "+id)
		text, err := os.ReadFile(other)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(other, []byte(strings.Replace(string(text), "fleet: desk", "fleet: other", 1)), 0o600))
		k.applied(t, other)
		require.Contains(t, k.refused(t, deskOf(t, "", "ours on "+strings.ToLower(id))), "is the endpoint of schedule renew/theirs already")
	})
	t.Run("in another fleet", func(t *testing.T) {
		t.Parallel()
		k := &fakeTemporal{}
		other := deskOf(t, "", "theirs")
		text, err := os.ReadFile(other)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(other, []byte(strings.Replace(string(text), "fleet: desk", "fleet: other", 1)), 0o600))
		k.applied(t, other)
		says := k.refused(t, deskOf(t, "", "fine", "ours on theirs"))
		require.Contains(t, says, "fleet.yaml:10: models[1].deploy.endpoint: theirs is the endpoint of schedule renew/theirs already")
		require.Contains(t, says, "let ours take it over: deploy: {endpoint: theirs, takeOver: theirs}")
	})
	t.Run("of a schedule made by hand", func(t *testing.T) {
		t.Parallel()
		k := &fakeTemporal{}
		k.applied(t, deskOf(t, "", "one"))
		k.kept["renew/one"].Memo = nil
		require.Contains(t, k.refused(t, deskOf(t, "", "two on one")), "one is the endpoint of schedule renew/one already")
	})
	t.Run("of a schedule that the listing does not show yet", func(t *testing.T) {
		t.Parallel()
		k := &fakeTemporal{}
		k.applied(t, deskOf(t, "", "one"))
		k.unlisted = []string{"renew/one"}
		k.applied(t, deskOf(t, "", "one"))
		require.NotNil(t, k.kept["renew/one"])
	})
	t.Run("another owner's", func(t *testing.T) {
		t.Parallel()
		k := &fakeTemporal{}
		k.applied(t, deskOf(t, "", "one"))
		k.kept["renew/one"].Memo.Fields["owner"] = payload("them")
		k.applied(t, deskOf(t, "", "two on one"))
	})
	t.Run("on another resource", func(t *testing.T) {
		t.Parallel()
		k := &fakeTemporal{}
		k.applied(t, deskOf(t, "", "one"))
		west := deskOf(t, "", "two on one")
		text, err := os.ReadFile(west)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(west, []byte(strings.Replace(string(text), "locale: en-US", "locale: en-US\n  taskQueue: west", 1)), 0o600))
		k.applied(t, west)
	})
	t.Run("changed hands within the file", func(t *testing.T) {
		t.Parallel()
		k := &fakeTemporal{}
		k.applied(t, deskOf(t, "", "one", "two"))
		k.applied(t, deskOf(t, "", "one on two", "two on one"))
	})
}

// A new name in a fleet file is another model: the old one's schedule must go first, and the endpoint change hands.
func TestARenamedModel(t *testing.T) {
	t.Parallel()
	k := &fakeTemporal{}
	k.applied(t, deskOf(t, "", "old on calls"))
	says := k.refused(t, deskOf(t, "", "new on calls"))
	require.Contains(t, says, "models[0].deploy.endpoint: calls is the endpoint of schedule renew/old already: an endpoint serves one model")
	require.Contains(t, says, "delete the old schedule with --prune; the retrain of new then needs deploy: {endpoint: calls, takeOver: old}")

	got := execute(t.Context(), k, "apply", "--file", deskOf(t, "", "new on calls"), "--prune", "--yes", "--output", "json")
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Equal(t, []string{"create renew/new", "delete renew/old"}, k.did())
	var done struct {
		ID       *string
		Warnings []string
	}
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &done))
	require.Nil(t, done.ID)
	require.Len(t, done.Warnings, 1)
	require.Contains(t, done.Warnings[0], "the retrain of new is refused unless it says deploy: {endpoint: calls, takeOver: old}")
	require.Contains(t, strings.Join(strings.Fields(got.stderr), " "), "warning: ")
}

func TestANameHasOneLocale(t *testing.T) {
	t.Parallel()
	k := &fakeTemporal{}
	k.applied(t, deskOf(t, "", "one"))
	german := deskOf(t, "", "fine", "one")
	text, err := os.ReadFile(german)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(german, []byte(strings.Replace(string(text), "  - name: one\n", "  - name: one\n    locale: de-DE\n", 1)), 0o600))
	says := k.refused(t, german)
	require.Contains(t, says, "fleet.yaml:10: models[1].locale: schedule renew/one renews one in en-US, this file says de-DE")
	require.Contains(t, says, "give the model of de-DE another name")
	// A schedule from before the case of a locale was checked renews the same model.
	args := k.kept["renew/one"].Schedule.Action.(*client.ScheduleWorkflowAction).Args
	args[0].(*commonpb.Payload).Data = []byte(strings.Replace(string(args[0].(*commonpb.Payload).Data), "en-US", "en-us", 1))
	k.applied(t, deskOf(t, "", "one"))
}

// All that stands against a file is said at once.
func TestAllObjectionsAreSaid(t *testing.T) {
	t.Parallel()
	k := &fakeTemporal{}
	k.applied(t, deskOf(t, "", "one", "two", "three"))
	k.kept["renew/one"].Memo.Fields["fleet"] = payload("other")
	k.kept["renew/two"].Memo = nil
	says := k.refused(t, deskOf(t, "", "one", "two", "four on three"))
	require.Contains(t, says, "was refused with 3 problems: nothing was applied")
	require.Contains(t, says, `schedule renew/one belongs to fleet "other" of owner "default", not to "desk" of "default"`)
	require.Contains(t, says, "schedule renew/two was made by hand: it is left alone")
	require.Contains(t, says, "three is the endpoint of schedule renew/three already")
}

func TestAFailingChangeEndsTheApply(t *testing.T) {
	t.Parallel()
	k := &fakeTemporal{}
	k.applied(t, deskOf(t, "", "one", "two"))
	k.refuses = "renew/two"
	got := execute(t.Context(), k, "apply", "--file", deskOf(t, "", "one"), "--prune", "--yes")
	require.Equal(t, exit.Unreachable, got.code)
	require.Contains(t, got.stderr, "cannot delete schedule renew/two: not yours; what could be changed is changed, and nothing that comes after it is deleted")
}

// A schedule goes only when all that comes in its place is there.
func TestNothingIsDeletedBeforeAllIsMade(t *testing.T) {
	t.Parallel()
	k := &fakeTemporal{}
	k.applied(t, deskOf(t, "", "one", "two"))
	k.refuses = "renew/one"
	got := execute(t.Context(), k, "apply", "--file", deskOf(t, "", "one on elsewhere"), "--prune", "--yes")
	require.Equal(t, exit.Unreachable, got.code, got.stderr)
	require.Contains(t, got.stderr, "cannot update schedule renew/one: not yours")
	require.NotContains(t, k.did(), "delete renew/two")
}

// A paused schedule of a request that is no request any more is still known by what it names.
func TestAStandingOfAnEarlierRelease(t *testing.T) {
	t.Parallel()
	s := fleet.NewStanding("one", &client.ScheduleDescription{Schedule: client.Schedule{
		Action: stored(&client.ScheduleWorkflowAction{
			TaskQueue: "west",
			Args:      []any{json.RawMessage(`{"locale": "en-US", "deploy": {"endpoint": "calls"}, "gone": 1}`)},
		}),
		State: &client.ScheduleState{Paused: true},
	}})
	require.Equal(t, "en-US calls west", s.Locale+" "+s.Endpoint+" "+s.TaskQueue)
	require.True(t, s.Paused)
	require.Equal(t, "en-US, no time, endpoint calls, paused", s.State())
}

// A schedule that was made with the Temporal CLI is taken into the fleet when that is asked for: after a yes, with what an
// operator has set, and for good. One of another fleet, or that starts something else, is never taken.
func TestApplyAdoptsSchedules(t *testing.T) {
	t.Parallel()
	byHand := func() *fakeTemporal {
		k := &fakeTemporal{kept: map[string]*client.ScheduleDescription{"renew/one": renewed("speech-retrainer", "en-US")}}
		k.kept["renew/one"].Schedule.State.Paused = true
		// As the server keeps "0 3 * * *".
		at := func(start, end int) []client.ScheduleRange {
			return []client.ScheduleRange{{Start: start, End: end, Step: 1}}
		}
		k.kept["renew/one"].Schedule.Spec = &client.ScheduleSpec{TimeZoneName: "Europe/Berlin", Calendars: []client.ScheduleCalendarSpec{{
			Second: at(0, 0), Minute: at(0, 0), Hour: at(3, 3), DayOfMonth: at(1, 31), Month: at(1, 12), DayOfWeek: at(0, 6),
		}}}
		return k
	}
	file := deskOf(t, "", "one")
	args := []string{"apply", "--file", file, "--adopt-schedules"}
	require.Contains(t, byHand().refused(t, file), "schedule renew/one was made by hand: it is left alone take it into the fleet with --adopt-schedules, or give")

	k := byHand()
	got := executeTyping(t.Context(), k, "no\n", args...)
	require.Equal(t, exit.Refused, got.code)
	require.Contains(t, got.stderr, "schedules made by hand that fleet desk takes over:\n"+
		"  renew/one has: en-US, cron 0 3 * * * in Europe/Berlin, paused\n"+
		"    from then on: en-US, every 1d, up to 1h later, endpoint one\n")
	require.NotContains(t, got.stderr, "earlier version", "nobody has applied it before")
	require.Empty(t, k.did())
	got = execute(t.Context(), k, append(args, "--dry-run")...)
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Contains(t, got.stdout, "update    renew/one, paused\n    fleet: (made by hand) -> desk\n"+
		"    schedule: cron 0 3 * * * in Europe/Berlin -> every 1d, up to 1h later\n")
	require.Empty(t, k.did())

	got = executeTyping(t.Context(), k, "yes\n", args...)
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Equal(t, []string{"update renew/one"}, k.did())
	require.True(t, k.kept["renew/one"].Schedule.State.Paused)
	k.applied(t, deskOf(t, "", "one on elsewhere")) // it is the fleet's from now on, and stays so when it changes
	got = execute(t.Context(), k, "apply", "--file", deskOf(t, "", "one on elsewhere"))
	require.Contains(t, got.stdout, "0 changed, 1 unchanged")
	k.applied(t, deskOf(t, "", "two"), "--prune", "--yes")
	require.Nil(t, k.kept["renew/one"], "it is deleted like one of the fleet's own")

	k = byHand()
	k.kept["renew/one"].Schedule.Action.(*client.ScheduleWorkflowAction).Workflow = "Backup"
	require.Contains(t, k.refused(t, file, "--adopt-schedules"), "schedule renew/one starts Backup, not Renew: it is left alone")
	k = &fakeTemporal{}
	k.applied(t, file)
	k.kept["renew/one"].Memo.Fields["fleet"] = payload("other")
	require.Contains(t, k.refused(t, file, "--adopt-schedules"), `schedule renew/one belongs to fleet "other" of owner "default"`)
	k = &fakeTemporal{}
	k.applied(t, file)
	k.kept["renew/one"].Memo.Fields["owner"] = payload("them")
	require.Contains(t, k.refused(t, file, "--adopt-schedules"), `schedule renew/one belongs to fleet "desk" of owner "them"`)
}
