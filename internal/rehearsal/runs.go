package rehearsal

import (
	"context"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// scheduled answers for the schedules of the fleet, which a rehearsal does not make: it starts the checks itself.
type scheduled struct {
	activities.Runs

	of map[string]lifecycle.LiveRequest
}

// schedule remembers what the schedule of a model would be given.
func (s scheduled) schedule(p *part) {
	if live, ok := lifecycle.ReadLive(p.raw); ok {
		live.TaskQueue = queue
		s.of[live.Name] = live
	}
}

// Scheduled returns the request of a model of the fleet.
func (s scheduled) Scheduled(_ context.Context, model string) (lifecycle.LiveRequest, bool, error) {
	live, ok := s.of[model]
	return live, ok, nil
}

// Live returns the requests of the fleet, and of all that goes on.
func (s scheduled) Live(ctx context.Context) ([]lifecycle.LiveRequest, error) {
	all, err := s.Runs.Live(ctx)
	for _, live := range s.of {
		all = append(all, live)
	}
	return all, err
}
