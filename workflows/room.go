package workflows

import (
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
)

// missingEndpoint is the endpoint that the run would have to create; empty when it deploys nothing, or it is there.
func (r *retrain) missingEndpoint() string {
	if r.request.Deploy == nil || r.serving.Endpoint != nil {
		return ""
	}
	return r.request.Deploy.Endpoint
}

// checkRoom refuses a run that would have to create more than the resource has room for, before anything is created.
func (r *retrain) checkRoom(ctx workflow.Context, endpoint string) error {
	in := activities.RoomInput{Scope: r.scope, Endpoint: endpoint}
	for _, e := range r.entries {
		if e.found.ID == "" {
			in.Data = append(in.Data, activities.RoomData{Path: e.path, Label: e.data.Label(), Found: e.found})
		}
	}
	if in.Endpoint == "" && len(in.Data) == 0 {
		return nil
	}
	return r.call(ctx, "check-room", "Look whether there is room for what has to be created", a.CheckRoom, in, nil)
}
