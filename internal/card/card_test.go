package card_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/card"
	"speech-retrainer/internal/lifecycle"
)

func reports() map[string]lifecycle.Report {
	return map[string]lifecycle.Report{
		"first": firstRun(), "second": secondRun(), "taken": taken(), "rejected": rejected(), "failed": failed(), "rolledback": rolledBack(),
		"inspections": inspected(), "running": running(), "error": onlyAnError(),
	}
}

func TestCards(t *testing.T) {
	t.Parallel()
	for name, report := range reports() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bundle.Golden(t, name+".md", card.Markdown(report))
			bundle.Golden(t, name+".txt", card.Text(report, 80))
			require.Equal(t, card.Text(report, 80), card.Text(report, 0), "80 columns unless told")
		})
	}
}

func TestCardOnANarrowTerminal(t *testing.T) {
	t.Parallel()
	bundle.Golden(t, "second-60.txt", card.Text(secondRun(), 60))
	require.Equal(t, card.Text(secondRun(), 40), card.Text(secondRun(), 1))
}

func TestManyInspectedFilesAreCut(t *testing.T) {
	t.Parallel()
	r := inspected()
	file := lifecycle.InspectionFile{Name: "call.wav", Text: ptr.text(strings.Repeat("hello ", 1000))}
	r.Inspections[0].Files = make([]lifecycle.InspectionFile, 1051)
	for i := range r.Inspections[0].Files {
		r.Inspections[0].Files[i] = file
	}
	text := card.Text(r, 80)
	require.Equal(t, 50, strings.Count(text, "call.wav"))
	require.Contains(t, text, "and 1,001 more files, see the JSON report")
	require.Less(t, len(text), 30_000)
}
