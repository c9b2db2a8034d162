package visible_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/visible"
)

func TestLine(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a [2J 31mb c d e f", visible.Line("a\x1b[2J\u009b31mb\rc\x7fd\u202ee\u2028f"))
	require.Equal(t, "grüße 日本語 🙂", visible.Line("grüße 日本語 🙂"))
	require.Equal(t, "broken ", visible.Line("broken\xff"))
	rapid.Check(t, func(t *rapid.T) {
		line := visible.Line(rapid.String().Draw(t, "text"))
		require.True(t, utf8.ValidString(line))
		require.Equal(t, -1, strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }))
	})
}

// What is escaped is the same document, and nothing in it drives a terminal.
func TestEscaped(t *testing.T) {
	t.Parallel()
	require.Equal(t, "{\n  \"a\": \"\\u009b1m\\u202e\\u007f\\udb40\\udc41\"\n}", visible.Escaped("{\n  \"a\": \"\u009b1m\u202e\x7f\U000e0041\"\n}"))
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		document, err := json.MarshalIndent(map[string]string{"text": text}, "", "  ")
		require.NoError(t, err)
		shown := visible.Escaped(string(document))
		require.Equal(t, -1, strings.IndexFunc(shown, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }), "%q", shown)
		var before, after map[string]string
		require.NoError(t, json.Unmarshal(document, &before))
		require.NoError(t, json.Unmarshal([]byte(shown), &after))
		require.Equal(t, before, after)
	})
}

// What is escaped can neither end its cell nor its code early.
func TestEscape(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a\\|b \\*c\\*", visible.Escape("a|b\n*c*"))
	require.Equal(t, "`a'b c`", visible.Code("a`b\nc"))
}

// A summary is what it was, or its beginning, and never longer than a Temporal server takes.
func TestSummary(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Retrain desk", visible.Summary("Retrain\ndesk"))
	require.Equal(t, strings.Repeat("a", 395)+"…", visible.Summary(strings.Repeat("a", 500)))
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 600, -1).Draw(t, "text")
		summary := visible.Summary(text)
		data, err := json.Marshal(summary)
		require.NoError(t, err)
		require.LessOrEqual(t, len(data), 400)
		if cut, was := strings.CutSuffix(summary, "…"); was {
			require.True(t, strings.HasPrefix(visible.Line(text), cut))
		} else {
			require.Equal(t, visible.Line(text), summary)
		}
	})
}
