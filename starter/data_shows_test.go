package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
)

// Data of a test is told what it can show, before it is used.
func TestDataCheckSaysWhatATestCanShow(t *testing.T) {
	t.Parallel()
	calls := filepath.Join("..", "examples", "data", "testing", "audio-and-trans.zip")
	check := func(more ...string) console {
		return execute(t.Context(), nil, append([]string{"data", "check", calls, "--kind", "Acoustic", "--locale", "en-US"}, more...)...)
	}
	got := check("--test")
	require.Equal(t, exit.Done, got.code, got.stderr)
	require.Contains(t, got.stdout, calls+`: what it can show
  about 502 words: ±3.7 points; for 1 point about 7,100 words, at an assumed
    WER of 10.0 %
  words of one utterance are not independent, so the true intervals are wider
  with maxRegression 0.005 a version that is truly equal to what serves fails
    its test in 40 % of all cases, by chance
`)
	require.Contains(t, check("--test", "--max-regression", "5%").stdout, "  with maxRegression 0.05 a version that is truly equal to what serves fails\n"+
		"    its test in 0 % of all cases")
	require.Contains(t, check("--test", "--wer", "3%").stdout, "about 502 words: ±2.2 points; for 1 point about 2,500 words, at an assumed\n    WER of 3.0 %")
	require.NotContains(t, check().stdout, "points", "it is data for training")

	got = check("--test", "--output", "json")
	var all struct {
		Files []struct {
			Visible *float64
			Report  struct{ Words int }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &all))
	require.Equal(t, 502, all.Files[0].Report.Words)
	require.InDelta(t, 0.0374, *all.Files[0].Visible, 0.0001)
	require.Contains(t, check("--output", "json").stdout, `"visible": null`)

	got = check("--test", "--wer", "30", "--max-regression", "20")
	require.Equal(t, exit.Refused, got.code)
	require.Contains(t, got.stderr, `--wer 30 is ambiguous: write "30%" or a fraction from 0 to 1; --max-regression 20 is ambiguous`)
}
