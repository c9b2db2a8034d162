package activities

import (
	"context"
	"slices"

	"speech-retrainer/internal/lifecycle"
)

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
	return slices.Contains(left, lifecycle.MarkAlarm), classify(err, about)
}
