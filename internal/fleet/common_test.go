package fleet

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
)

const spending = `fleet: desk
pilots: {en-US: scout, de-DE: spaeher}
budget: {month: 400}
prices: {trainingHour: 12.5}
defaults:
  locale: en-US
  notify: [{urlFrom: {env: OPS_WEBHOOK}, on: [failed]}]
  schedule: {cron: "0 3 * * *", timeZone: Europe/Berlin, jitter: 1h}
  training: [{dataset: words}]
  renew: {avoid: [Sat, Sun]}
models:
  - name: scout
  - name: desk
    renew: {window: 10d}
  - name: crew
    renew: {pilot: desk, timeZone: Asia/Tokyo, budget: {month: 400, onExceed: wait}, prices: {endpointHour: 0.06}}
  - {name: spaeher, locale: de-DE, renew: null}
  - {name: schalter, locale: de-DE, renew: {pilot: null}, schedule: {every: 1d}}
`

// What a fleet says once for all stands in the request that each schedule starts a check with.
func TestWhatAFleetSaysForAllIsInEachRequest(t *testing.T) {
	t.Parallel()
	f, err := fleetOf(spending)
	require.NoError(t, err)
	got := map[string]lifecycle.Renew{}
	for _, m := range f.Models {
		request, problems := decode.Request(m.Raw)
		require.Empty(t, problems)
		require.Empty(t, cmp.Diff(m.Request, request))
		got[m.Name] = request.Renew
	}
	budget := &lifecycle.Budget{Month: 400, OnExceed: "wait"}
	want := lifecycle.DefaultRequest().Renew
	want.Budget, want.Prices.TrainingHour, want.TimeZone = budget, lifecycle.Ptr(12.5), "Europe/Berlin"

	spaeher := want
	require.Empty(t, cmp.Diff(spaeher, got["spaeher"]), "no pilot has a pilot; renew: null takes the defaults away, not what holds for all")
	schalter := want
	schalter.TimeZone, schalter.Avoid = "", []string{"Sat", "Sun"}
	require.Empty(t, cmp.Diff(schalter, got["schalter"]), "pilot: null is none; every has no time zone")
	want.Avoid = []string{"Sat", "Sun"}
	require.Empty(t, cmp.Diff(want, got["scout"]))
	want.Pilot, want.Window = "scout", lifecycle.Duration(10*lifecycle.Day)
	require.Empty(t, cmp.Diff(want, got["desk"]))
	want.Pilot, want.Window, want.TimeZone, want.Prices.EndpointHour = "desk", lifecycle.Duration(21*lifecycle.Day), "Asia/Tokyo", lifecycle.Ptr(0.06)
	require.Empty(t, cmp.Diff(want, got["crew"]), "what a model says itself goes before it")
	require.Equal(t, []string{"renew.pilot of crew: desk has a pilot itself, scout: without a pilot a new base model is tried by each for itself"}, f.Warnings)
}

// The same fleet as JSON is the same fleet.
func TestWhatAFleetSaysForAllAsJSON(t *testing.T) {
	t.Parallel()
	source, err := yaml.YAMLToJSON([]byte(spending))
	require.NoError(t, err)
	inJSON, err := Read(Document{Name: "fleet.json", Source: source}, time.Now())
	require.NoError(t, err)
	inYAML, err := fleetOf(spending)
	require.NoError(t, err)
	for i, m := range inYAML.Models {
		require.Empty(t, cmp.Diff(m.Request, inJSON.Models[i].Request))
	}
	require.Equal(t, inYAML.Warnings, inJSON.Warnings)
}

// A pilot that is none is no error: the model goes by itself, and apply says so.
func TestPilotsThatAreNone(t *testing.T) {
	t.Parallel()
	for says, change := range map[string][2]string{
		"renew.pilot of scout, desk: ghost is not in this file": {"en-US: scout", "en-US: ghost"},
		"renew.pilot of desk: scout has a fixed base model": {
			"- name: scout", "- {name: scout, baseModel: 1aae1070-7972-47e9-a977-87e3b05c457d}",
		},
		"renew.pilot of desk: scout is on another Speech resource (task queue east, not ":         {"- name: scout", "- {name: scout, taskQueue: east}"},
		"renew.pilot of scout, desk: spaeher is of de-DE, not of en-US":                           {"en-US: scout", "en-US: spaeher"},
		"renew.pilot of scout: a model cannot be its own pilot":                                   {"- name: scout", "- {name: scout, renew: {pilot: scout}}"},
		"pilots: no model of this file is of fr-fr, so that eclaireur is the pilot of none":       {"de-DE: spaeher", "fr-FR: eclaireur"},
		"desk: renew.retryAfter has no effect any more: an input that was trained is not trained": {"window: 10d", "retryAfter: 7d"},
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, spending, change[0])
			f, err := fleetOf(strings.Replace(spending, change[0], change[1], 1))
			require.NoError(t, err)
			require.Contains(t, strings.Join(f.Warnings, "\n"), says)
		})
	}
}

func TestWhatAFleetSaysForAllIsChecked(t *testing.T) {
	t.Parallel()
	for says, change := range map[string][2]string{
		":3: budget.month: must be more than zero":                  {"month: 400}", "month: 0}"},
		":3: budget.year: unknown field":                            {"month: 400}", "month: 400, year: 1}"},
		":4: prices.trainingHour: must be a number, not a string":   {"12.5", "cheap"},
		":4: prices: must be an object, not a list":                 {"{trainingHour: 12.5}", "[]"},
		":2: pilots: must be an object":                             {"{en-US: scout, de-DE: spaeher}", "[scout]"},
		":2: pilots.en-us: must be spelled as the service does":     {"en-US: scout", "en-us: scout"},
		":2: pilots.en-US: must be the name of the model that goes": {"en-US: scout", "en-US: [scout]"},
		":12: models[0].force: is for one run":                      {"- name: scout", "- {name: scout, force: true}"},
		":6: models[0].force: is for one run":                       {"  locale: en-US", "  force: true\n  locale: en-US"},
		":1: budgets: unknown field":                                {"budget:", "budgets:"},
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			_, err := fleetOf(strings.Replace(spending, change[0], change[1], 1))
			f, is := errors.AsType[*exit.Failure](err)
			require.True(t, is)
			require.Contains(t, strings.Join(f.Lines, "\n"), strings.TrimPrefix(says, ":1"))
			if strings.HasPrefix(says, ":3: budget") {
				require.Len(t, f.Lines, 1, "once, not once for each model")
			}
		})
	}
}

// Two budgets on one resource each take the spending of the other for their own.
func TestTwoBudgetsOnOneResource(t *testing.T) {
	t.Parallel()
	f, err := fleetOf(strings.Replace(spending, "month: 400, onExceed: wait", "month: 300", 1))
	require.NoError(t, err)
	require.Contains(t, strings.Join(f.Warnings, "\n"), "scout has a budget of 400 a month (wait), crew one of 300 (wait)")
	f, err = fleetOf(strings.NewReplacer("month: 400, onExceed: wait", "month: 300", "name: crew", "name: crew\n    taskQueue: east").Replace(spending))
	require.NoError(t, err)
	require.NotContains(t, strings.Join(f.Warnings, "\n"), "budget", "another task queue is another resource")

	standing := func(name, fleet, owner, queue, renew string) Standing {
		d := &client.ScheduleDescription{}
		d.Schedule.Action = &client.ScheduleWorkflowAction{TaskQueue: queue, Args: []any{&commonpb.Payload{Data: []byte(`{"renew":` + renew + `}`)}}}
		s := NewStanding(name, d)
		s.fleet, s.owner = fleet, owner
		return s
	}
	f, err = fleetOf(spending)
	require.NoError(t, err)
	queue := f.Models[0].TaskQueue
	for name, tt := range map[string]struct {
		standing Standing
		prune    bool
		want     int
	}{
		"another fleet":          {standing("till", "shop", "us", queue, `{"budget":{"month":50}}`), false, 1},
		"the same budget":        {standing("till", "shop", "us", queue, `{"budget":{"month":400}}`), false, 0},
		"no budget":              {standing("till", "shop", "us", queue, `{"budget":null}`), false, 0},
		"none that can be read":  {standing("till", "shop", "us", queue, `{"budget":50}`), false, 0},
		"another owner":          {standing("till", "shop", "them", queue, `{"budget":{"month":50}}`), false, 0},
		"another resource":       {standing("till", "shop", "us", "east", `{"budget":{"month":50}}`), false, 0},
		"as it was in this file": {standing("desk", "desk", "us", queue, `{"budget":{"month":50}}`), false, 0},
		"that is deleted":        {standing("till", "desk", "us", queue, `{"budget":{"month":50}}`), true, 0},
		"that stays":             {standing("till", "desk", "us", queue, `{"budget":{"month":50}}`), false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			held := Held{Fleet: f, Have: map[string]Standing{tt.standing.Model: tt.standing}, Owner: "us", Prune: tt.prune}
			require.Len(t, held.Budgets(), tt.want)
		})
	}
}

// Checks of one moment do not see what the others are about to spend: the budget holds only when they begin apart.
func TestABudgetWantsChecksThatBeginApart(t *testing.T) {
	t.Parallel()
	const first = ", jitter: 1h}"
	for name, tt := range map[string]struct {
		change []string
		warned bool
	}{
		"in one moment":    {[]string{first, "}"}, true},
		"with a jitter":    {[]string{}, false},
		"without a budget": {[]string{first, "}", "budget: {month: 400}", "", ", budget: {month: 400, onExceed: wait}", ""}, false},
		"on other resources": {[]string{
			first, "}", "name: desk\n", "name: desk\n    taskQueue: a\n", "name: crew\n", "name: crew\n    taskQueue: b\n", "spaeher, ", "spaeher, taskQueue: c, ",
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := fleetOf(strings.NewReplacer(tt.change...).Replace(spending))
			require.NoError(t, err)
			if all := strings.Join(f.Warnings, "\n"); tt.warned {
				require.Contains(t, all, "the checks of scout, desk, crew and 1 more begin in one moment (cron 0 3 * * * in Europe/Berlin)")
			} else {
				require.NotContains(t, all, "begin in one moment")
			}
		})
	}
}
