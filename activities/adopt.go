package activities

import (
	"context"
	"fmt"

	"speech-retrainer/internal/lifecycle"
)

// AdoptionInput names the version that somebody wants to take over.
type AdoptionInput struct {
	Scope
	VersionID string `json:"versionId"`
}

// CheckAdoption reads the version that somebody wants to take over, and refuses one that lifecycle
// refuses, and any while a retrain changes what serves.
func (a *Activities) CheckAdoption(ctx context.Context, in AdoptionInput) (VersionFound, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return VersionFound{}, err
	}
	id := lifecycle.RetrainID(in.Model)
	stage, err := a.runs.Stage(ctx, id)
	if err != nil {
		return VersionFound{}, later(lifecycle.Failure{Type: lifecycle.Unavailable, Message: err.Error(), Object: lifecycle.Ptr("workflow " + id)}, 0, false)
	}
	if fault := lifecycle.RefuseRollbackNow(stage); fault != "" {
		return VersionFound{}, refuse(lifecycle.Failure{
			Type: lifecycle.InvalidRequest, Message: fault, Object: lifecycle.Ptr("workflow " + id),
			Next: lifecycle.Ptr("wait until the retrain has ended, look at what serves, then adopt if it is still wanted"),
		})
	}
	found, err := a.version(ctx, in.VersionID)
	if err != nil {
		return VersionFound{}, err
	}
	facts := lifecycle.AdoptFacts{Model: found.Model, Owner: found.Owner, Name: found.Name}
	if fault := lifecycle.RefuseAdoption(facts, in.Model, in.Locale, a.owner, found.ObservedAt); fault != "" {
		message := fmt.Sprintf("version %q (%s) %s", found.Report.DisplayName, in.VersionID, fault)
		return VersionFound{}, refuse(lifecycle.Failure{
			Type: lifecycle.InvalidRequest, Message: message, Object: lifecycle.Ptr("version " + in.VersionID),
			Next:     lifecycle.Ptr("name a Succeeded custom model of this resource that no other installation or model owns"),
			Problems: []lifecycle.Problem{{Path: "versionId", Message: message}},
		})
	}
	return found, nil
}
