package dataset_test

import (
	"fmt"
	"strings"
	"testing"

	"speech-retrainer/internal/lifecycle"
)

func TestStructuredText(t *testing.T) {
	t.Parallel()
	structured := func(name, content string, want ...string) dataCase {
		return dataCase{name: name, kind: lifecycle.DatasetLanguageMarkdown, data: []byte(bom + content), want: want}
	}
	list := func(name string, items int) string {
		return fmt.Sprintf("@ list %s =\n", name) + strings.Repeat("- item\n", items)
	}
	lists := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(list(fmt.Sprintf("l%d", i), 1))
		}
		return b.String()
	}
	runCases(t, []dataCase{
		structured("clean", "// comment\n> comment\n@ list pet =\n- cat\n- dog\n\n"+
			"@ speech:phoneticlexicon\n- cat/k ae t\n- cat/k aa t\n\n#Section_1\n- my {@pet} and {@ pet }\n- no list\n"),
		structured("list after use", "# A\n- my {@pet}\n@list pet=\n- cat\n"),
		structured("plus and star", "@ list pet =\n+ cat\n* dog\n\n# A\n* my {@pet}\n+ one\n"),
		structured("name in quotes", "@ list \"hand tool\" =\n- wrench\n# A\n- the {@hand tool}\n- a {@\"hand tool\"}\n"),
		structured("name in single quotes", "@ list 'hand tool' =\n- wrench\n# A\n- the {@hand tool}\n"),
		structured("name of two words", "@ list hand tool =\n- wrench\n# A\n- the {@hand tool}\n"),
		structured("sign = in quotes", "@ list \"a=b\" =\n- c\n# A\n- the {@\"a=b\"}\n"),
		structured("name in quotes, missing", "@ list \"hand tool\" =\n- wrench\n# A\n- the {@tool}\n", "error :4 unknown-list"),
		structured("roles", "@ list city from, to =\n- Rome\n@ list tool hasRoles left, right =\n- saw\n# A\n- {@city:from} {@city:to=Rome} {@tool}\n"),
		structured("one role", "@ list \"big city\" from =\n- Rome\n# A\n- {@big city:from}\n"),
		structured("synonyms", "@ list size =\n    - Extra Large :\n        - XL\n\t\t- huge\n# A\n- {@size}\n"),
		structured("labelled", "@ list city =\n- Rome\n# A\n- to {@city = Rome}\n"),
		structured("declared, then filled", "@ list size\n@ list crust\n@ size =\n- large\n@ crust =\n- thin\n# A\n- {@size} {@crust}\n"),
		structured("declared and never filled", "@ list size\n# A\n- one\n", "error list-items"),
		structured("other entities", "@ ml \"user name\" role1\n@ prebuilt number\n# A\n- {@user name:role1=ann} {@number}\n",
			"warning :1 syntax", "warning :2 syntax"),
		structured("older form", "# A\n- call {@name}\n$name:Ann=\n- Ann\n", "warning :3 syntax"),
		structured("numbered list", "@ list pet =\n1. cat\n2) dog\n- cow\n", "error :2 syntax", "error :3 syntax"),
		structured("list missing", "# A\n- one\n- my {@pet}\n- her {@pet}\n", "error :3 unknown-list"),
		structured("list twice", list("a", 1)+list("a", 1), "error :3 list"),
		structured("list without name", "@ list =\n- a\n", "error :1 list"),
		structured("list without items", "@ list a =\n# A\n- one\n", "error list-items"),
		structured("heading", "# a b!\n- one\n", "error :1 heading"),
		structured("item first", "- one\n# A\n- two\n", "error :1 syntax"),
		structured("empty item", "# A\n-\n", "error :2 syntax"),
		structured("prose", "# A\n- one\njust text\n", "error :3 syntax"),
		structured("other definition", "@ ml thing\n- x\n# A\n- one\n", "warning :1 syntax"),
		structured("lexicon", "@ speech:phoneticlexicon\n- cat\n- /k\n- dog/d\n- dog/o\n- dog/g\n", "error :2 lexicon", "error :3 lexicon", "error :6 lexicon"),
		structured("15,001 pronunciations", "@ speech:phoneticlexicon\n"+numbered("- w%d/k\n", 15_001), "error :15002 lexicon"),
		structured("11 lists", lists(11), "warning overview-limits"),
		structured("21 lists", lists(21), "error :41 list", "warning overview-limits"),
		structured("4,001 items", list("a", 4_001), "warning overview-limits"),
		structured("35,001 items", list("a", 35_001), "error list-items"),
		structured("50,001 sentences", "# A\n"+strings.Repeat("- one\n", 50_001), "warning overview-limits"),
		structured("web address", "# A\n- go to https://example.com\n", "warning :2 uri", "warning rejected-share"),
		structured("repetition", "# A\n- no no no no\n", "warning :2 repetition"),
		structured("comments alone", "// nothing\n", "error empty"),
		structured("not UTF-8", "# A\n- caf\xe9\n- one\n", "error :2 encoding"),
	})
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}
