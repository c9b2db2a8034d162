package follow

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"speech-retrainer/internal/exit"
)

// polling is a Temporal that tells who polls a task queue for one kind of tasks, and how long ago.
type polling struct {
	Temporal

	kind enumspb.TaskQueueType
	ages map[string]time.Duration
	err  error
}

func (p polling) DescribeTaskQueue(_ context.Context, _ string, kind enumspb.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error) {
	response := &workflowservice.DescribeTaskQueueResponse{}
	for identity, age := range p.ages {
		if kind == p.kind {
			response.Pollers = append(response.Pollers, &taskqueuepb.PollerInfo{Identity: identity, LastAccessTime: timestamppb.New(time.Now().Add(-age))})
		}
	}
	return response, p.err
}

func TestResourcesOf(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		ages map[string]time.Duration
		want []string
	}{
		"nobody":                    {nil, nil},
		"one":                       {map[string]time.Duration{"1@a@east": 70 * time.Second}, []string{"east"}},
		"two of one resource":       {map[string]time.Duration{"1@a@east": 0, "2@b@east": time.Second}, []string{"east"}},
		"two of two":                {map[string]time.Duration{"1@a@west": 0, "2@b@East": 0}, []string{"east", "west"}},
		"one that has gone":         {map[string]time.Duration{"1@a@west": 0, "2@b@east": 90 * time.Second}, []string{"west"}},
		"an earlier version's":      {map[string]time.Duration{"1@a": 0}, nil},
		"an earlier version's, too": {map[string]time.Duration{"1@a": 0, "2@b@east": 0}, []string{"east"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for _, kind := range []enumspb.TaskQueueType{enumspb.TASK_QUEUE_TYPE_ACTIVITY, enumspb.TASK_QUEUE_TYPE_WORKFLOW} {
					got, err := Session{Temporal: polling{kind: kind, ages: tt.ages}}.ResourcesOf(t.Context(), "q")
					require.NoError(t, err)
					require.Equal(t, tt.want, got)
				}
			})
		})
	}
	_, err := Session{Temporal: polling{err: errors.New("away")}}.ResourcesOf(t.Context(), "q")
	require.Equal(t, exit.Unreachable, exit.As(err).Code)
}
