package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// A step that no worker takes is told: at once when none polls, later when one seems to.
func TestNobodyTakesTheStep(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		polled time.Duration
		age    time.Duration
		says   string
	}{
		{name: "a moment", polled: -1, age: 5 * time.Second},
		{
			name: "nobody polls", polled: -1, age: 15 * time.Second,
			says: `create-version waits for a worker: none polls task queue "speech-retrainer" in namespace "default"`,
		},
		{name: "somebody polls", polled: 20 * time.Second, age: 15 * time.Second},
		{
			name: "somebody seems to poll", polled: 50 * time.Second, age: 40 * time.Second,
			says: `create-version has waited 40s for a worker; one polled task queue "speech-retrainer" 50s ago`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				fake := watching(-1)
				if tc.polled >= 0 {
					fake.polled = time.Now().Add(-tc.polled)
				}
				fake.pending = func(string, time.Duration) []*workflowpb.PendingActivityInfo {
					return []*workflowpb.PendingActivityInfo{{
						ActivityId: "create-version", State: enumspb.PENDING_ACTIVITY_STATE_SCHEDULED, Attempt: 1,
						ScheduledTime: timestamppb.New(time.Now().Add(-tc.age)),
					}}
				}
				found := follow.Session{Temporal: fake, Namespace: "default"}.Troubles(t.Context(), "retrain/support-calls", "")
				if tc.says == "" {
					require.Empty(t, found)
					return
				}
				require.Len(t, found, 1)
				require.Equal(t, lifecycle.NoWorker, found[0].Kind)
				require.Equal(t, tc.says, found[0].Sentence(words.Soon(time.Now())))
				require.Contains(t, *found[0].Next, "worker --task-queue speech-retrainer")
			})
		})
	}
}
