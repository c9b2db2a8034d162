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
