package lifecycle

import (
	"slices"
	"time"
)

// changedByHand tells that the endpoint serves something else than the version that was promoted last, and that no
// retrain has just put it there. A champion that was deleted meanwhile is told by those before it, or by the endpoint's marks.
func changedByHand(o Observed) bool {
	if o.Endpoint == nil || o.Serving == nil || deploying(o) {
		return false
	}
	if champion := championOf(o); champion != nil {
		return champion.ID != o.Serving.ID
	}
	return (hasServed(o) || o.Endpoint.Marked) && !slices.ContainsFunc(o.Versions, func(v Version) bool { return v.ID == o.Serving.ID && v.State != StateRetired })
}

// hasServed tells that some version of the model served before the present one.
func hasServed(o Observed) bool {
	return slices.ContainsFunc(o.Versions, func(v Version) bool { return v.State == StateRetired || v.State == StateRolledBack })
}

// promotedLast names the version that was promoted last, which may have been deleted.
func promotedLast(o Observed) string {
	if champion := championOf(o); champion != nil {
		return champion.DisplayName
	}
	return "the version that was promoted last, which was deleted"
}

// Alive tells that a model recognises speech as a custom model: a base model, or one that has expired, does not.
func Alive(m *Model, now time.Time) bool {
	return m != nil && m.Custom && (m.ExpiresAt == nil || m.ExpiresAt.After(now))
}

// modelMissing tells that the endpoint serves the bare base model, because it refers to nothing, or to a
// model that was deleted. A model that never served is not missing.
func modelMissing(o Observed) bool {
	return o.Endpoint != nil && o.Serving == nil && (o.Endpoint.ModelGone || championOf(o) != nil)
}
