package emulator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

// Jobs run ahead of a clock that stands still, and end on the days they were planned for; what lasts longer goes on.
func TestJobsRunAheadOfTheClock(t *testing.T) {
	t.Parallel()
	s := setup(t, func(o *emulator.Options) { o.Ahead = 24 * time.Hour })
	d := s.dataset("words.txt", "Language", bom+jargon)
	s.advance(0) // its content is read beside
	d = s.again(d)
	require.Equal(t, "Succeeded", d.text("status"))
	long, tooLong := emulator.Duration(23*time.Hour), emulator.Duration(25*time.Hour)
	require.NoError(t, s.Plan(emulator.Outcome{Kind: "training", DisplayName: "long", Duration: &long}))
	require.NoError(t, s.Plan(emulator.Outcome{Kind: "training", DisplayName: "too long", Duration: &tooLong}))
	m := s.again(s.post("/models", trainingOf("long", s.base("en-US"), d)))
	require.Equal(t, "Succeeded", m.text("status"))
	require.Equal(t, "2026-03-01T12:00:00Z", m.text("createdDateTime"))
	require.Equal(t, "2026-03-02T11:00:01Z", m.text("lastActionDateTime"))
	require.Equal(t, "Running", s.again(s.post("/models", trainingOf("too long", s.base("en-US"), d))).text("status"))
}
