package document_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/document"
	"speech-retrainer/internal/exit"
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
	_, err = document.Read("-", strings.NewReader("\ufeff\n"))
	require.EqualError(t, err, "standard input is empty")
	const most = 1 << 20
	_, err = document.Read("-", strings.NewReader(strings.Repeat("a", most)))
	require.NoError(t, err)
	_, err = document.Read("-", strings.NewReader(strings.Repeat("a", most+1)))
	require.EqualError(t, err, "standard input is larger than the 1048576 bytes that a request may have")
}

// Editors of Windows write a mark in front of UTF-8, or UTF-16: the one is read, the other told.
func TestEncodings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ source, says string }{
		"a mark":           {"\ufeffname: a\n", ""},
		"UTF-16":           {"\xff\xfen\x00a\x00m\x00", "standard input is in UTF-16, which some editors call Unicode"},
		"the other UTF-16": {"\xfe\xff\x00n\x00a\x00m", "standard input is in UTF-16"},
		"without a mark":   {"n\x00a\x00m\x00", "standard input:1: is no text in UTF-8"},
		"Windows-1252":     {"name: a\ndisplayName: f\xfcr\n", "standard input:2: is no text in UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := document.Read("-", strings.NewReader(tt.source))
			if tt.says == "" {
				require.NoError(t, err)
				require.Equal(t, "name: a\n", string(d.Source))
				return
			}
			require.ErrorContains(t, err, tt.says)
			require.Contains(t, *exit.As(err).Cause.Next, "save it as UTF-8")
		})
	}
	path := filepath.Join(t.TempDir(), "fleet.yaml")
	require.NoError(t, os.WriteFile(path, []byte("\ufefffleet: desk\n"), 0o600))
	require.NoError(t, document.Replace(path, []byte("fleet: desk\n"), []byte("fleet: desk\nid: x\n")))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "\ufefffleet: desk\nid: x\n", string(content), "the mark stays")
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
