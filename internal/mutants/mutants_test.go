package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is that of the module.
const root = "../.."

const tiny = "internal/mutants/testdata/tiny/tiny.go"

// TestRun tries every kind of entry on a package that is made for it.
func TestRun(t *testing.T) {
	t.Parallel()
	const suite = "./internal/mutants/testdata/tiny TestSmaller"
	before, err := os.ReadFile(filepath.Join(root, tiny))
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		m    mutant
		says []string
		err  error
	}{
		"noticed":      {m: mutant{Old: "a < b", New: "a > b", Test: suite}, says: []string{"TestSmaller/first", "0 survive, 0 errors"}},
		"survives":     {m: mutant{Old: "a < b", New: "a <= b", Test: suite}, says: []string{"SURVIVES", "1 survive, 0 errors"}, err: errSurvives},
		"not found":    {m: mutant{Old: "a = b", New: "a", Test: suite}, says: []string{"ERROR", "holds 0 times"}, err: errSurvives},
		"found twice":  {m: mutant{Old: "return", New: "panic", Test: suite}, says: []string{"ERROR", "holds 2 times"}, err: errSurvives},
		"no Go":        {m: mutant{Old: "a < b", New: "a < ", Test: suite}, says: []string{"ERROR", "is no Go"}, err: errSurvives},
		"no change":    {m: mutant{Old: "a < b", New: "a < b", Test: suite}, says: []string{"ERROR", "the same"}, err: errSurvives},
		"not compiled": {m: mutant{Old: "a < b", New: "a < c", Test: suite}, says: []string{"ERROR", "does not compile", "undefined: c"}, err: errSurvives},
		"too many words": {
			m: mutant{Old: "a < b", New: "a > b", Test: suite + " please"}, says: []string{"ERROR", "a package and, maybe, a pattern"},
			err: errSurvives,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.m.ID, tt.m.What, tt.m.File = "T01", "what it is", tiny
			var out bytes.Buffer
			require.Equal(t, tt.err, program{root: root, tell: io.Discard}.run(t.Context(), []mutant{tt.m}, &out), out.String())
			for _, text := range append(tt.says, "T01", "what it is") {
				require.Contains(t, out.String(), text)
			}
		})
	}
	after, err := os.ReadFile(filepath.Join(root, tiny))
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "no file of the tree is written")
}

// A pattern that meets no test would let everything survive, or seem to.
func TestRunNeedsTests(t *testing.T) {
	t.Parallel()
	m := mutant{ID: "T01", File: tiny, Old: "a < b", New: "a > b", Test: "./internal/mutants/testdata/tiny TestNothing"}
	require.ErrorContains(t, program{root: root, tell: io.Discard}.run(t.Context(), []mutant{m}, io.Discard), "no test ran")
}

// Tests that fail without any mutation notice nothing.
func TestRunNeedsSoundTests(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	write("go.mod", "module red\n")
	write("red.go", "package red\n\nconst One = 2\n")
	write("red_test.go", "package red\n\nimport \"testing\"\n\nfunc TestOne(t *testing.T) {\n\tif One != 1 {\n\t\tt.Fatal(One)\n\t}\n}\n")
	m := mutant{ID: "T01", File: "red.go", Old: "2", New: "3", Test: "."}
	require.ErrorContains(t, program{root: folder, tell: io.Discard}.run(t.Context(), []mutant{m}, io.Discard), "TestOne of . fails without any mutation")
}

// TestTheListHolds keeps the list from rotting: every entry still meets the code, once, and leaves Go.
func TestTheListHolds(t *testing.T) {
	t.Parallel()
	mutants, err := readList(filepath.Join(root, listFile), nil)
	require.NoError(t, err)
	require.NotEmpty(t, mutants)
	for _, m := range mutants {
		_, err := m.apply(root)
		require.NoError(t, err, m.ID)
		_, err = m.suite()
		require.NoError(t, err, m.ID)
		require.NotEmpty(t, m.What, m.ID)
	}
}

func TestReadList(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		ids  []string
		want int
		says string
	}{
		"all":         {text: `{"id":"A"}` + "\n" + `{"id":"B"}`, want: 2},
		"picked":      {text: `{"id":"A"}` + "\n" + `{"id":"B"}`, ids: []string{"B"}, want: 1},
		"not listed":  {text: `{"id":"A"}`, ids: []string{"C"}, says: `lists no mutation "C"`},
		"twice":       {text: `{"id":"A"}` + "\n" + `{"id":"A"}`, says: `"A" is empty or taken`},
		"without ID":  {text: `{"what":"x"}`, says: `"" is empty or taken`},
		"wrong field": {text: `{"id":"A","noticed":true}`, says: "noticed"},
		"no JSON":     {text: `A`, says: "entry 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "list")
			require.NoError(t, os.WriteFile(path, []byte(tt.text), 0o600))
			got, err := readList(path, tt.ids)
			if tt.says != "" {
				require.ErrorContains(t, err, tt.says)
				return
			}
			require.NoError(t, err)
			require.Len(t, got, tt.want)
		})
	}
}
