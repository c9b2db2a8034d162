package fleet

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// laughs is a document whose lists hold ten times the list before.
func laughs(levels int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < levels; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9), i-1)
	}
	return b.String()
}

// A document of a few lines cannot ask for all the memory there is.
func TestDocumentsAreBounded(t *testing.T) {
	t.Parallel()
	const deep, grown = "is nested deeper than 64 levels", "grows beyond 16 MiB by its aliases"
	for name, tt := range map[string]struct{ source, want string }{
		"brackets":              {strings.Repeat("[", 100_000), deep},
		"braces":                {"x: " + strings.Repeat("{a: ", 100_000), deep},
		"dashes":                {strings.Repeat("- ", 100_000), deep},
		"question marks":        {strings.Repeat("? ", 100_000), deep},
		"anchors":               {"a: " + strings.Repeat("&a ", 100_000), "is not valid YAML"},
		"dashes with anchors":   {strings.Repeat("- &a ", 10_000), "is not valid YAML"},
		"tags":                  {"a: " + strings.Repeat("!!seq ", 100_000), deep},
		"aliases of aliases":    {laughs(9), grown},
		"aliases of a text":     {"a: &a " + strings.Repeat("x", 100_000) + "\nb: [" + strings.Repeat("*a,", 1000) + "]\n", grown},
		"an alias of itself":    {"a: &a [*a]", ""},
		"many documents":        {strings.Repeat("--- a\n", 1000), "must hold one document"},
		"an honest use of both": {laughs(3) + "deep: " + strings.Repeat("[", 60) + strings.Repeat("]", 60) + "\n", ""},
		"a rule of dashes":      {"a: |\n  " + strings.Repeat("- ", 200) + "\n", ""},
		"lists of lists":        {strings.Repeat("- - a\n", 10_000), ""},
		"a long list":           {strings.Repeat("- a\n", 10_000), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := Document{Name: "request.yaml", Source: []byte(tt.source)}.JSON()
			if tt.want == "" {
				require.NoError(t, err)
				require.True(t, json.Valid(raw))
				return
			}
			require.ErrorContains(t, err, tt.want)
			require.Less(t, len(err.Error()), 4096)
		})
	}
}

// JSON may be deeper than what we look lines up in; then a problem has none.
func TestDeepJSONHasNoLines(t *testing.T) {
	t.Parallel()
	d := Document{Name: "request.json", Source: []byte(`{"a":` + strings.Repeat(`{"a":`, 9000) + `1` + strings.Repeat(`}`, 9001))}
	_, err := d.JSON()
	require.NoError(t, err, "the workflow's decoder refuses it")
	require.Zero(t, d.line("a"))
	d.Source = slices.Concat([]byte(`{"models":[`), d.Source, []byte("]}"))
	_, err = ReadAny(d, "west", time.Now())
	require.ErrorContains(t, err, "is nested deeper than 64 levels")
}

// Whatever a file holds, it is refused or becomes JSON of a size that can be borne, and a request is never
// accepted in one form and refused in the other.
func FuzzDocument(f *testing.F) {
	for _, source := range []string{
		"name: a\nlocale: en-US\ntraining: [{dataset: d}]\n", `{"name":"a"}`, laughs(3), "a: &a\n  b: 1\nc:\n  <<: *a\n", "a: &a [*a]",
		"--- a\n--- b\n", "? a\n: b\n",
		"a: |\n  text\n", "a: >-\n  b\n", "!!binary aGk=", "1: 2\nnull: 3\n", ".nan", "a: 2031-05-01", "\ufeffa: 1", "a: \"\\x1b[2J\"",
		"{a: [b, {c: d}]}", "%YAML 1.2\n---\na: 1\n",
	} {
		f.Add([]byte(source))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		raw, err := Document{Name: "request.yaml", Source: source}.JSON()
		if err != nil {
			return
		}
		require.LessOrEqual(t, len(raw), 16*maxGrown)
		require.True(t, json.Valid(raw) || Document{Source: source}.isJSON())
	})
}
