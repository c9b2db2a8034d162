package workflows

import (
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
)

// checkRoom refuses tests that would have to create more datasets than the resource has room for, before anything is
// created.
func (r *run) checkRoom(ctx workflow.Context) error {
	in := activities.RoomInput{Scope: r.scope}
	for _, e := range r.entries {
		if e.found.ID == "" {
			in.Data = append(in.Data, activities.RoomData{Path: e.path, Label: e.data.Label(), Found: e.found})
		}
	}
	if len(in.Data) == 0 {
		return nil
	}
	return act(ctx, r, "check-room", "Look whether there is room for what has to be created", a.CheckRoom, in)
}
