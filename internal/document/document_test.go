package document_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/document"
)

func TestRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "request.yaml")
	require.NoError(t, os.WriteFile(path, []byte("name: a\n"), 0o600))
	d, err := document.Read(path, nil)
	require.NoError(t, err)
	require.Equal(t, []string{path, filepath.Dir(path), "name: a\n"}, []string{d.Name, d.Dir, string(d.Source)})
	d, err = document.Read("-", strings.NewReader("name: b\n"))
	require.NoError(t, err)
	require.Equal(t, []string{"standard input", "", "name: b\n"}, []string{d.Name, d.Dir, string(d.Source)})

	_, err = document.Read(filepath.Join(t.TempDir(), "none"), nil)
	require.ErrorContains(t, err, "cannot read the request: open ")
	_, err = document.Read(t.TempDir(), nil)
	require.ErrorContains(t, err, "cannot read the request from ")
	_, err = document.Read("-", strings.NewReader(" \n"))
	require.EqualError(t, err, "standard input is empty")
	const most = 1 << 20
	_, err = document.Read("-", strings.NewReader(strings.Repeat("a", most)))
	require.NoError(t, err)
	_, err = document.Read("-", strings.NewReader(strings.Repeat("a", most+1)))
	require.EqualError(t, err, "standard input is larger than the 1048576 bytes that a request may have")
}

// The file that is written is the one that was read.
func TestAChangedFileIsNotWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fleet.yaml")
	require.NoError(t, os.WriteFile(path, []byte("new"), 0o600))
	require.ErrorContains(t, document.Replace(path, []byte("old"), []byte("id")), "has changed since it was read: nothing was applied")
	link := filepath.Join(t.TempDir(), "link.yaml")
	require.NoError(t, os.Symlink(path, link))
	require.NoError(t, document.Replace(link, []byte("new"), []byte("id")))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink, "a link stays one")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "id", string(content))
	require.ErrorContains(t, document.Replace(filepath.Join(t.TempDir(), "none"), nil, nil), "nothing was applied")
}
