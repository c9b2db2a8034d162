package paper_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/paper"
)

func page(t *testing.T, file string) paper.Page {
	t.Helper()
	return paper.One(t, root, file)
}

// constants are the texts of the constants of a room whose type, or whose name, a pattern matches.
func constants(t *testing.T, room, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, room, "*.go"))
	require.NoError(t, err)
	matches := regexp.MustCompile(pattern)
	var found []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range parsed.Decls {
			group, is := d.(*ast.GenDecl)
			if !is || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				value, kind := spec.(*ast.ValueSpec), ""
				switch named := value.Type.(type) {
				case *ast.Ident:
					kind = named.Name
				case *ast.SelectorExpr:
					kind = named.Sel.Name
				}
				if len(value.Values) != 1 || !matches.MatchString(kind+" "+value.Names[0].Name) {
					continue
				}
				if text, is := value.Values[0].(*ast.BasicLit); is && text.Kind == token.STRING {
					word, err := strconv.Unquote(text.Value)
					require.NoError(t, err)
					found = append(found, word)
				}
			}
		}
	}
	require.NotEmpty(t, found, "%s has no constants %s", room, pattern)
	return found
}

// rowsOf are the words in the first cells of the tables under a heading, but for those of messages.
func rowsOf(t *testing.T, file, heading string) []string {
	t.Helper()
	var words []string
	messages := false
	for _, row := range page(t, file).Section(t, heading).Rows() {
		if !strings.Contains(row[0], "`") {
			messages = row[0] == "message"
		}
		if messages {
			continue
		}
		for _, m := range quotedText.FindAllStringSubmatch(row[0], -1) {
			words = append(words, m[1])
		}
	}
	return words
}

// What has a name (classes of failures, codes of the service, alarms, kinds of trouble, rules of data) has a row, and no row has
// another name.
func TestEveryNameIsExplained(t *testing.T) {
	t.Parallel()
	alarms := constants(t, "internal/lifecycle", `^ Alarm`)
	for heading, names := range map[string][]string{
		"What needs a person":        slices.Concat(constants(t, "internal/lifecycle", `^NeedKind `), alarms),
		"How a run fails":            slices.Concat(constants(t, "internal/lifecycle", `^FailureClass `), constants(t, "internal/exit", `^FailureClass `)),
		"Alarms":                     alarms,
		"A run that does not get on": constants(t, "internal/lifecycle", `^TroubleKind `),
		"Data":                       constants(t, "internal/dataset", `^ rule`),
		"What the service says":      remedies(t),
	} {
		require.ElementsMatch(t, names, rowsOf(t, troubleshooting, heading), heading)
	}
}

// remedies are the codes of the service that the product knows an advice for.
func remedies(t *testing.T) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "activities", "codes.go"), nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	var codes []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, is := n.(*ast.ValueSpec)
		if !is || spec.Names[0].Name != "remedies" {
			return true
		}
		for _, e := range spec.Values[0].(*ast.CompositeLit).Elts {
			code, err := strconv.Unquote(e.(*ast.KeyValueExpr).Key.(*ast.BasicLit).Value)
			require.NoError(t, err)
			codes = append(codes, code)
		}
		return false
	})
	require.NotEmpty(t, codes)
	return codes
}
