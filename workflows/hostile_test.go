package workflows

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"speech-retrainer/internal/hostile"
	"speech-retrainer/internal/lifecycle"
)

// Whatever texts a report, a check or a plan holds, its page has the structure that plain words would give it, and no
// character that a terminal obeys: `temporal workflow metadata` prints it on one.
func TestDetailsAreHarmless(t *testing.T) {
	t.Parallel()
	parser := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()
	structure := func(page string) (kinds []string) {
		require.NoError(t, ast.Walk(parser.Parse(text.NewReader([]byte(page))), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if _, is := n.(*ast.Text); entering && !is {
				kinds = append(kinds, n.Kind().String())
			}
			return ast.WalkContinue, nil
		}))
		return kinds
	}
	waiting := func(text string) lifecycle.Report {
		r := hostile.Filled[lifecycle.Report](text)
		r.WaitingFor.Kind = lifecycle.WaitsForApproval
		return r
	}
	for name, page := range map[string]func(text string) string{
		"a run":    func(text string) string { return details(text, "", hostile.Filled[lifecycle.Report](text)) },
		"a set-up": func(text string) string { return doctorDetails(hostile.Filled[lifecycle.Examined](text)) },
		"plans": func(text string) string {
			return plansDetails([]lifecycle.Plan{hostile.Filled[lifecycle.Plan](text), hostile.Filled[lifecycle.Plan](text)})
		},
		"a run that asks somebody": func(text string) string { return details(text, "", waiting(text)) },
		"a check":                  func(text string) string { return renewDetails(text, hostile.Filled[lifecycle.RenewReport](text)) },
		"a plan":                   func(text string) string { return planDetails(hostile.Filled[lifecycle.Plan](text)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := page(hostile.Text)
			require.Contains(t, got, "example", "the texts are shown")
			require.Equal(t, -1, strings.IndexFunc(got, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }), "%q", got)
			require.Equal(t, structure(page("x")), structure(got), got)
		})
	}
}
