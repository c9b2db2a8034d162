package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// sampleData is the folder with Microsoft's sample sets. When SAMPLEDATA is set it must exist; the default
// may be absent, and then the test says so and is skipped.
func sampleData(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("SAMPLEDATA"); dir != "" {
		require.DirExists(t, dir, "SAMPLEDATA names a folder that does not exist")
		return dir
	}
	dir := filepath.Join(shared.root, "..", "shared", "sampledata")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("SKIPPED: no real input; set SAMPLEDATA to a folder with Microsoft's sample data for custom speech")
	}
	return dir
}

// Real input: Microsoft's own sample sets, fetched by the service over HTTP.
func TestSampleData(t *testing.T) {
	t.Parallel()
	dir := sampleData(t)
	tests := map[string]func(*bench) []data{
		"en-US": func(b *bench) []data {
			return []data{
				b.link("related text", "Language", "related-text.txt"),
				b.link("pronunciation", "Pronunciation", "pronunciation.txt"),
				b.link("recordings", "Acoustic", "audio-and-trans.zip"),
			}
		},
		// The German set has no pronunciations.
		"de-DE": func(b *bench) []data {
			return []data{
				b.link("related text", "Language", "related-text.txt"),
				b.link("recordings", "Acoustic", "audio-and-trans.zip"),
			}
		},
	}
	for locale, training := range tests {
		t.Run(locale, func(t *testing.T) {
			t.Parallel()
			b := setUp(t, files(filepath.Join(dir, locale)))
			b.worker()
			q := request{"name": b.name, "locale": locale, "project": "Sample data", "training": training(b)}
			r := b.starter("run", "-f", b.write(q), "--task-queue", b.queue)
			require.Zero(t, r.code, "%s\n%s", r.stdout, r.stderr)
			t.Logf("\n%s", r.stdout)

			again := b.starter("watch", b.name, "--output", "json")
			require.Zero(t, again.code, again.stderr)
			report := b.report(again)
			b.succeeded(report)
			b.marked(report)
			require.Len(t, report.Datasets, len(training(b)))
			for _, d := range report.Datasets {
				require.Positive(t, *d.Accepted, d.DisplayName)
				require.Zero(t, *d.Rejected, "%s: Microsoft's own data is good", d.DisplayName)
			}
		})
	}
}
