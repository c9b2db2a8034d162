package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// relatedText is a file of the examples.
func relatedText() string {
	return filepath.Join(shared.root, "examples", "data", "training", "related-text.txt")
}

// A worker cannot read the operator's files: a request with one is refused with the command that uploads it,
// and that command works as it is printed.
func TestFileThroughTemporalCLI(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	q := b.small().with(request{"training": []data{{"name": "related text", "kind": "Language", "file": relatedText()}}})
	failure := b.startRaw("retrain/"+b.name, q)
	require.Equal(t, lifecycle.InvalidRequest, failure.Type)
	require.Equal(t, "training[0].file", failure.Problems[0].Path)
	require.Contains(t, failure.Message+failure.Problems[0].Message,
		`starter data upload FILE --name "related text" --kind Language --locale en-US`)
	b.untouched()

	id := b.upload(relatedText(), "related text")
	report, r := b.run(b.small().with(request{"training": []data{{"dataset": id}}}))
	require.Zero(t, r.code, r.stderr)
	b.succeeded(report)
	require.Equal(t, id, report.Datasets[0].ID)
}

// upload uploads related text and returns the dataset's ID, the only line on stdout.
func (b *bench) upload(path, name string) string {
	b.Helper()
	r := b.uploader("data", "upload", path, "--name", name, "--kind", "Language", "--locale", "en-US")
	require.Zero(b, r.code, r.stderr)
	id := strings.TrimSuffix(r.stdout, "\n")
	require.Regexp(b, `^[0-9a-f-]{36}$`, id)
	return id
}

// The same bytes are sent once, other bytes always.
func TestUploadOnce(t *testing.T) {
	t.Parallel()
	for _, name := range profiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t, profile(name))
			first := b.upload(relatedText(), "related text")
			require.NoError(t, b.emulator.Advance(t.Context(), listLag))
			log, err := b.emulator.Requests(t.Context(), 0)
			require.NoError(t, err)
			again := b.uploader("data", "upload", relatedText(), "--name", "related text", "--kind", "Language", "--locale", "en-US")
			require.Zero(t, again.code, again.stderr)
			require.Equal(t, first+"\n", again.stdout)
			require.Contains(t, again.stderr, "unchanged, already dataset")
			since, err := b.emulator.Requests(t.Context(), log[len(log)-1].Number)
			require.NoError(t, err)
			require.NotEmpty(t, since)
			for _, e := range since {
				require.Equal(t, "GET", e.Method, "%+v", e)
			}

			text, err := os.ReadFile(relatedText())
			require.NoError(t, err)
			changed := filepath.Join(b.dir, "changed.txt")
			require.NoError(t, os.WriteFile(changed, append(text, "The brake disc was changed on Friday.\n"...), 0o600))
			require.NotEqual(t, first, b.upload(changed, "related text"))
			b.count(stack.Datasets, 2)
			b.allMarked(stack.Datasets, "sr.content")
		})
	}
}

// A file is checked without a service, and what breaks the rules is named with file, line and rule.
func TestDataCheck(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	good := b.starter("data", "check", relatedText(), "--kind", "Language", "--locale", "en-US")
	require.Zero(t, good.code, good.stderr)
	require.Contains(t, good.stdout, "usable")

	bad := filepath.Join(b.dir, "pronunciation.txt")
	require.NoError(t, os.WriteFile(bad, []byte("\ufeffSCADA\tskay da\nno tab here\n\xff\xfe\n"), 0o600))
	r := b.starter("data", "check", bad, "--kind", "Pronunciation", "--locale", "en-US")
	require.Equal(t, 2, r.code, r.stderr)
	require.Contains(t, r.stdout, "pronunciation.txt")
	require.Contains(t, r.stdout, "not usable")
	require.Contains(t, r.stdout, "error")

	refused := b.uploader("data", "upload", bad, "--name", "x", "--kind", "Pronunciation", "--locale", "en-US")
	require.Equal(t, 2, refused.code, refused.stderr)
	require.Contains(t, refused.stderr, "nothing was uploaded")
	q := b.small().with(request{"training": []data{{"name": "x", "kind": "Pronunciation", "file": bad}}})
	report, run := b.runFile(b.write(q))
	require.Equal(t, 2, run.code, run.stderr)
	require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
	require.Nil(t, report.RunID, "nothing was started")
	require.Equal(t, "training[0].file", report.Error.Problems[0].Path)
	b.untouched()
}
