package workflows_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// withdraw lets the service refuse trainings as from a base model that it no longer offers.
func (b *bundle) withdraw(times int) {
	_, err := b.service.InjectFault(emulator.Fault{
		Operation: "Models_Create", Kind: emulator.FaultStatus, Status: 400, Count: times, Code: "ModelDeprecated",
		Message: "The specified model is deprecated and cannot be used for this operation.",
	})
	require.NoError(b.t, err)
}

// A base model that the service withdraws between the choice and the training is passed over, three times at most.
func TestAWithdrawnBaseIsPassedOver(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		times, posts int
		fails        bool
	}{"once": {1, 2, false}, "three times": {3, 4, false}, "for ever": {-1, 4, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			// Enough to choose from.
			for range 4 {
				_, err := b.service.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US"})
				require.NoError(t, err)
			}
			b.withdraw(tt.times)
			report, err := b.retrain(nil)
			require.Equal(t, tt.posts, b.sent("POST", "/models"))
			passed := map[string]bool{}
			for _, r := range report.BaseModelsRefused {
				if r.Reason == "the service does not train from it any more: The specified model is deprecated and cannot be used for this operation." {
					passed[r.ID] = true
				}
			}
			notes := 0
			for _, n := range report.Notes {
				if len(n) > 9 && n[:9] == "the base " {
					notes++
				}
			}
			if tt.fails {
				require.Error(t, err)
				require.Equal(t, lifecycle.NoUsableBaseModel, report.Error.Type)
				require.Equal(t, "ModelDeprecated", *report.Error.Code)
				require.NotContains(t, *report.Error.Next, "correct the request")
				require.Len(t, passed, tt.posts, "%v", report.BaseModelsRefused)
				require.Nil(t, report.BaseModel)
				require.Nil(t, report.Version)
				require.Equal(t, tt.posts, notes, "%v", report.Notes)
				return
			}
			require.NoError(t, err)
			require.Equal(t, lifecycle.Succeeded, report.Outcome)
			require.Len(t, passed, tt.times)
			require.Equal(t, tt.times, notes, "%v", report.Notes)
			require.False(t, passed[report.BaseModel.ID])
			models := b.models()
			require.Len(t, models, 1, "one training")
			require.Equal(t, report.BaseModel.ID, models[0].BaseModel.ID())
			require.Equal(t, lifecycle.InputMark(report.BaseModel.ID, []string{*report.Datasets[0].Content}), models[0].CustomProperties[lifecycle.MarkInput])
		})
	}
}

// An attempt whose answer was lost may have made the version that a later attempt was refused: it counts, under whatever
// name, and no other is trained.
func TestWhatWasMadeBeforeTheBaseWasWithdrawnCounts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.withdraw(1)
	id := ""
	chosen := 0
	b.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		if info.ActivityType.Name != "ChooseBase" {
			return
		}
		if chosen++; chosen == 1 {
			base := b.client().Ref(speech.KindBaseModel, b.base("en-US").ID())
			made, _, err := b.client().CreateModel(t.Context(), speech.NewModel{
				DisplayName: "renamed", Locale: "en-US", BaseModel: &base, Datasets: []speech.Ref{b.client().Ref(speech.KindDataset, b.service.Objects("dataset")[0].ID)},
				CustomProperties: map[string]string{
					lifecycle.MarkOwner: "tests", lifecycle.MarkModel: "desk", lifecycle.MarkStep: lifecycle.StepTrain, lifecycle.MarkState: "candidate",
					lifecycle.MarkRun: lifecycle.RunMark(lifecycle.TestHome, "default-test-run-id"),
				},
			})
			require.NoError(t, err)
			id = made.ID()
		}
	})
	report, err := b.retrain(nil)
	require.NoError(t, err)
	require.Equal(t, 1, chosen, "the first one was chosen with all else")
	require.Equal(t, id, report.Version.ID)
	require.Len(t, b.models(), 1)
}

// A base that the request names is the only one that it may be.
func TestAPinnedBaseThatIsWithdrawn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	pinned := b.base("en-US")
	b.OnActivityStarted("CreateVersion", func() { require.NoError(t, b.service.Remove(pinned.ID())) })
	report, err := b.retrain(func(r map[string]any) { r["baseModel"] = pinned.ID() })
	require.Error(t, err)
	require.Equal(t, lifecycle.NoUsableBaseModel, report.Error.Type)
	require.Contains(t, report.Error.Message, "it does not exist any more")
	require.Equal(t, []lifecycle.Refusal{{ID: pinned.ID(), DisplayName: pinned.DisplayName, Reason: "it does not exist any more"}}, report.BaseModelsRefused)
	require.Equal(t, 1, b.sent("POST", "/models"))
}

// The last one that could be used is gone.
func TestNoBaseIsLeft(t *testing.T) {
	t.Parallel()
	b := setup(t)
	newest, err := b.service.ReleaseBaseModel(emulator.BaseModel{Locale: "hi-IN"})
	require.NoError(t, err)
	bases, _, err := b.client().ListBaseModels(t.Context(), speech.Filter{Locale: "hi-IN"})
	require.NoError(t, err)
	b.OnActivityStarted("CreateVersion", func() {
		for _, m := range bases {
			past := b.service.Now()
			require.NoError(t, b.service.Redate(m.ID(), &past, nil))
		}
	})
	report, err := b.retrain(func(r map[string]any) { r["locale"] = "hi-IN" })
	require.Error(t, err)
	require.Equal(t, lifecycle.NoUsableBaseModel, report.Error.Type)
	require.Contains(t, report.Error.Message, "none of the")
	ids := []string{}
	for _, r := range report.BaseModelsRefused {
		ids = append(ids, r.ID)
	}
	require.Contains(t, ids, newest)
}
