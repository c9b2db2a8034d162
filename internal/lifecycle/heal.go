package lifecycle

import (
	"fmt"
	"slices"
	"time"
)

// Served is the endpoint of a model, as the rules of healing need it.
type Served struct {
	// Endpoint is what it is called; empty for a model without one.
	Endpoint string
	// ModelID is what it refers to; empty when it refers to nothing.
	ModelID string
	// Status is the endpoint's, and ChangedAt is when it entered that.
	Status    string
	ChangedAt time.Time
}

// Mending is a mark that is put right, and why.
type Mending struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	State       State  `json:"state"`
	Reason      string `json:"reason"`
}

// Heal finds the marks that a run could no longer write, because it was stopped or the service went away between the
// endpoint's change and the mark. What serves becomes champion when its run had let it serve: it is deploying, or a
// candidate newer than the version marked champion whose verdict is a yes; and that run no longer runs. Of two
// champions the older becomes retired, unless that is the one that serves. A deploying version that never came to
// serve becomes failed, once its run has been over, and the endpoint as it is, for longer than a deployment may take
// (limit). Anything else that serves was set by hand and is left. What serves comes first, then the oldest. now is the
// service's, clock Temporal's.
func Heal(versions []Version, served Served, limit Duration, now, clock time.Time) []Mending {
	var mended []Mending
	sorted := slices.SortedFunc(slices.Values(versions), compareVersions)
	champion := MarkedChampion(versions)
	for _, v := range sorted {
		if served.Endpoint == "" || served.Status != StatusSucceeded || v.ID != served.ModelID ||
			v.Status != StatusSucceeded || !over(v.Known.State) || !letServe(v, champion) {
			continue
		}
		_, run := SplitRun(v.Run)
		mended = append(mended, Mending{
			ID: v.ID, DisplayName: v.DisplayName, State: StateChampion,
			Reason: fmt.Sprintf("endpoint %s serves it since its run %s changed it, which ended (%s) before it could say so", served.Endpoint, run, v.Known.State),
		})
		champion = &v
	}
	for _, v := range sorted {
		switch {
		case v.State == StateChampion && champion != nil && v.ID != champion.ID && v.ID != served.ModelID:
			mended = append(mended, Mending{
				ID: v.ID, DisplayName: v.DisplayName, State: StateRetired,
				Reason: fmt.Sprintf("%s is champion since", champion.DisplayName),
			})
		case v.State == StateDeploying && over(v.Known.State) && !v.InUse && v.ID != served.ModelID && quiet(v, served, limit, now, clock):
			_, run := SplitRun(v.Run)
			mended = append(mended, Mending{
				ID: v.ID, DisplayName: v.DisplayName, State: StateFailed,
				Reason: fmt.Sprintf("its run %s ended (%s) while it was deployed, and no endpoint serves it", run, v.Known.State),
			})
		}
	}
	return mended
}

// over tells that a run of this home has ended, or that this Temporal has forgotten it.
func over(s RunState) bool { return s != RunActive && s != RunForeign && s != "" }

// letServe tells that the run of a version had decided to let it serve.
func letServe(v Version, champion *Version) bool {
	switch v.State {
	case StateDeploying:
		return true
	case StateCandidate:
		return VerdictYes(v.Verdict) && (champion == nil || compareVersions(*champion, v) < 0)
	}
	return false
}

// quiet tells that no change of the endpoint can be on its way any more.
func quiet(v Version, served Served, limit Duration, now, clock time.Time) bool {
	if !v.Known.ClosedAt.IsZero() && clock.Sub(v.Known.ClosedAt) <= limit.Std() {
		return false
	}
	if served.Endpoint == "" {
		return true
	}
	return served.Status == StatusSucceeded && now.Sub(served.ChangedAt) > limit.Std()
}
