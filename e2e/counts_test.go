package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"speech-retrainer/internal/stack"
)

// The most events that the history of a run may have: three for an activity, three for each time that the workflow
// thinks, and what it writes down. Whoever needs more says why; whoever needs fewer lowers them (workflows/counts_test.go
// has the activities and the requests).
const (
	eventsOfTheSmallest  = 44
	eventsOfTheWholePath = 126
	eventsOfTheNext      = 108
)

func TestEventsOfARetrain(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	q := b.whole().with(request{"tests": b.gated()["tests"], "deploy": b.gated()["deploy"], "compare": data{"base": true}, "keep": 0})
	first, r := b.run(q)
	require.Zero(t, r.code, r.stderr)
	b.deployed(first)
	b.fewEvents(eventsOfTheWholePath)

	_, err := b.emulator.Release(t.Context(), stack.BaseModel{Locale: "en-US", Quality: 0.97})
	require.NoError(t, err)
	second, r := b.run(q)
	require.Zero(t, r.code, r.stderr)
	b.deployed(second)
	b.fewEvents(eventsOfTheNext)
}

func TestEventsOfTheSmallestRetrain(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	b.fill()
	_, r := b.run(b.small().with(request{"training": []data{{"dataset": b.awaitObject(stack.Datasets, "Succeeded")}}}))
	require.Zero(t, r.code, r.stderr)
	b.fewEvents(eventsOfTheSmallest)
}

// fewEvents fails when the history of the latest run is longer than it may be.
func (b *bench) fewEvents(most int) {
	b.Helper()
	kinds := map[string]int{}
	total := 0
	history := b.client.GetWorkflowHistory(b.Context(), "retrain/"+b.name, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for ; history.HasNext(); total++ {
		e, err := history.Next()
		require.NoError(b, err)
		kinds[e.GetEventType().String()]++
	}
	require.LessOrEqual(b, total, most, "%v", kinds)
}
