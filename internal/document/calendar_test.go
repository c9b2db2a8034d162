package document_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/document"
)

func TestWriteCalendar(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, link := filepath.Join(dir, "models.ics"), filepath.Join(dir, "link.ics")
	first, second := "BEGIN:VCALENDAR\r\n1", "BEGIN:VCALENDAR\r\n2"
	require.NoError(t, document.WriteCalendar(path, []byte(first)))
	require.NoError(t, os.Chmod(path, 0o640))
	require.NoError(t, os.Symlink(path, link))
	require.NoError(t, document.WriteCalendar(link, []byte(second)))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, second, string(content))
	info, err := os.Lstat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode())
	info, err = os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink, "a link stays one")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 2, "nothing is left beside it")
}

// What is no calendar is never written over: a slip of the hand would cost the fleet's file.
func TestACalendarIsWrittenOverNothingElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fleet := filepath.Join(dir, "fleet.yaml")
	require.NoError(t, os.WriteFile(fleet, []byte("fleet: all\n"), 0o600))
	for path, says := range map[string]string{
		fleet:                             "is there already and is no calendar: it is left as it is",
		"-":                               "--calendar must name a file, not -",
		dir:                               "it is no file",
		filepath.Join(dir, "none", "ics"): "there is no directory",
	} {
		require.ErrorContains(t, document.RefuseCalendar(path), says)
		require.ErrorContains(t, document.WriteCalendar(path, []byte("BEGIN:VCALENDAR")), says)
	}
	content, err := os.ReadFile(fleet)
	require.NoError(t, err)
	require.Equal(t, "fleet: all\n", string(content))
	require.NoError(t, document.RefuseCalendar(""))
	empty := filepath.Join(dir, "empty.ics")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	require.NoError(t, document.RefuseCalendar(empty))
}
