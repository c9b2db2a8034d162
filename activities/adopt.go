package activities

import (
	"context"
	"fmt"

	"speech-retrainer/internal/lifecycle"
)

// CheckAdoption reads the version that somebody wants to take over, and refuses one that lifecycle
// refuses, and any while a retrain changes what serves.
func (a *Activities) CheckAdoption(ctx context.Context, in RollbackInput) (VersionFound, error) {
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

// FindRetrain returns the first run ID of the retrain that goes on for the model; empty when none does.
func (a *Activities) FindRetrain(ctx context.Context, in Scope) (string, error) {
	id := lifecycle.RetrainID(in.Model)
	running, err := a.runs.Running(ctx, id)
	if err != nil {
		return "", later(lifecycle.Failure{Type: lifecycle.Unavailable, Message: err.Error(), Object: lifecycle.Ptr("workflow " + id)}, 0, false)
	}
	return running, nil
}

// AlarmInput is the mark of the alarms that were sent; empty removes it.
type AlarmInput struct {
	Scope
	VersionID string `json:"versionId"`
	Mark      string `json:"mark"`
}

// MarkAlarm remembers on a version which alarms were sent. Without room for the mark, or with the version
// gone, the alarms are sent again by the next check: Dropped says so.
func (a *Activities) MarkAlarm(ctx context.Context, in AlarmInput) (dropped bool, err error) {
	ctx, err = a.begin(ctx, in.Scope)
	if err != nil {
		return false, err
	}
	about := subject{class: lifecycle.InvalidRequest, object: "version " + in.VersionID, next: "the next check tries again"}
	m, err := a.ownVersion(ctx, in.VersionID, about)
	if err != nil {
		return false, err
	}
	if !lifecycle.Ours(m.CustomProperties, a.owner) {
		return true, nil
	}
	left, err := a.mark(ctx, m, map[string]string{lifecycle.MarkAlarm: in.Mark})
	return len(left) > 0, classify(err, about)
}
