package contract_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// named matches an operation in prose: Models_Create, not SPEECH_KEY.
var named = regexp.MustCompile(`\b[A-Z][a-z]\w*_[A-Z][a-z]\w*\b`)

// A comment that stands on an operation of the service names one that there is.
func TestOperationsThatCommentsName(t *testing.T) {
	t.Parallel()
	c, err := checker()
	require.NoError(t, err)
	known := c.Operations()
	files := token.NewFileSet()
	met := 0
	hold := func(comment *ast.Comment) {
		for _, name := range named.FindAllString(comment.Text, -1) {
			if met++; !slices.Contains(known, name) {
				t.Errorf("%s: the contract has no operation %s", files.Position(comment.Pos()), name)
			}
		}
	}
	require.NoError(t, filepath.WalkDir(filepath.Join("..", ".."), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "testdata":
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		source, err := parser.ParseFile(files, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, group := range source.Comments {
			for _, comment := range group.List {
				hold(comment)
			}
		}
		return nil
	}))
	require.Greater(t, met, 50, "comments name operations all over the product: are they all gone, or are they no longer found?")
}
