package paper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/paper"
)

func TestCommands(t *testing.T) {
	t.Parallel()
	p := paper.Page{Path: "a.md", Text: "# A\n\n```sh\nA=b c/starter run -f 'x y' # that\n" +
		"temporal workflow \\\n  list --query \"A = 'b' | c\" && make x > file\n```\n\n" +
		"```text from b\nnot a command\n```\n"}
	got, err := p.Commands()
	require.NoError(t, err)
	require.Equal(t, []paper.Command{
		{Page: "a.md", Line: 4, Settings: []string{"A=b"}, Program: "starter", Args: []string{"run", "-f", "x y"}},
		{Page: "a.md", Line: 5, Program: "temporal", Args: []string{"workflow", "list", "--query", "A = 'b' | c"}},
		{Page: "a.md", Line: 6, Program: "make", Args: []string{"x"}},
	}, got)
	require.Equal(t, "from b", p.Blocks()[1].Source)
	got, err = paper.Page{Text: "```sh\nsource <(starter completion bash)\n```\n"}.Commands()
	require.NoError(t, err)
	require.Equal(t, []paper.Command{{Line: 2, Program: "source", Args: []string{}}, {Line: 2, Program: "starter", Args: []string{"completion", "bash"}}}, got)
	for _, refused := range []string{"a 'b\n", "a $(b)\n", "a `b`\n", "a <b\n"} {
		_, err := paper.Page{Text: "```sh\n" + refused + "```\n"}.Commands()
		require.Error(t, err, refused)
	}
}

func TestRowsAndSections(t *testing.T) {
	t.Parallel()
	p := paper.Page{Path: "a.md", Text: "# A\n| x | y |\n| --- | --- |\n| a\\|b | c |\n```text\n| no | row |\n# no heading\n```\n" +
		"## B\n| d |\n### C\n| e |\n## D\n| f |\n"}
	require.Equal(t, [][]string{{"x", "y"}, {"a|b", "c"}, {"d"}, {"e"}, {"f"}}, p.Rows())
	require.Equal(t, [][]string{{"d"}, {"e"}}, p.Section(t, "B").Rows())
}
