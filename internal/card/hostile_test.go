package card_test

import (
	"encoding/json"
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/mattn/go-runewidth"
	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"

	"speech-retrainer/internal/card"
	"speech-retrainer/internal/lifecycle"
)

// fragments are what could drive a terminal or mean something in Markdown.
var fragments = []string{
	"\x1b[31m", "\x1b]0;title\x07", "\u202e", "\u200b", "\r\n", "\n\n# heading\n", "\n---\n", "\t", "\x00", "\xff", "\u0085", "\u2028",
	"[link](https://example.com)", "![image](x)", "https://example.com", "www.example.com", "me@example.com", "<b>", "<!-- ", "-->", "&amp;", "&#35;",
	"`code`", "``", "```\n", "**bold**", "_under_", "~~gone~~", "| cell |", "|", `\`, `\|`, "# ", "> ", "- ", "+ ", "* ", "1. ", "2) ", "---", "===", "    ",
	"$x$", "[^1]", "[ ] ", "<https://example.com>", "http:", "//example.com", "www", ".example.com", ": starter run `x` <b>; then", ": temporal [a](b)",
	"word", "Wörter", "日本語", "👩‍💻", "é", "e\u0301", "-", "11.2 %",
	"averylongwordwithoutanyblankinitthatiswiderthanmostlinesofaterminalwouldallowittobe",
}

func hostileText(t *rapid.T, label string) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(fragments), 1, 6).Draw(t, label), "")
}

// replaceTexts puts what each gives in place of every text of a report that is not a time.
func replaceTexts(t require.TestingT, r lifecycle.Report, each func() string) lifecycle.Report {
	data, err := json.Marshal(r)
	require.NoError(t, err)
	var tree any
	require.NoError(t, json.Unmarshal(data, &tree))
	var walk func(v any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case string:
			if _, err := time.Parse(time.RFC3339, v); err == nil {
				return v
			}
			return each()
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				v[key] = walk(v[key])
			}
		}
		return v
	}
	data, err = json.Marshal(walk(tree))
	require.NoError(t, err)
	var replaced lifecycle.Report
	require.NoError(t, json.Unmarshal(data, &replaced))
	return replaced
}

var samples = rapid.SampledFrom([]func() lifecycle.Report{firstRun, secondRun, failed, rolledBack, inspected, running, onlyAnError})

// typed is what may be longer than a line: an ID, an address or a command, with what touches it.
var typed = regexp.MustCompile(`^ *(- )?([A-Z][A-Za-z ]{1,15} +)?\S*((starter|temporal|make) .*|[A-Za-z0-9._~:/?&=%@+-]+\S*)$`)

func TestTextKeepsItsWidthAndIsHarmless(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := replaceTexts(t, samples.Draw(t, "report")(), func() string { return hostileText(t, "text") })
		width := rapid.IntRange(40, 120).Draw(t, "width")
		for l := range strings.Lines(card.Text(r, width)) {
			l = strings.TrimSuffix(l, "\n")
			for _, c := range l {
				require.True(t, unicode.IsPrint(c), "%q", l)
			}
			if (&runewidth.Condition{StrictEmojiNeutral: true}).StringWidth(l) > width {
				require.Regexp(t, typed, l, "wider than %d", width)
			}
		}
	})
}

// Whatever texts a report holds, its Markdown has the structure that plain words would give it, and shows
// them as they are.
func TestMarkdownIsNotInjected(t *testing.T) {
	t.Parallel()
	reader := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote))
	structure := func(source string) (kinds []string) {
		root := reader.Parser().Parse(text.NewReader([]byte(source)))
		require.NoError(t, ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if !entering {
				return ast.WalkContinue, nil
			}
			switch n.(type) {
			case *ast.Text, *ast.CodeSpan: // a text may be an ID or not
			default:
				kinds = append(kinds, n.Kind().String())
			}
			return ast.WalkContinue, nil
		}))
		return kinds
	}
	require.Equal(t, "Table", extast.KindTable.String(), "the parser knows tables")
	rapid.Check(t, func(t *rapid.T) {
		sample := samples.Draw(t, "report")
		hostile := replaceTexts(t, sample(), func() string { return "x" + hostileText(t, "text") })
		plain := replaceTexts(t, sample(), func() string { return "x" })
		markdown := card.Markdown(hostile)
		got := structure(markdown)
		want := structure(card.Markdown(plain))
		require.Equal(t, want, got, markdown)
	})
	for _, note := range []string{
		"- a", "+ a", "1. a", "2) a", "---", "- - -", "-", "+", "# a", "> a", "* a", "***", "___", "~~~", "    a", "[ ] a", "[x] a", "=", "|a|",
		`\- a`, "1.", "12)", "&amp;", "&#35;", "`a` b", "``a", "<b>a</b>", "[a](b)", "![a](b)", "[^1]", "-1.9 % and 2. place", `a\`, "a_b_c", "$a$",
		"https://example.com/a?b=c&d", "www.example.com", "me@example.com", "a  ", "|---|---|",
	} {
		r := lifecycle.NewReport("m", "en-US")
		r.Notes = []string{note}
		var page strings.Builder
		require.NoError(t, reader.Convert([]byte(card.Markdown(r)), &page))
		require.Contains(t, page.String(), "<li>"+html.EscapeString(strings.TrimSpace(note))+"</li>", "shown as it is")
	}
}

func TestLongWordsAreBrokenAndIDsAreNot(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("abcdefghij", 12)
	r := lifecycle.NewReport("m", "en-US")
	r.Notes = []string{"see " + long}
	r.RunID = &long
	text := card.Text(r, 80)
	require.Contains(t, text, "  - see\n    "+long[:76]+"\n    "+long[76:]+"\n")
	require.Contains(t, text, "  Run           "+long+"\n")
	require.Contains(t, card.Markdown(r), "- **Run:** `"+long+"`\n")
}

func TestCommandsStayWhole(t *testing.T) {
	t.Parallel()
	const command = "starter approve support-calls --by ann --reason 'all good' --version 6f1a52b0-0d5e-4c1c-9b46-3b1b1c6f0001"
	r := lifecycle.NewReport("m", "en-US")
	r.Notes = []string{"approve it with: " + command + "; or let it time out"}
	require.Contains(t, card.Text(r, 80), "  - approve it with:\n    "+command+";\n    or let it time out\n")
	require.Contains(t, card.Markdown(r), "- approve it with: `"+command+"`; or let it time out\n")
}
