// Package bundle is what the tests of several rooms share. Nothing that is shipped imports it.
package bundle

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// Golden compares what is printed with a file in testdata; go test -update writes the file anew.
func Golden(t testing.TB, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "make it with: go test -update, in the folder of the test")
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// Region holds the part of a document between "<!-- NAME: made by make docs -->" and "<!-- end of NAME -->" against what
// is made; go test -update writes the part anew. The path is seen from the folder of the test.
func Region(t testing.TB, path, name, made string) {
	t.Helper()
	begins, ends := "<!-- "+name+": made by make docs -->\n", "<!-- end of "+name+" -->\n"
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(page), begins)
	require.True(t, found, "%s has no line %s", path, begins)
	have, after, found := strings.Cut(rest, ends)
	require.True(t, found, "%s has no line %s", path, ends)
	made = "\n" + strings.TrimSpace(made) + "\n\n"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(before+begins+made+ends+after), 0o644))
		return
	}
	if diff := cmp.Diff(have, made); diff != "" {
		t.Errorf("%s is not what make docs makes (-have +made):\n%s", path, diff)
	}
}
