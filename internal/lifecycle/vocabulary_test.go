package lifecycle_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// listed finds where a paper names the values that something can have: kind is `dataset`, `model` or `endpoint`. Those
// that a cell begins with are of the field itself.
var listed = regexp.MustCompile("(?:^|(\\w+)`? is )((?:`\\w+`(?:, or |, | or )?)+)")

var quoted = regexp.MustCompile("`(\\w+)`")

// TestReportIsDocumented holds the page of the report against the words of the code: it names every field, and of each
// field every value that it can have and no other.
func TestReportIsDocumented(t *testing.T) {
	t.Parallel()
	rows, classes := reportPage(t)
	words := constants(t)
	of := func(kind string) []string {
		require.NotEmpty(t, words[kind], "there are no constants of the type %s", kind)
		return words[kind]
	}
	want := map[string][]string{
		"outcome ":         of("Outcome"),
		"stage ":           of("Stage"),
		"waitingFor kind":  of("WaitingKind"),
		"baseModel family": {lifecycle.FamilyWhisper},
		"version state":    of("State"),
		"verdict result":   of("VerdictKind"),
		"approval answer":  of("Answer"),
		"datasets kind":    of("DatasetKind"),
		"kept kind":        of("ObjectKind"),
		"deleted kind":     of("ObjectKind"),
		"trouble kind":     of("TroubleKind"),
	}
	got := map[string][]string{}
	for field, meaning := range rows {
		for _, found := range listed.FindAllStringSubmatch(meaning, -1) {
			got[field+" "+found[1]] = values(found[2])
		}
	}
	require.Equal(t, sorted(want), sorted(got))

	// Internal is a fault of the program itself: there is nothing to say of it.
	require.ElementsMatch(t, of("FailureClass"), append(classes, string(lifecycle.Internal)))
	all := make([]string, len(lifecycle.FailureClasses))
	for i, class := range lifecycle.FailureClasses {
		all[i] = string(class)
	}
	require.ElementsMatch(t, of("FailureClass"), all, "each has a series of its own from the start")

	for _, field := range reflect.VisibleFields(reflect.TypeFor[lifecycle.Report]()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		require.Contains(t, rows, name, "a field of the report")
		delete(rows, name)
	}
	require.Empty(t, rows, "fields that no report has")
}

// reportPage reads the page: what it says of each field of the report, and the classes of failures.
func reportPage(t *testing.T) (rows map[string]string, classes []string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "report.md"))
	require.NoError(t, err)
	rows = map[string]string{}
	head := ""
	for line := range strings.Lines(string(page)) {
		cells := strings.SplitN(strings.Trim(line, "| \n"), " | ", 2)
		if len(cells) < 2 || !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "| ---") {
			continue
		}
		if !strings.HasPrefix(cells[0], "`") {
			head = cells[0]
			continue
		}
		for _, name := range values(cells[0]) {
			switch head {
			case "field":
				rows[name] = cells[1]
			case "type":
				classes = append(classes, name)
			default:
				t.Fatalf("a table of %s is not expected", head)
			}
		}
	}
	return rows, classes
}

func values(text string) (all []string) {
	for _, found := range quoted.FindAllStringSubmatch(text, -1) {
		all = append(all, found[1])
	}
	return all
}

func sorted(m map[string][]string) map[string][]string {
	for _, all := range m {
		slices.Sort(all)
	}
	return m
}

// constants are the values of the constants in this package's source, by the name of their type.
func constants(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	found := map[string][]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, is := n.(*ast.ValueSpec)
			if !is || len(spec.Values) != 1 {
				return true
			}
			kind, named := spec.Type.(*ast.Ident)
			value, literal := spec.Values[0].(*ast.BasicLit)
			if named && literal && value.Kind == token.STRING {
				text, err := strconv.Unquote(value.Value)
				require.NoError(t, err)
				found[kind.Name] = append(found[kind.Name], text)
			}
			return true
		})
	}
	return found
}
