package fleet

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// From a file and the schedules that are there to what is to be done, without a server.
func TestChanges(t *testing.T) {
	t.Parallel()
	desk, err := fleetOf(sample.TwoModels)
	require.NoError(t, err)
	standing := func(m Model, change func(*Standing)) Standing {
		s := Standing{schedule: wanted(m), Model: m.Name, fleet: "desk", owner: "us", Locale: m.Locale}
		if change != nil {
			change(&s)
		}
		return s
	}
	one, two := desk.Models[0], desk.Models[1]
	for name, tt := range map[string]struct {
		have  []Standing
		prune bool
		want  []Change
	}{
		"nothing is there": {want: []Change{
			{Model: "one", Schedule: "renew/one", Action: Create}, {Model: "two", Schedule: "renew/two", Action: Create},
		}},
		"all is there": {have: []Standing{standing(one, nil), standing(two, nil)}, want: []Change{
			{Model: "one", Schedule: "renew/one", Action: Leave}, {Model: "two", Schedule: "renew/two", Action: Leave},
		}},
		"what is paused stays paused": {have: []Standing{standing(one, func(s *Standing) { s.Paused = true }), standing(two, func(s *Standing) {
			s.Paused, s.TaskQueue = true, "east"
		})}, want: []Change{
			{Model: "one", Schedule: "renew/one", Action: Leave, Paused: true},
			{Model: "two", Schedule: "renew/two", Action: Update, Paused: true, Diff: []string{"taskQueue: east -> west"}},
		}},
		"each difference has a line": {have: []Standing{standing(one, func(s *Standing) {
			s.timing, s.timeout = "every 7d", 2*time.Hour
			s.input = []byte(strings.Replace(string(s.input), `"timeout":"2h"`, `"timeout":"3h"`, 1))
		}), standing(two, func(s *Standing) { s.times = 0 })}, want: []Change{
			{Model: "one", Schedule: "renew/one", Action: Update, Diff: []string{
				"schedule: every 7d -> every 1d, up to 1h later", "executionTimeout: 2h0m0s -> 1h0m0s", `input.approval.timeout: "3h" -> "2h"`,
			}},
			{Model: "two", Schedule: "renew/two", Action: Update, Diff: []string{"schedule: changed by hand -> cron 0 3 * * * in Europe/Berlin, up to 1h later"}},
		}},
		"what the file lost is left": {have: []Standing{standing(one, nil), standing(two, nil), {Model: "gone", fleet: "desk", owner: "us"}}, want: []Change{
			{Model: "one", Schedule: "renew/one", Action: Leave}, {Model: "two", Schedule: "renew/two", Action: Leave},
		}},
		"or pruned, where it is ours": {prune: true, have: []Standing{
			standing(one, nil), standing(two, nil), {Model: "gone", fleet: "desk", owner: "us", Paused: true}, {Model: "theirs", fleet: "desk", owner: "them"},
		}, want: []Change{
			{Model: "one", Schedule: "renew/one", Action: Leave},
			{Model: "two", Schedule: "renew/two", Action: Leave},
			{Model: "gone", Schedule: "renew/gone", Action: Delete, Paused: true},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			held := Held{Fleet: desk, Have: map[string]Standing{}, Owner: "us", Prune: tt.prune}
			for _, s := range tt.have {
				held.Have[s.Model] = s
			}
			require.NoError(t, held.Objections())
			got := held.Changes(desk.Models)
			require.Len(t, got, len(tt.want))
			for i, want := range tt.want {
				if want.Diff != nil {
					require.Equal(t, want.Diff, got[i].Diff)
				}
				if want.Action == Leave || want.Action == Delete {
					require.Empty(t, got[i].Diff)
				}
				got[i].Diff, want.Diff, got[i].To = nil, nil, Model{}
				require.Equal(t, want, got[i])
			}
		})
	}
}

// A change for machines has these fields and no other.
func TestAChangeAsJSON(t *testing.T) {
	t.Parallel()
	desk, err := fleetOf(sample.TwoModels)
	require.NoError(t, err)
	change := Held{Fleet: desk}.Changes(desk.Models[:1])[0]
	change.Diff = []string{}
	raw, err := json.Marshal(change)
	require.NoError(t, err)
	require.JSONEq(t, `{"model": "one", "schedule": "renew/one", "action": "create", "diff": [], "paused": false}`, string(raw))
}

// Local files are compared by the names that their content gives: what is known stands by its ID, what is new by a text.
func TestCompared(t *testing.T) {
	t.Parallel()
	given, err := ReadRequest(Document{Name: "r.yaml", Dir: "requests", Source: []byte(
		"name: one\nlocale: en-US\ntraining:\n  - {name: a, kind: Language, file: a.txt}\n  - {dataset: words}\ntests:\n" +
			"  - {name: b, kind: Acoustic, file: b.zip}\n")})
	require.NoError(t, err)
	names := map[string]string{"training[0]": "a 0123", "tests[0]": "b 4567"}
	for name, tt := range map[string]struct {
		known   map[string]string
		fresh   bool
		a, b    string
		uploads map[string]string
	}{
		"all known": {map[string]string{"a 0123": "ida", "b 4567": "idb"}, false, "ida", "idb", map[string]string{"a 0123": "ida", "b 4567": "idb"}},
		"one new": {
			map[string]string{"a 0123": "ida", "b 0000": "idb"},
			true, "ida", "the upload of requests/b.zip",
			map[string]string{"a 0123": "ida", "b 4567": "the upload of requests/b.zip"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, fresh, err := Model{Given: given}.Compared(given.Files(), names, tt.known)
			require.NoError(t, err)
			require.Equal(t, tt.fresh, fresh)
			require.Equal(t, tt.uploads, m.Uploads)
			var request lifecycle.Request
			require.NoError(t, json.Unmarshal(m.Raw, &request))
			require.Equal(t, []string{tt.a, "words"}, []string{request.Training[0].Dataset, request.Training[1].Dataset})
			require.Equal(t, tt.b, request.Tests[0].Dataset)
			require.Empty(t, request.Training[0].File+request.Tests[0].File)
		})
	}
}
