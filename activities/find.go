package activities

import (
	"context"
	"fmt"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// VersionFound is one version and whose it is.
type VersionFound struct {
	Report lifecycle.VersionReport `json:"report"`
	Model  lifecycle.Model         `json:"model"`
	// Base is the base model that it was trained from; nil when it is unknown or gone.
	Base *lifecycle.Model `json:"base"`
	Ours bool             `json:"ours"`
	// Owner is whose installation it belongs to; empty without our mark.
	Owner string `json:"owner,omitempty"`
	// Name is the operator's model that it belongs to; empty without our mark.
	Name       string    `json:"name,omitempty"`
	ObservedAt time.Time `json:"observedAt"`
}

// FindVersion reads one version of whomever; a missing one is an InvalidRequest.
func (a *Activities) FindVersion(ctx context.Context, in AwaitInput) (VersionFound, error) {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return VersionFound{}, err
	}
	return a.version(ctx, in.ID)
}

func (a *Activities) version(ctx context.Context, id string) (VersionFound, error) {
	about := subject{class: lifecycle.InvalidRequest, object: "version " + id, next: "check the version's ID, then try again"}
	m, meta, err := insistent(a, a.speech.GetModel)(ctx, id)
	if speech.IsNotFound(err) {
		return VersionFound{}, refuseVersion(id, fmt.Sprintf("version %s does not exist", id))
	}
	if err != nil {
		return VersionFound{}, classify(err, about)
	}
	found := VersionFound{
		Report: versionReport(m), Model: customModel(m), Ours: lifecycle.Ours(m.CustomProperties, a.owner),
		Owner: m.CustomProperties[lifecycle.MarkOwner], Name: m.CustomProperties[lifecycle.MarkModel], ObservedAt: meta.ObservedAt,
	}
	found.Base, err = a.baseOf(ctx, found.Model)
	return found, classify(err, about)
}

func refuseVersion(id, message string) error {
	return refuse(lifecycle.Failure{
		Type: lifecycle.InvalidRequest, Message: message, Object: lifecycle.Ptr("version " + id),
		Next:     lifecycle.Ptr("name a champion or retired version of this model that has not expired, then try again"),
		Problems: []lifecycle.Problem{{Path: "versionId", Message: message}},
	})
}

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
		models, meta, err := a.ownVersions(ctx, in.Scope)
		if err != nil {
			return VersionFound{}, classify(err, about)
		}
		now := lifecycle.ServedNow{Endpoint: in.Served != nil}
		if in.Served != nil {
			now.ModelID = in.Served.ModelID
		}
		target, reason := lifecycle.ChooseRollback(versions(models), now, meta.ObservedAt)
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
	if fault := lifecycle.RefuseRollback(v, found.Ours && found.Name == in.Model && lifecycle.SameLocale(found.Model.Locale, in.Locale), found.ObservedAt); fault != "" {
		return VersionFound{}, refuseVersion(in.VersionID, fmt.Sprintf("version %q (%s) %s", v.DisplayName, v.ID, fault))
	}
	return found, nil
}
