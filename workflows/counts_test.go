package workflows_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	shared "speech-retrainer/internal/bundle"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// costs are what a retrain may ask of the service, by operation, and how many activities it may have: each is three or
// more events in the history. Every job of the service ends at once here, so that a wait is one look. Whoever needs
// more says why; whoever needs fewer lowers them.
var costs = map[string]struct {
	change     func(*bundle, map[string]any)
	activities int
	requests   map[string]int
}{
	"by reference": {
		change:     func(b *bundle, r map[string]any) { r["training"] = []any{map[string]any{"dataset": b.imported()}} },
		activities: 11, // 25 requests
		requests: map[string]int{
			"Datasets_Get":                3,
			"Datasets_List":               2,
			"Endpoints_List":              2,
			"Evaluations_List":            2,
			"Models_Create":               1,
			"Models_GetCustomModel":       4,
			"Models_ListBaseModels":       1,
			"Models_ListCustomModels":     7,
			"Models_ListSupportedLocales": 1,
			"Models_Update":               1,
			"Projects_List":               1,
		},
	},
	"by contentUrl": {
		change:     func(*bundle, map[string]any) {},
		activities: 14, // 30 requests
		requests: map[string]int{
			"Datasets_Create":             1,
			"Datasets_Get":                2,
			"Datasets_List":               7,
			"Endpoints_List":              2,
			"Evaluations_List":            2,
			"Models_Create":               1,
			"Models_GetCustomModel":       4,
			"Models_ListBaseModels":       1,
			"Models_ListCustomModels":     7,
			"Models_ListSupportedLocales": 1,
			"Models_Update":               1,
			"Projects_List":               1,
		},
	},
	"the whole path": {
		change: func(b *bundle, r map[string]any) {
			r["project"] = "Wind service desk"
			r["compare"] = map[string]any{"base": true}
			r["deploy"] = map[string]any{"endpoint": "desk"}
			r["tests"] = []any{map[string]any{
				"name": "calls", "kind": "Acoustic", "contentUrl": b.url + "/files/examples/testing/audio-and-trans.zip",
				"maxRegression": 0.05, "maxWordErrorRate": 0.5,
			}}
		},
		activities: 32, // 62 requests
		requests: map[string]int{
			"Datasets_Create":             2,
			"Datasets_Get":                4,
			"Datasets_List":               11,
			"Endpoints_Create":            1,
			"Endpoints_Get":               5,
			"Endpoints_List":              9,
			"Evaluations_Create":          1,
			"Evaluations_Get":             3,
			"Evaluations_List":            5,
			"Models_Create":               1,
			"Models_GetCustomModel":       5,
			"Models_ListBaseModels":       2,
			"Models_ListCustomModels":     6,
			"Models_ListSupportedLocales": 1,
			"Models_Update":               2,
			"Projects_Create":             1,
			"Projects_List":               3,
		},
	},
}

// imported is the ID of a dataset that is there.
func (b *bundle) imported() string {
	b.t.Helper()
	d, _, err := b.client().CreateDataset(b.t.Context(), speech.NewDataset{
		DisplayName: "text", Locale: "en-US", Kind: "Language", ContentURL: b.url + "/files/text.txt",
	})
	require.NoError(b.t, err)
	return d.ID()
}

// immediate lets every job of the service end at once.
func immediate(s *emulator.Settings, _ *speech.Config) {
	s.QueueTime, s.ImportTime, s.TrainingTime, s.EvaluationTime, s.DeployTime = 0, 0, 0, 0, 0
}

// prompt is the service with one difference: who has created something is answered when its content has been read, which
// takes a time of this machine.
type prompt struct{ *emulator.Server }

func (p prompt) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	p.Server.ServeHTTP(answer, r)
	if r.Method == http.MethodPost {
		_ = p.Advance(r.Context(), 0)
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// promptly is a world in which nothing takes time.
func promptly(t *testing.T) *bundle {
	t.Helper()
	b := setup(t, immediate)
	b.url = shared.Serve(t, prompt{b.service})
	b.config.Endpoint = b.url
	return b.again()
}

func TestCostOfARetrain(t *testing.T) {
	t.Parallel()
	for name, cost := range costs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := promptly(t)
			activities := map[string]int{}
			b.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
				activities[info.ActivityType.Name]++
			})
			var before emulator.Tally
			report, err := b.retrain(func(r map[string]any) {
				cost.change(b, r)
				before = b.service.TallyAfter(0, "")
			})
			require.NoError(t, err)
			require.Equal(t, lifecycle.Succeeded, report.Outcome)
			asked := b.service.TallyAfter(before.Last, "")
			if diff := cmp.Diff(cost.requests, asked.Operations); diff != "" {
				t.Errorf("%d requests of the service, %v (-allowed +sent):\n%s", asked.Requests, asked.Operations, diff)
			}
			n := 0
			for count := range maps.Values(activities) {
				n += count
			}
			require.Equal(t, cost.activities, n, "activities: %v", activities)
		})
	}
}
