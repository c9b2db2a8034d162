package follow

import (
	"context"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"speech-retrainer/internal/resource"
)

// ResourcesOf are the hosts of the Speech resources that the workers of a task queue work on, sorted: one when all is well,
// none when no worker polls the queue or all are of a version that does not tell. The error is a *exit.Failure.
func (s Session) ResourcesOf(ctx context.Context, queue string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var hosts []string
	// A worker with its hands full polls for workflows alone.
	for _, kind := range []enumspb.TaskQueueType{enumspb.TASK_QUEUE_TYPE_ACTIVITY, enumspb.TASK_QUEUE_TYPE_WORKFLOW} {
		described, err := s.DescribeTaskQueue(ctx, queue, kind)
		if err != nil {
			return nil, s.Unreachable(err)
		}
		for _, poller := range described.GetPollers() {
			host := resource.HostOf(poller.GetIdentity())
			if host != "" && time.Since(poller.GetLastAccessTime().AsTime()) < deadPoller {
				hosts = append(hosts, host)
			}
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts), nil
}
