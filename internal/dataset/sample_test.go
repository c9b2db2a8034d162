package dataset_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

// checkFile checks a file of the disk.
func checkFile(t *testing.T, path string, kind lifecycle.DatasetKind, locale string, limits dataset.Limits) dataset.Report {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	info, err := f.Stat()
	require.NoError(t, err)
	report, err := dataset.Check(t.Context(), f, info.Size(), kind, locale, limits)
	require.NoError(t, err)
	return report
}

// sampleData is the folder with Microsoft's sample data sets. Absent, the test is skipped; named by
// SAMPLEDATA and absent, it fails.
func sampleData(t *testing.T) string {
	t.Helper()
	dir, named := os.LookupEnv("SAMPLEDATA")
	if !named || dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "sampledata")
	} else if !filepath.IsAbs(dir) {
		// As seen from the project's root, where make runs.
		dir = filepath.Join("..", "..", dir)
	}
	if _, err := os.Stat(dir); err != nil {
		require.False(t, named && dir != "", "SAMPLEDATA: %v", err)
		t.Skipf("SKIPPED: Microsoft's sample data is not in %s; set SAMPLEDATA to its folder", dir)
	}
	return dir
}

// kindOf tells the kind of a sample by its name, as the samples' README does.
func kindOf(name string) lifecycle.DatasetKind {
	return map[string]lifecycle.DatasetKind{
		"audio-and-trans.zip": lifecycle.DatasetAcoustic, "audio.zip": lifecycle.DatasetAudioFiles, "related-text.txt": lifecycle.DatasetLanguage,
		"pronunciation.txt": lifecycle.DatasetPronunciation, "structured-text.md": lifecycle.DatasetLanguageMarkdown,
	}[name]
}

type counts struct {
	Lines, Files int
	Audio        time.Duration
}

// checkFolder checks every file below LOCALE/training and LOCALE/testing and returns what it counted.
func checkFolder(t *testing.T, root, locale string) map[string]counts {
	t.Helper()
	found := map[string]counts{}
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		kind := kindOf(entry.Name())
		require.NotEmpty(t, kind, path)
		name, err := filepath.Rel(root, path)
		require.NoError(t, err)
		name = filepath.ToSlash(name)
		report := checkFile(t, path, kind, locale, dataset.Limits{Test: strings.HasPrefix(name, "testing/")})
		for _, problem := range report.Problems {
			t.Logf("%s %s: %s", locale, name, problem)
			require.NotEqual(t, dataset.Error, problem.Severity, "%s: %s", name, problem)
		}
		require.False(t, report.Failed())
		t.Logf("%s %s: %s, %d lines, %d recordings, %s", locale, name, kind, report.Lines, report.Files, report.AudioDuration)
		found[name] = counts{report.Lines, report.Files, report.AudioDuration.Round(time.Second)}
		return nil
	}))
	return found
}

func TestMicrosoftsSamplesPass(t *testing.T) {
	t.Parallel()
	dir := sampleData(t)
	require.Equal(t, map[string]counts{
		"training/related-text.txt":    {Lines: 28},
		"training/pronunciation.txt":   {Lines: 3},
		"training/structured-text.md":  {Lines: 11},
		"training/audio-and-trans.zip": {Lines: 2, Files: 2, Audio: 60 * time.Second},
		"testing/audio-and-trans.zip":  {Lines: 1, Files: 1, Audio: 42 * time.Second},
	}, checkFolder(t, filepath.Join(dir, "en-US"), "en-US"))
	require.Equal(t, map[string]counts{
		"training/related-text.txt":    {Lines: 27},
		"training/audio-and-trans.zip": {Lines: 2, Files: 2, Audio: 45 * time.Second},
		"testing/audio-and-trans.zip":  {Lines: 1, Files: 1, Audio: 34 * time.Second},
		"testing/audio.zip":            {Files: 2, Audio: 45 * time.Second},
	}, checkFolder(t, filepath.Join(dir, "de-DE"), "de-DE"))
}

// A test set whose purpose is not known is warned of, not refused, for its length.
func TestMicrosoftsLongRecordingIsAWarningInTraining(t *testing.T) {
	t.Parallel()
	path := filepath.Join(sampleData(t), "en-US", "testing", "audio-and-trans.zip")
	report := checkFile(t, path, lifecycle.DatasetAcoustic, "en-US", dataset.Limits{})
	require.False(t, report.Failed())
	require.Contains(t, report.Problems, dataset.Problem{
		Severity: dataset.Warning, File: "audio.wav", Rule: "recording-length",
		Message: "it lasts 42.0 s: training uses the sound of recordings up to 40 s, and of longer ones the text alone",
	})
}

func TestOurExamplesPass(t *testing.T) {
	t.Parallel()
	require.Equal(t, map[string]counts{
		"training/related-text.txt":    {Lines: 62},
		"training/pronunciation.txt":   {Lines: 7},
		"training/structured-text.md":  {Lines: 21},
		"training/audio-and-trans.zip": {Lines: 14, Files: 14, Audio: 41 * time.Second},
		"testing/audio-and-trans.zip":  {Lines: 66, Files: 66, Audio: 174 * time.Second},
	}, checkFolder(t, filepath.Join("..", "..", "examples", "data"), "en-US"))
}
