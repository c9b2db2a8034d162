package workflows_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	shared "speech-retrainer/internal/bundle"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// costs are what a retrain may ask of the service at most, by operation, and how many activities it has: each is three or
// more events in the history. Every job of the service ends at once here, so that a wait is one look, or a few on a slow
// machine. This worker knows nothing yet: one list of each kind that somebody needs is that of the resource. Whoever needs
// more says why; whoever needs fewer lowers them.
var costs = map[string]struct {
	change     func(*bundle, map[string]any)
	activities int
	requests   map[string]int
}{
	"by reference": {
		change:     func(b *bundle, r map[string]any) { r["training"] = []any{map[string]any{"dataset": b.imported()}} },
		activities: 5,
		requests: map[string]int{
			"Datasets_List":           1,
			"Models_Create":           1,
			"Models_ListBaseModels":   1,
			"Models_ListCustomModels": 7,
			"Models_Update":           1,
		},
	},
	"by contentUrl": {
		change:     func(*bundle, map[string]any) {},
		activities: 7,
		requests: map[string]int{
			"Datasets_Create":         1,
			"Datasets_List":           7,
			"Models_Create":           1,
			"Models_ListBaseModels":   1,
			"Models_ListCustomModels": 7,
			"Models_Update":           1,
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
		activities: 17,
		requests: map[string]int{
			"Datasets_Create":         2,
			"Datasets_List":           8,
			"Endpoints_Create":        1,
			"Endpoints_Get":           4,
			"Endpoints_List":          8,
			"Evaluations_Create":      1,
			"Evaluations_List":        6,
			"Models_Create":           1,
			"Models_ListBaseModels":   1,
			"Models_ListCustomModels": 10,
			"Models_Update":           2,
			"Projects_Create":         1,
			"Projects_List":           3,
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
			for operation, n := range asked.Operations {
				require.LessOrEqual(t, n, cost.requests[operation], "%s of %v", operation, asked.Operations)
			}
			n := 0
			for count := range maps.Values(activities) {
				n += count
			}
			require.Equal(t, cost.activities, n, "activities: %v", activities)
		})
	}
}
