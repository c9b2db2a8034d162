package activities

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// answers are the rows of all answers, asked for one after the other.
func answers(t *testing.T, l *listing, names []string) (sizes []int, rows []lifecycle.Row) {
	t.Helper()
	var after *lifecycle.RowKey
	for {
		some, next := l.rows(names, after)
		require.NotNil(t, some)
		sizes, rows = append(sizes, len(some)), append(rows, some...)
		if next == nil {
			return sizes, rows
		}
		again, ok := lifecycle.ReadRowKey(next.Token())
		require.True(t, ok)
		after = &again
		require.LessOrEqual(t, len(sizes), 100, "it comes to an end")
	}
}

// An answer has 500 rows at most, and the next begins where it ended: each row comes once.
func TestRowsComeInAnswers(t *testing.T) {
	t.Parallel()
	for n, sizes := range map[int][]int{0: {0}, 1: {1}, 499: {499}, 500: {500}, 501: {500, 1}, 1000: {500, 500}, 1001: {500, 500, 1}} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			l := &listing{kinds: everything, versions: map[modelKey][]int{}}
			var names []string
			for i := range n {
				name, locale := fmt.Sprintf("model-%04d", i/2), []string{"de-DE", "en-US"}[i%2] // two locales of a name are two rows
				names = append(names, name)
				l.models = append(l.models, speech.CustomModel{Object: speech.Object{Locale: locale}})
				l.versions[keyOf(name, locale)] = []int{i}
			}
			for _, asked := range [][]string{nil, names} {
				got, rows := answers(t, l, asked)
				require.Equal(t, sizes, got)
				require.Len(t, rows, n)
				for i := 1; i < n; i++ {
					require.Negative(t, rows[i-1].Key().Compare(rows[i].Key()), "in their order, each once")
				}
			}
		})
	}
}

// What is asked for and not there has a row of its own, once, and has its place among the answers.
func TestRowsOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range 501 {
		names = append(names, fmt.Sprintf("model-%04d", i), fmt.Sprintf("model-%04d", i))
	}
	sizes, rows := answers(t, &listing{}, names)
	require.Equal(t, []int{500, 1}, sizes)
	require.Equal(t, "model-0500", rows[500].Name)
}

// Rows that are large make an answer of fewer: a workflow's result may have 2 MiB.
func TestLargeRowsMakeSmallAnswers(t *testing.T) {
	t.Parallel()
	l := &listing{kinds: everything, versions: map[modelKey][]int{}, models: []speech.CustomModel{{Object: speech.Object{Locale: "en-US"}}}}
	version, err := json.Marshal(l.version(l.models[0]))
	require.NoError(t, err)
	for i, size := range []int{1, 600_000, 600_000, 1_200_000, 1, 1} {
		l.versions[keyOf(fmt.Sprintf("model-%d", i), "en-US")] = make([]int, 1+size/len(version)) // the one, again and again
	}
	sizes, rows := answers(t, l, nil)
	require.Equal(t, []int{2, 1, 1, 2}, sizes)
	require.Len(t, rows, 6)
}

// The other installations of the resource are named in each row, and in that of a model those that have one of its name and locale.
func TestRowsNameOtherOwners(t *testing.T) {
	t.Parallel()
	l := &listing{kinds: everything, of: whose{owner: "ours"}}
	add := func(id, owner, name, locale string) {
		l.models = append(l.models, speech.CustomModel{Object: speech.Object{
			Self: speech.LinkTo("https://west.example/models/" + id), Locale: locale,
			CustomProperties: map[string]string{lifecycle.MarkOwner: owner, lifecycle.MarkModel: name},
		}})
	}
	add("1", "ours", "desk", "en-US")
	add("2", "theirs", "desk", "en-us")
	add("3", "others", "calls", "en-US")
	add("4", "theirs", "desk", "de-DE")
	add("5", "theirs", "desk", "en-US")
	add("6", "", "desk", "en-US")
	add("7", "ours", "field", "en-US")
	l.indexVersions()
	rows, _ := l.rows(nil, nil)
	require.Len(t, rows, 2)
	for _, row := range rows {
		require.Equal(t, []string{"others", "theirs"}, row.OtherOwners)
	}
	require.Equal(t, []string{"theirs"}, rows[0].Rivals)
	require.Empty(t, rows[1].Rivals)
	for i := range 20 {
		add(fmt.Sprint("more-", i), fmt.Sprintf("owner-%02d", i), "desk", "en-US")
	}
	owners, _ := l.strangers()
	require.Len(t, owners, mostStrangers)
}
