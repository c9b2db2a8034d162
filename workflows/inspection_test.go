package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// TestInspectionShowsWhatWasRecognised reads the service's undocumented detail files where they parse, and
// says nothing where they do not. An inspection gives no numbers, so a person decides.
func TestInspectionShowsWhatWasRecognised(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"phrases", "opaque"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(s *emulator.Settings, _ *speech.Config) { s.DetailsForm = form })
			report, err := b.retrain(gated(b, func(r map[string]any) {
				test(r)["inspect"] = true
				r["approval"] = map[string]any{"when": "never"}
			}))
			require.NoError(t, err)
			require.Equal(t, lifecycle.Rejected, report.Outcome)
			require.Equal(t, "no test gives numbers: all are inspections", report.Verdict.Reason)
			require.Empty(t, report.Tests)
			require.Len(t, report.Inspections, 1)
			files := report.Inspections[0].Files
			require.Len(t, files, 66, "one a recording")
			for _, f := range files {
				require.NotContains(t, f.Name, "model2_score")
				if form == "opaque" {
					require.Nil(t, f.Text, "not available is not empty")
				} else {
					require.NotEmpty(t, *f.Text)
				}
			}
		})
	}
}
