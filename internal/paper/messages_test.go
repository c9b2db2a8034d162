package paper_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// saying is where a room makes messages for people: the texts in what it gives to these functions, assigns to these names,
// or gives back in these files.
type saying struct {
	// rooms are where this counts; none = everywhere.
	rooms []string
	// failures are the messages of lifecycle.Failure.
	failures bool
	// calls are functions whose arguments are messages, named shows fields and variables that hold one.
	calls, named []string
	// returns are the files whose functions give messages back; "*" are all.
	returns []string
}

// sayings are all of them. A new way to make a message is added here, in the same change.
var sayings = []saying{
	// What ends starter, and what a failure says, wherever it is made.
	{calls: []string{"exit.Refuse", "exit.New"}, failures: true},
	// What is wrong with a request or a fleet, and what is warned of.
	{
		rooms: []string{"internal/fleet"}, calls: []string{"problem", "at", "inherited", "report", "refuse", "Errorf", "New"},
		returns: []string{"checks.go", "common.go", "objections.go", "queues.go", "standing.go", "upgraded.go"}, named: []string{"warnings"},
	},
	{rooms: []string{"internal/decode"}, calls: []string{"problem", "needed", "Errorf", "New"}, returns: []string{"*"}, named: []string{"Message"}},
	// What is wrong with the settings.
	{rooms: []string{"internal/config", "internal/resource", "internal/telemetry"}, calls: []string{"fail", "Errorf"}, returns: []string{"address.go"}},
	{rooms: []string{"worker"}, calls: []string{"Errorf", "New"}},
	// What the client, web hooks, uploads and the local service say.
	{
		rooms: []string{"internal/speech", "internal/web", "internal/notify", "emulator"}, calls: []string{"Errorf", "New", "refuse"},
		named: []string{"Message"}, returns: []string{"error.go", "codes.go"},
	},
	{rooms: []string{"internal/dataset"}, calls: []string{"Errorf", "errors.New", "note"}},
	// What ends a run, and what it notes.
	{rooms: []string{"activities", "workflows"}, calls: []string{
		"note", "refuseVersion", "refuseProject", "refuseEndpoint", "invalidData", "noStandIn",
	}, named: []string{"Message", "message", "Note", "note", "Fault"}},
	{rooms: []string{"internal/lifecycle"}, calls: []string{"note"}, named: []string{"Message"}, returns: []string{
		"adopt.go", "base.go", "dataset.go", "endpoint.go", "family.go", "notes.go", "room.go", "standin.go", "rollback.go",
	}},
}

// spoken are all messages of the product: where each is made, by its text with … for what is put in.
func spoken(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, s := range sayings {
		before := len(found)
		if s.rooms == nil {
			s.rooms = rooms(t)
		}
		for _, room := range s.rooms {
			files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(room), "*.go"))
			require.NoError(t, err)
			for _, file := range files {
				if strings.HasSuffix(file, "_test.go") || filepath.Base(file) == "points_crash.go" {
					continue
				}
				for _, text := range s.of(t, file) {
					found[text] = path.Join(room, filepath.Base(file))
				}
			}
		}
		require.Greater(t, len(found), before, "nothing is said in %v", s.rooms)
	}
	return found
}

// silent are rooms that say nothing to an operator: samples for tests, and what the local service says in the place of the real one.
var silent = []string{"internal/sample", "internal/emulator/intake"}

// rooms are all folders with sources of the product.
func rooms(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"*.go", "*/*.go", "*/*/*.go", "*/*/*/*.go"} {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		require.NoError(t, err)
		for _, file := range files {
			name, err := filepath.Rel(root, filepath.Dir(file))
			require.NoError(t, err)
			if name = filepath.ToSlash(name); !slices.Contains(all, name) && !slices.Contains(silent, name) {
				all = append(all, name)
			}
		}
	}
	return all
}

// of are the messages that a file makes.
func (s saying) of(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	var texts []string
	take := func(of ...ast.Expr) {
		for _, e := range of {
			if text, is := literal(e); is && tells(text) {
				texts = append(texts, text)
			}
		}
	}
	gives := slices.Contains(s.returns, "*") || slices.Contains(s.returns, filepath.Base(file))
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if slices.Contains(s.calls, called(n.Fun)) || slices.Contains(s.calls, last(called(n.Fun))) {
				take(n.Args...)
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if pair, is := e.(*ast.KeyValueExpr); is && s.failures && last(called(n.Type)) == "Failure" && called(pair.Key) == "Message" {
					take(pair.Value)
				}
			}
		case *ast.KeyValueExpr:
			if slices.Contains(s.named, called(n.Key)) {
				take(n.Value)
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if i >= len(n.Rhs) || !slices.Contains(s.named, last(called(left))) {
					continue
				}
				if appended, is := n.Rhs[i].(*ast.CallExpr); is && called(appended.Fun) == "append" {
					take(appended.Args[1:]...)
				}
				take(n.Rhs[i])
			}
		case *ast.ReturnStmt:
			if gives {
				take(n.Results...)
			}
		}
		return true
	})
	return texts
}

func called(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return called(e.X) + "." + e.Sel.Name
	}
	return ""
}

func last(name string) string { return name[strings.LastIndex(name, ".")+1:] }

// inserted is what a page and this test write for what is put into a message.
const inserted = "…"

var verb = regexp.MustCompile(`%[-+#.\d]*[a-zA-Z]`)

// literal is the text of an expression, of what is made with Sprintf, or of parts that are joined.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return strings.ReplaceAll(verb.ReplaceAllString(text, inserted), "%%", "%"), err == nil
	case *ast.BinaryExpr:
		first, one := literal(e.X)
		second, other := literal(e.Y)
		if !one {
			first = inserted
		}
		if !other {
			second = inserted
		}
		return first + second, one || other
	case *ast.CallExpr:
		if name := called(e.Fun); len(e.Args) > 0 && (last(name) == "Sprintf" || last(name) == "Ptr") {
			return literal(e.Args[0])
		}
	}
	return "", false
}

// parts are texts that are found beside messages, and are none: parts of one, paths, and what is no fault.
var parts = []string{
	"the given value", "usable base model", "usable Whisper model", "the version was asked for",
	", a version of the model …",
}

// ofLetters finds words, of which a path is one.
var ofLetters = regexp.MustCompile(`[^ ]*[A-Za-z][^ ]*`)

// tells leaves out what says nothing by itself: formats that only pass on what others say.
func tells(text string) bool {
	return !slices.Contains(parts, text) && len(ofLetters.FindAllString(text, -1)) > 1
}

var quotedText = regexp.MustCompile("`([^`]+)`")

// leastLetters keeps a pattern of the page from matching whatever comes.
const leastLetters = 6

// explained are the messages that a page explains, as patterns: the texts in the first cells of the tables under its headings
// "message".
func explained(t *testing.T, file string) map[string]*regexp.Regexp {
	t.Helper()
	patterns := map[string]*regexp.Regexp{}
	inside := false
	for _, row := range page(t, file).Rows() {
		if row[0] == "message" || !strings.Contains(row[0], "`") {
			inside = row[0] == "message"
			continue
		}
		if !inside {
			continue
		}
		require.GreaterOrEqual(t, len(row), 3, "%s: cause and fix of %s", file, row[0])
		for _, m := range quotedText.FindAllStringSubmatch(row[0], -1) {
			require.Greater(t, len(strings.ReplaceAll(m[1], inserted, "")), leastLetters, "%s says too little", m[1])
			patterns[m[1]] = regexp.MustCompile(`^(?s)` + strings.ReplaceAll(regexp.QuoteMeta(m[1]), inserted, ".*") + `$`)
		}
	}
	return patterns
}

const troubleshooting = "docs/troubleshooting.md"

// Each message that can end a command or a run, or stands in its notes, is explained: a row of docs/troubleshooting.md
// matches it. No row is about a message that nobody says.
func TestEveryMessageIsExplained(t *testing.T) {
	t.Parallel()
	patterns := explained(t, troubleshooting)
	used := map[string]bool{}
	messages := spoken(t)
	require.Greater(t, len(messages), 200)
	for text, where := range messages {
		found := false
		for pattern, matches := range patterns {
			if matches.MatchString(text) {
				found, used[pattern] = true, true
			}
		}
		if !found {
			t.Errorf("no row of %s explains what %s says:\n%s", troubleshooting, where, text)
		}
	}
	for pattern := range patterns {
		if !used[pattern] {
			t.Errorf("%s explains %q, which nobody says", troubleshooting, pattern)
		}
	}
}
