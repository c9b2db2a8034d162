package activities

import (
	"context"
	"fmt"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// RollbackInput names the version to go back to; empty = the newest that may serve again.
type RollbackInput struct {
	Scope
	VersionID string `json:"versionId,omitempty"`
	// Served is what the endpoint refers to; nil when the model has none.
	Served *EndpointSeen `json:"served,omitempty"`
}

// ChooseRollback returns the version that shall serve again, or refuses: while a retrain changes the
// endpoint, and a version that lifecycle refuses.
func (a *Activities) ChooseRollback(ctx context.Context, in RollbackInput) (VersionFound, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return VersionFound{}, err
	}
	about := subject{class: lifecycle.InvalidRequest, object: "versions of " + in.Model, next: "try again"}
	id := lifecycle.RetrainID(in.Model)
	stage, err := a.runs.Stage(ctx, id)
	if err != nil {
		return VersionFound{}, later(lifecycle.Failure{Type: lifecycle.Unavailable, Message: err.Error(), Object: &about.object}, 0, false)
	}
	if fault := lifecycle.RefuseRollbackNow(stage); fault != "" {
		return VersionFound{}, refuse(lifecycle.Failure{
			Type: lifecycle.InvalidRequest, Message: fault, Object: lifecycle.Ptr("workflow " + id),
			Next: lifecycle.Ptr("wait until the retrain has ended, look at what serves, then roll back if it is still wanted"),
		})
	}
	if in.VersionID == "" {
		l, err := a.lookAfresh(ctx, in.Scope, speech.KindEndpoint, speech.KindModel)
		if err != nil {
			return VersionFound{}, classify(err, about)
		}
		now := lifecycle.ServedNow{Endpoint: in.Served != nil}
		if in.Served != nil {
			now.ModelID = in.Served.ModelID
		}
		target, reason := lifecycle.ChooseRollback(l.versionsOf(in.Scope), now, l.observedAt)
		if reason != "" {
			return VersionFound{}, refuseVersion("", reason)
		}
		in.VersionID = target.ID
	}
	found, err := a.version(ctx, in.VersionID)
	if err != nil {
		return VersionFound{}, err
	}
	v := lifecycle.Version{
		ID: found.Report.ID, DisplayName: found.Report.DisplayName, Status: found.Report.Status, State: found.Report.State, ExpiresAt: found.Report.ExpiresAt,
	}
	if fault := lifecycle.RefuseRollback(v, found.Ours && found.Name == in.Model && lifecycle.SameLocale(found.Model.Locale, in.Locale),
		found.ObservedAt); fault != "" {
		return VersionFound{}, refuseVersion(in.VersionID, fmt.Sprintf("version %q (%s) %s", v.DisplayName, v.ID, fault))
	}
	return found, nil
}
