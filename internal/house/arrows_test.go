package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// furnish makes a room of files in a folder of its own.
func furnish(t *testing.T, files map[string]string) room {
	t.Helper()
	r := room{Name: "tiny", Dir: t.TempDir()}
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(r.Dir, name), []byte("package tiny\n\n"+text), 0o600))
		if !strings.HasSuffix(name, "_test.go") {
			r.Files = append(r.Files, name)
		}
	}
	return r
}

func TestArrows(t *testing.T) {
	t.Parallel()
	// A method, a field, a type and a constant each make an arrow to the file that declares it; a local name makes none.
	files := map[string]string{
		"story.go":  "func Story(s *Step) int { chapter := s.Run(); return chapter + s.Left }\n",
		"step.go":   "type Step struct{ Left int }\n",
		"run.go":    "func (s *Step) Run() int { return most }\n",
		"limits.go": "const most = 3\n",
		"x_test.go": "var _ = Story\n",
	}
	r := furnish(t, files)
	found, err := house{}.arrows(r)
	require.NoError(t, err)
	require.Equal(t, uses{
		{"story.go", "step.go"}: "Step", {"story.go", "run.go"}: "Run", {"run.go", "step.go"}: "Step", {"run.go", "limits.go"}: "most",
	}, found)
	sorted := order(r.Files, found)
	require.Equal(t, []string{"story.go", "run.go", "step.go", "limits.go"}, sorted)
	require.Empty(t, found.up(sorted))

	code, tests, err := measure(r.Dir)
	require.NoError(t, err)
	require.Equal(t, []size{{4, 12}, {1, 3}}, []size{code, tests})

	// The step that calls the story closes a circle, and one arrow runs up.
	files["step.go"] += "func (s *Step) again() { Story(s) }\n"
	r = furnish(t, files)
	found, err = house{}.arrows(r)
	require.NoError(t, err)
	require.Len(t, found, 5)
	require.Equal(t, []arrow{{"step.go", "story.go"}}, found.up(order(r.Files, found)))

	files["run.go"] = "func (s *Step) Run() int { return least }\n"
	_, err = house{}.arrows(furnish(t, files))
	require.ErrorContains(t, err, "check the types of tiny: ")
	require.ErrorContains(t, err, "run.go:3:35: undefined: least")
}

// Whatever the files are called and however they come: without a circle no arrow runs up.
func TestNoArrowUpWithoutCircle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		files := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{2}`), 1, 12, rapid.ID).Draw(t, "files")
		found := uses{}
		for i, from := range files {
			for _, to := range files[i+1:] {
				if rapid.Bool().Draw(t, from+" uses "+to) {
					found[arrow{from, to}] = "it"
				}
			}
		}
		sorted := order(rapid.Permutation(files).Draw(t, "as they come"), found)
		require.ElementsMatch(t, files, sorted)
		require.Empty(t, found.up(sorted))
	})
}

// The table fits a terminal, its last row is the sum, and what it says of a room is what is said when it is named.
func TestTheHouseIsCounted(t *testing.T) {
	t.Parallel()
	h := opened(t)
	var out bytes.Buffer
	require.NoError(t, h.count(&out))
	lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
	rows := map[string][]int{}
	for _, line := range lines[1:] {
		require.LessOrEqual(t, len(line), 80)
		name, numbers, _ := strings.Cut(line, " ")
		row := make([]int, 6)
		_, err := fmt.Sscan(numbers, &row[0], &row[1], &row[2], &row[3], &row[4], &row[5])
		require.NoError(t, err, line)
		rows[name] = row
	}
	require.Len(t, rows, len(h.Rooms)+1)
	sum := make([]int, 6)
	for name, row := range rows {
		for i := range row {
			if name != "all" {
				sum[i] += row[i]
			}
		}
	}
	require.Equal(t, sum, rows["all"])

	for _, name := range []string{"workflows", "internal/table"} {
		out.Reset()
		require.NoError(t, h.show(&out, name))
		require.Contains(t, out.String(), fmt.Sprintf("%d of %d arrows run up:\n", rows[name][5], rows[name][4]))
		require.Equal(t, rows[name][5], strings.Count(out.String(), " -> "))
		code, err := filepath.Glob(filepath.Join("..", "..", name, "*.go"))
		require.NoError(t, err)
		code = slices.DeleteFunc(code, func(file string) bool { return strings.HasSuffix(file, "_test.go") })
		require.Len(t, code, rows[name][0])
	}
	require.EqualError(t, h.show(&out, "attic"), "there is no room attic")
}
