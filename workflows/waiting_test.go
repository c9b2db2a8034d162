package workflows

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/lifecycle"
)

// While a run waits for a person its outcome says so in Temporal's list, by the upsert that enters the stage; the next
// stage takes it away, and no other touches it.
func TestAWaitingRunSaysSo(t *testing.T) {
	t.Parallel()
	s := &stages{}
	outcome := func(before string, stage lifecycle.Stage) string {
		updates := append([]temporal.SearchAttributeUpdate{attributeOutcome.ValueSet(before)}, s.placed(stage)...)
		list := temporal.NewSearchAttributes(updates...)
		placed, _ := list.GetKeyword(AttributeStage)
		require.Equal(t, string(stage), placed)
		value, _ := list.GetKeyword(attributeOutcome)
		return value
	}
	require.Equal(t, "before", outcome("before", lifecycle.StageEvaluate))
	require.Equal(t, outcomeWaiting, outcome("", lifecycle.StageApproval))
	require.Empty(t, outcome(outcomeWaiting, lifecycle.StageDeploy))
	require.Equal(t, "before", outcome("before", lifecycle.StageDeploy), "once is enough: other runs have nothing to take away")
}
