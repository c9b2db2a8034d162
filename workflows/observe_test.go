package workflows_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// Of 501 rows the last has an answer of its own. Both cost one activity each, and the resource is listed once.
func TestObserveAnswersInParts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var names []string
	for i := range lifecycle.MostRows + 1 {
		names = append(names, fmt.Sprintf("model-%04d", i))
	}
	first, ran, err := check[workflows.Observed](b, workflows.TypeObserve, workflows.ObserveInput{Names: names})
	require.NoError(t, err)
	require.Equal(t, []string{"ObserveModels"}, ran)
	require.Len(t, first.Rows, lifecycle.MostRows)
	require.NotEmpty(t, first.Next)

	rest, ran, err := check[workflows.Observed](b, workflows.TypeObserve, workflows.ObserveInput{Names: names, After: first.Next})
	require.NoError(t, err)
	require.Equal(t, []string{"ObserveModels"}, ran)
	require.Len(t, rest.Rows, 1)
	require.Equal(t, names[lifecycle.MostRows], rest.Rows[0].Name)
	require.Empty(t, rest.Next)

	none, _, err := check[workflows.Observed](b, workflows.TypeObserve, workflows.ObserveInput{Names: []string{}})
	require.NoError(t, err)
	require.Empty(t, none.Rows)
	require.Empty(t, none.Next)

	_, _, err = check[workflows.Observed](b, workflows.TypeObserve, workflows.ObserveInput{Names: names, After: "model-0500"})
	require.ErrorContains(t, err, "after: must be what an answer has given as next")
}
