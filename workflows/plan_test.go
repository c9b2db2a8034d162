package workflows_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// plans are the plans of several requests, with what their workflow has run and asked the service for.
func plans(b *bundle, requests []json.RawMessage) (made []lifecycle.Plan, ran []string, asked map[string]int) {
	b.t.Helper()
	before := b.service.TallyAfter(0, "")
	made, ran, err := check[[]lifecycle.Plan](b, workflows.TypePlan, decode.PlansInput{Requests: requests})
	require.NoError(b.t, err)
	require.Len(b.t, made, len(requests))
	return made, ran, b.service.TallyAfter(before.Last, "").Operations
}

// named is a request for another model.
func named(name string, change func(map[string]any)) func(map[string]any) {
	return func(r map[string]any) {
		r["name"] = name
		if change != nil {
			change(r)
		}
	}
}

// As many plans as one question may ask for cost one activity and one look: each kind is listed once.
func TestPlansOfManyRequestsAreOneActivity(t *testing.T) {
	t.Parallel()
	b := setup(t)
	reference := b.imported()
	var requests []json.RawMessage
	for i := range decode.MostPlans {
		requests = append(requests, b.request(named(fmt.Sprintf("desk-%d", i), func(r map[string]any) {
			r["training"] = []any{map[string]any{"dataset": reference}}
		})))
	}
	made, ran, asked := plans(b, requests)
	require.Equal(t, []string{"PlanModels"}, ran)
	for operation, n := range asked {
		require.Equal(t, 1, n, "%s of %v", operation, asked)
	}
	for i, plan := range made {
		require.Equal(t, fmt.Sprintf("desk-%d", i), plan.Name)
		require.Nil(t, plan.Error)
		require.True(t, plan.Due, plan.Reason)
		require.NotNil(t, plan.BaseModel)
	}
}

// Each request has its plan in its place, also one that cannot be planned.
func TestPlansOfSeveralRequests(t *testing.T) {
	t.Parallel()
	b := setup(t)
	requests := []json.RawMessage{
		b.request(nil), json.RawMessage(`{"name": "desk", "locale": "en-US", "training": []}`),
		b.request(named("other", func(r map[string]any) { r["locale"] = "xx-XX" })), b.request(named("last", nil)),
	}
	made, ran, _ := plans(b, requests)
	require.Equal(t, []string{"PlanModels"}, ran)
	require.Equal(t, lifecycle.InvalidRequest, made[1].Error.Type)
	require.Contains(t, made[1].Error.Message, "training")
	require.Equal(t, lifecycle.InvalidRequest, made[2].Error.Type)
	require.Contains(t, made[2].Error.Message, "xx-XX")
	for _, i := range []int{0, 3} {
		require.Nil(t, made[i].Error)
		require.True(t, made[i].Due, made[i].Reason)
		require.NotNil(t, made[i].BaseModel)
	}

	made, ran, _ = plans(b, requests[1:2])
	require.Empty(t, ran, "nothing of it can be looked at")
	require.Equal(t, lifecycle.InvalidRequest, made[0].Error.Type)
}

// What only one model needs, and the service does not give, keeps no other from its plan: the one is tried again by itself,
// until its own time is over.
func TestAPlanThatFailsLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	pinned := func(r map[string]any) { r["baseModel"] = "7768ee9c-ce71-4365-af5c-60daafebffa7" }
	for name, tc := range map[string]struct {
		fault emulator.Fault
		// class is what the plan says of the failure at last.
		class lifecycle.FailureClass
		tries int
	}{
		"for a moment": {
			fault: emulator.Fault{Operation: "Models_GetBaseModel", Kind: emulator.FaultStatus, Status: 503},
			class: lifecycle.InvalidRequest, tries: 1,
		},
		"for long": {
			fault: emulator.Fault{Operation: "Models_GetBaseModel", Kind: emulator.FaultStatus, Status: 503, Count: -1}, class: lifecycle.Unavailable, tries: 2,
		},
		"for good": {
			fault: emulator.Fault{Operation: "Models_GetBaseModel", Kind: emulator.FaultStatus, Status: 403, Count: -1}, class: lifecycle.Unauthorized, tries: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			_, err := b.service.InjectFault(tc.fault)
			require.NoError(t, err)
			made, ran, _ := plans(b, []json.RawMessage{b.request(named("one", nil)), b.request(named("two", pinned)), b.request(named("three", nil))})
			require.Equal(t, "PlanModels", ran[0])
			require.Equal(t, []string{"PlanModel"}, slices.Compact(ran[1:]), "of the one, by itself")
			require.GreaterOrEqual(t, len(ran[1:]), tc.tries)
			require.Equal(t, tc.class, made[1].Error.Type, "%+v", made[1].Error)
			for _, i := range []int{0, 2} {
				require.Nil(t, made[i].Error)
				require.NotNil(t, made[i].BaseModel)
			}
		})
	}
}

// What all need fails for all, once, and each plan says so.
func TestPlansOfAServiceThatRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.service.InjectFault(emulator.Fault{Operation: "Endpoints_List", Kind: emulator.FaultStatus, Status: 401, Count: -1})
	require.NoError(t, err)
	made, ran, asked := plans(b, []json.RawMessage{b.request(named("one", nil)), b.request(named("two", nil))})
	require.Equal(t, []string{"PlanModels"}, ran)
	require.Equal(t, map[string]int{"Endpoints_List": 1}, asked)
	for _, plan := range made {
		require.Equal(t, lifecycle.Unauthorized, plan.Error.Type)
	}
}
