package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Files as users and Microsoft have them get the answer that testdata/cases/expect.tsv gives each.
func TestCases(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("testdata", "cases")
	table, err := os.ReadFile(filepath.Join(dir, "expect.tsv"))
	require.NoError(t, err)
	checked := map[string]bool{}
	for _, line := range strings.Split(string(table), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := append(strings.Split(line, "\t"), "", "", "")
		file, kind, locale, code, yes, no, flags := cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6]
		checked[filepath.FromSlash(file)] = true
		t.Run(file+" "+flags, func(t *testing.T) {
			t.Parallel()
			got := execute(t.Context(), nil,
				append([]string{"data", "check", filepath.Join(dir, file), "--kind", kind, "--locale", locale}, strings.Fields(flags)...)...)
			output := got.stdout + got.stderr
			if code != "any" {
				require.Equal(t, code, strconv.Itoa(got.code), output)
			}
			require.Regexp(t, regexp.MustCompile("(?i)"+yes), output)
			if no != "" {
				require.NotRegexp(t, regexp.MustCompile("(?i)"+no), output)
			}
		})
	}
	// A file that the table forgot would be held by nothing.
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "README.md" || entry.Name() == "expect.tsv" {
			return err
		}
		name, err := filepath.Rel(dir, path)
		require.True(t, checked[name], name)
		return err
	}))
}
