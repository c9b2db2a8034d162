package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// A check of the schedule of one model with the request of another is refused: it would look as if it checked both.
func TestACheckIsOfItsScheduleModel(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]bool{"renew/other": true, "renew/desk": false, "by-hand": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, _ := championed(t)
			next := b.again()
			by := temporal.NewSearchAttributeKeyKeyword("TemporalScheduledById")
			require.NoError(t, next.SetTypedSearchAttributesOnStart(temporal.NewSearchAttributes(by.ValueSet(name))))
			next.SetStartWorkflowOptions(startOptions("check/desk"))
			models := map[string]bool{}
			next.OnUpsertTypedSearchAttributes(mock.Anything).Run(func(args mock.Arguments) {
				if set, is := args[0].(temporal.SearchAttributes); is {
					if of, is := set.GetKeyword(workflows.AttributeModel); is {
						models[of] = true
					}
				}
			}).Return(nil)
			next.ExecuteWorkflow(workflows.TypeRenew, b.request(gated(b, nil)))
			err := next.GetWorkflowError()
			require.Equal(t, refused, models["other"], "its failure counts for the model that nothing checks")
			if !refused {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "schedule renew/other has the request of the model desk: nothing checks other")
			var application *temporal.ApplicationError
			var f lifecycle.Failure
			require.ErrorAs(t, err, &application)
			require.NoError(t, application.Details(&f, new(lifecycle.Told)))
			require.Equal(t, "give it the request of its own model: starter apply --file FILE, or temporal schedule update; "+
				"then check again: starter trigger other", *f.Next)
		})
	}
}

// A worker that has lost its RETRAINER_OWNER sees none of the versions that are there: it trains nothing in their place.
func TestAWorkerOfAnotherOwnerTrainsNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		owner   string
		refused bool
	}{
		"the schedule is the other's":      {"prod", true},
		"the schedule is this one's":       {"tests", false},
		"the schedule is of a third owner": {"third", false},
		"made by hand":                     {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.put("desk of prod", "en-US", map[string]string{"sr.owner": "prod", "sr.model": "desk", "sr.state": "champion", "sr.step": "train"})
			b.runs.live = []lifecycle.LiveRequest{{Name: "desk", Locale: "en-US", Owner: tt.owner}}
			before := b.sent("POST", "/models")
			report, _, err := check[lifecycle.RenewReport](b.again(), workflows.TypeRenew, b.request(gated(b, nil)))
			if !tt.refused {
				require.NoError(t, err)
				require.Equal(t, workflows.RenewStarted, report.Outcome)
				return
			}
			require.ErrorContains(t, err, `the schedule was made for owner "prod", who has versions of the model, and this worker works for "tests"`)
			require.Equal(t, before, b.sent("POST", "/models"))
		})
	}
}
