package fleet_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/fleet"
)

// What is new by default is told of schedules that an earlier version has written, once for all of them; never again when
// they are written anew, and never of one that is new, or that nobody has applied.
func TestUpgradedIsToldOnce(t *testing.T) {
	t.Parallel()
	of := func(name, request string) fleet.Standing {
		d := &client.ScheduleDescription{Schedule: client.Schedule{Action: &client.ScheduleWorkflowAction{
			Args: []any{&commonpb.Payload{Data: []byte(request)}},
		}}}
		if name != "hand" {
			text := map[string][]byte{"encoding": []byte("json/plain")}
			d.Memo = &commonpb.Memo{Fields: map[string]*commonpb.Payload{"fleet": {Metadata: text, Data: []byte(`"desk"`)}}}
		}
		return fleet.NewStanding(name, d)
	}
	model := func(name string) (m fleet.Model) {
		m.Name = name
		return m
	}
	models := []fleet.Model{model("one"), model("two"), model("new"), model("hand")}
	held := fleet.Held{Fleet: fleet.Fleet{Models: models}, Have: map[string]fleet.Standing{
		"one": of("one", `{"name": "one", "renew": {"retryAfter": "2d"}}`), "two": of("two", `{"name": "two"}`),
		"hand": of("hand", `{"name": "hand"}`), "gone": of("gone", `{}`),
	}}
	told := held.Upgraded()
	require.Len(t, told, 1)
	for _, part := range []string{
		"one, two: applied with an earlier version", "0.5 points worse (was 0)",
		"renew.window, 21d before the lead", "renew.retryAfter has no effect any more",
	} {
		require.Contains(t, told[0], part)
	}
	held.Have["one"], held.Have["two"] = of("one", `{"renew": {"window": "21d"}}`), of("two", `{"renew": {"window": "0s"}}`)
	require.Empty(t, held.Upgraded())
}
