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
