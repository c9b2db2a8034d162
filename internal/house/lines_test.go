package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// mostColumns is how long a line of Go may be, a tab counted as one: two of them side by side still fit a wide screen.
const mostColumns = 160

// longLines are the numbers of the lines of a source that are too long. The tag of a field cannot be broken, and is let
// pass with its line.
func longLines(text string) ([]int, error) {
	var long []int
	for i, line := range strings.Split(text, "\n") {
		if utf8.RuneCountInString(line) > mostColumns {
			long = append(long, i+1)
		}
	}
	if long == nil {
		return nil, nil
	}
	files := token.NewFileSet()
	source, err := parser.ParseFile(files, "", text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	ast.Inspect(source, func(n ast.Node) bool {
		if field, is := n.(*ast.Field); is && field.Tag != nil {
			at := files.Position(field.Tag.Pos()).Line
			long = slices.DeleteFunc(long, func(line int) bool { return line == at })
		}
		return true
	})
	return long, nil
}

func TestLinesFitAScreen(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	read := 0
	require.NoError(t, filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if entry.IsDir() && (name == "bin" || strings.HasPrefix(entry.Name(), ".") && name != ".") {
			return filepath.SkipDir
		}
		if entry.IsDir() || path.Ext(name) != ".go" {
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		long, err := longLines(string(text))
		if err != nil {
			return err
		}
		read++
		for _, line := range long {
			t.Errorf("%s:%d has more than %d columns: break it where a reader breathes", name, line, mostColumns)
		}
		return nil
	}))
	require.Greater(t, read, 500)
}

func TestLongLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", mostColumns)
	tests := map[string]struct {
		text string
		want []int
	}{
		"short":        {"package p\n\nvar a = 1\n", nil},
		"just fits":    {"package p\n\n//" + long[4:] + "\n", nil},
		"a comment":    {"package p\n\n// " + long + "\n", []int{3}},
		"strings":      {"package p\n\nvar a = `" + long + "\n" + long + " `\n", []int{3, 4}},
		"a field":      {"package p\n\ntype a struct {\n\tB int // " + long + "\n}\n", []int{4}},
		"a tag":        {"package p\n\ntype a struct {\n\tB int `doc:\"" + long + "\"`\n}\n", nil},
		"tag and line": {"package p\n\n// " + long + "\ntype a struct {\n\tB int `doc:\"" + long + "\"`\n}\n", []int{3}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := longLines(tt.text)
			require.NoError(t, err)
			require.ElementsMatch(t, tt.want, got)
		})
	}
}
