package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// A glance asks the service for nothing that somebody has looked at lately, finds the endpoint that a schedule names, and what bare
// bases gave beside a version.
func TestAGlanceCostsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	version := b.version("desk 1", made{
		marks: ours(lifecycle.MarkState, string(lifecycle.StateChampion), lifecycle.MarkRun, run("r1"), lifecycle.MarkStep, "train"),
	})
	b.endpoint("Desk", made{serves: version})
	audio := b.audio("en-US")
	b.evaluation("bare", made{dataset: audio, marks: ours(lifecycle.MarkRun, run("r1"), lifecycle.MarkStep, lifecycle.StepEvaluate+"calls/base")})
	b.remember()
	scheduled := []lifecycle.ScheduledEndpoint{{Name: "desk", Locale: "en-US", Endpoint: "Desk"}}
	look := func(atAll bool) activities.Glance {
		g, err := activities.GlanceAt(t.Context(), b.doing, scheduled, atAll)
		require.NoError(t, err)
		return g
	}
	first := look(false)
	require.Len(t, first.Rows, 1)
	require.Equal(t, version, first.Rows[0].Serving.ID)
	require.Equal(t, "Desk", first.Rows[0].EndpointName)
	require.WithinDuration(t, time.Now(), first.LookedAt, time.Minute)
	require.NotEmpty(t, first.Bases[first.Rows[0].Versions[0].BaseModelID].DisplayName)
	require.Equal(t, "calls", first.Bare[version][0].Name)
	require.NotNil(t, first.Bare[version][0].WordErrorRate)
	asked := len(b.service.Requests())
	for range 100 {
		require.Len(t, look(false).Rows, 1)
		require.Len(t, look(true).Rows, 1)
	}
	require.Len(t, b.service.Requests(), asked)
}

// What is known is there without a request, however old: it is what is left when the service is away.
func TestAGlanceAtWhatIsKnown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.version("desk 1", made{marks: ours()})
	_, err := activities.GlanceAt(t.Context(), b.doing, nil, false)
	require.NoError(t, err)
	asked := len(b.service.Requests())
	known, err := activities.GlanceAt(t.Context(), b.doing, nil, true)
	require.NoError(t, err)
	require.Len(t, known.Rows, 1)
	require.Len(t, b.service.Requests(), asked, "nothing is asked, though it is old")
	_, err = activities.GlanceAt(t.Context(), b.doing, nil, false)
	require.NoError(t, err)
	require.Greater(t, len(b.service.Requests()), asked)
}
