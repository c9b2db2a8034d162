package e2e

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// Real input on the whole path: Microsoft's en-US training and testing sets as local files.
func TestSampleDataGate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(sampleData(t), "en-US")
	b := setUp(t)
	b.worker()
	local := func(name, kind, path string) data {
		return data{"name": name, "kind": kind, "file": filepath.Join(dir, path)}
	}
	// The test set has some 120 words, so little is asked for.
	test := local("testing", "Acoustic", "testing/audio-and-trans.zip")
	test["minWords"] = 50
	test["maxRegression"] = 0.02
	q := request{
		"name": b.name, "locale": "en-US", "project": "Sample data",
		"training": []data{
			local("related text", "Language", "training/related-text.txt"),
			local("pronunciation", "Pronunciation", "training/pronunciation.txt"),
			local("recordings", "Acoustic", "training/audio-and-trans.zip"),
		},
		"tests": []data{test}, "deploy": data{"endpoint": b.name},
	}
	report, r := b.runFile(b.write(q))
	require.Zero(t, r.code, r.stderr)
	b.deployed(report)
	require.Len(t, report.Datasets, 4)
	for _, d := range report.Datasets {
		require.Positive(t, *d.Accepted, d.DisplayName)
		require.Zero(t, *d.Rejected, "%s: Microsoft's own data is good", d.DisplayName)
	}
	numbers := report.Tests[0]
	require.Equal(t, lifecycle.Pass, numbers.Verdict, numbers.Reason)
	require.Greater(t, *numbers.Words, int64(50))
	b.note(report, "below 1000 a difference of a few errors decides")
	t.Logf("%d words: word error rate %.1f %% against %.1f %% of the base model; difference %+.1f points, 95 %% interval %+.1f to %+.1f",
		*numbers.Words, 100**numbers.WordErrorRate, 100**numbers.Base, 100**numbers.Difference, 100*numbers.Interval[0], 100*numbers.Interval[1])
	t.Logf("verdict: %s: %s", report.Verdict.Result, report.Verdict.Reason)
}
