package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// A plan says of each test what the newest evaluation on its audio could show, and how often an equal version would fail.
func TestAPlanSaysWhatItsTestsCanShow(t *testing.T) {
	t.Parallel()
	day := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	test := func(dataset string, age int, words int64, rate float64, compared *float64) lifecycle.ObservedTest {
		return lifecycle.ObservedTest{
			DatasetID: dataset, CreatedAt: day.AddDate(0, 0, -age), Words: &words, WordErrorRate: &rate, Compared: compared,
		}
	}
	request := lifecycle.DefaultRequest()
	request.Tests = []lifecycle.Test{
		{Data: lifecycle.Data{Name: "calls"}},
		{Data: lifecycle.Data{Name: "rate only"}, MaxWordErrorRate: lifecycle.Ptr(0.3)},
		{Data: lifecycle.Data{Name: "look"}, Inspect: true},
	}
	observed := lifecycle.Observed{
		Now: day, Versions: []lifecycle.Version{
			{Tests: []lifecycle.ObservedTest{test("other", 0, 9, 0.1, nil), test("d1", 5, 800, 0.2, nil), {DatasetID: "d1", CreatedAt: day}}},
			{Tests: []lifecycle.ObservedTest{test("d1", 2, 1000, 0.1, lifecycle.Ptr(0.12))}},
		},
		Tests: []lifecycle.ObservedData{{DatasetID: "d1"}, {}, {DatasetID: "d1"}},
	}
	plan := lifecycle.NewPlan(request, lifecycle.Planned{Observed: observed})
	require.Equal(t, int64(1000), *plan.Tests[0].Words)
	visible := lifecycle.Visible(lifecycle.NumberAt(0.1, 1000), lifecycle.NumberAt(0.12, 1000))
	require.InDelta(t, visible, *plan.Tests[0].Visible, 1e-12)
	require.Equal(t, "at most 0.5 points worse, at most 1.0 points above the best so far, at least 0 words", plan.Tests[0].Limits)
	require.Nil(t, plan.Tests[1].Visible)
	require.Nil(t, plan.Tests[2].Visible, "an inspection gives no numbers")
	require.InDelta(t, lifecycle.EqualFails([]lifecycle.Comparison{{Limit: 0.005, Visible: visible}}), *plan.EqualFails, 1e-12)

	request.Tests[1].MaxRegression = lifecycle.Ptr(0.01)
	require.Nil(t, lifecycle.NewPlan(request, lifecycle.Planned{Observed: observed}).EqualFails, "one of the two was not measured yet")
	request.Tests = request.Tests[2:]
	require.Nil(t, lifecycle.NewPlan(request, lifecycle.Planned{Observed: observed}).EqualFails)
}
