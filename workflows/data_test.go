package workflows_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// serve puts a file beside those of the bundle's service and returns its address.
func serve(t *testing.T, content string) string {
	t.Helper()
	files := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, content) }))
	t.Cleanup(files.Close)
	return files.URL + "/data"
}

// Rejected lines are judged as a check of a file judges them: from 20 lines on by maxRejected, below that with a note.
func TestRejectedLinesOfADataset(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		bad, lines  int
		maxRejected any
		refused     bool
		note        string
	}{
		{name: "few lines", bad: 1, lines: 3, note: "1 of its 3 lines were rejected (33.3 %), more than the 5.0 % allowed; it is used all the same, " +
			"as it has fewer than 20 lines"},
		{name: "few lines, none allowed", bad: 1, lines: 19, maxRejected: 0, note: "fewer than 20 lines"},
		{name: "20 lines", bad: 2, lines: 20, refused: true},
		{name: "20 lines, within the limit", bad: 1, lines: 20},
		{name: "20 lines, more allowed", bad: 2, lines: 20, maxRejected: "10%"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			text := strings.Repeat("see https://example.com\n", tc.bad) + strings.Repeat("the nacelle hums\n", tc.lines-tc.bad)
			entry := map[string]any{"name": "text", "kind": "Language", "contentUrl": serve(t, "\ufeff"+text)}
			if tc.maxRejected != nil {
				entry["maxRejected"] = tc.maxRejected
			}
			report, err := b.retrain(func(r map[string]any) { r["training"] = []any{entry} })
			if tc.refused {
				require.Error(t, err)
				require.Equal(t, lifecycle.DatasetFailed, report.Error.Type)
				require.Contains(t, report.Error.Message, fmt.Sprintf("%d of its %d lines were rejected", tc.bad, tc.lines))
				require.Empty(t, b.models(), "nothing was trained")
				return
			}
			require.NoError(t, err)
			require.Equal(t, lifecycle.Succeeded, report.Outcome)
			if tc.note == "" {
				require.NotContains(t, strings.Join(report.Notes, "\n"), "rejected")
			} else {
				require.Contains(t, strings.Join(report.Notes, "\n"), tc.note)
			}
		})
	}
}

// Data that the service does not combine is refused before anything is made, also when a kind is known by the
// dataset alone.
func TestDataThatDoesNotGoTogether(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, content := range map[string]string{"spoken": "IEEE\ti triple e\n", "structured": "# A\n- one\n"} {
		kind := map[string]speech.DatasetKind{"spoken": "Pronunciation", "structured": "LanguageMarkdown"}[name]
		_, _, err := b.client().CreateDataset(t.Context(), speech.NewDataset{DisplayName: name, Locale: "en-US", Kind: kind, ContentURL: serve(t, "\ufeff"+content)})
		require.NoError(t, err)
	}
	report, err := b.retrain(func(r map[string]any) {
		r["training"] = []any{map[string]any{"dataset": "structured"}, map[string]any{"dataset": "spoken"}}
	})
	require.Error(t, err)
	require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
	require.Equal(t, "training[1]", report.Error.Problems[0].Path)
	require.Contains(t, report.Error.Problems[0].Message, "Pronunciation does not go with LanguageMarkdown")
	require.Empty(t, b.models())
}
