package lifecycle

import (
	"fmt"
	"slices"
	"time"
)

// RunState is what Temporal knows of a run that left its mark on a version.
type RunState string

// The states of a run.
const (
	RunActive RunState = "running"
	// RunEnded is completed or failed: such a run has set its version's state itself.
	RunEnded      RunState = "ended"
	RunCanceled   RunState = "canceled"
	RunTerminated RunState = "terminated"
	RunTimedOut   RunState = "timed out"
	RunUnknown    RunState = "unknown to Temporal"
	// RunForeign is of another home: only that knows what becomes of it.
	RunForeign RunState = "of another home"
)

// RunKnown is what Temporal knows of a run.
type RunKnown struct {
	State RunState
	// ClosedAt is when it ended, by Temporal's clock; zero while it goes on, and when that is not known.
	ClosedAt time.Time
}

// MarkedVersion is one version that carries our marks, as the sweep sees it.
type MarkedVersion struct {
	ID          string
	DisplayName string
	CreatedAt   time.Time
	Status      string
	State       State
	// Run and Step are the marks sr.run and sr.step.
	Run, Step string
	// RunState is what Temporal says of Run.
	RunState RunState
	// InUse tells that an endpoint refers to it.
	InUse bool
}

// Abandoned is a version that nobody will finish, and why.
type Abandoned struct {
	Version MarkedVersion
	Reason  string
}

// FindAbandoned names the versions that were left behind: candidates whose run was canceled,
// terminated, timed out or is unknown to Temporal, the losers among twins of a run that is not active,
// and what was marked abandoned before. Everything of an active run is left to that run, and a version
// that was ever more than a candidate, or that an endpoint refers to, is never named.
func FindAbandoned(versions []MarkedVersion) []Abandoned {
	sorted := slices.Clone(versions)
	slices.SortFunc(sorted, func(a, b MarkedVersion) int { return compareVersions(a, b) })
	winners := map[string]MarkedVersion{}
	for _, v := range sorted {
		key := v.Run + "/" + v.Step
		best, seen := winners[key]
		if !seen || (best.State == StateCandidate && v.State != StateCandidate && v.State != StateAbandoned) {
			if v.State != StateAbandoned {
				winners[key] = v
			}
		}
	}
	var found []Abandoned
	for _, v := range sorted {
		if v.RunState == RunActive || v.InUse {
			continue
		}
		switch v.State {
		case StateAbandoned:
			found = append(found, Abandoned{Version: v, Reason: "it was marked abandoned earlier"})
		case StateCandidate:
			if reason := abandonedReason(v, winners[v.Run+"/"+v.Step]); reason != "" {
				found = append(found, Abandoned{Version: v, Reason: reason})
			}
		}
	}
	return found
}

func abandonedReason(v, winner MarkedVersion) string {
	switch v.RunState {
	case RunCanceled, RunTerminated:
		return fmt.Sprintf("its run %s was %s", v.Run, v.RunState)
	case RunTimedOut:
		return fmt.Sprintf("its run %s timed out", v.Run)
	case RunUnknown:
		return fmt.Sprintf("its run %s is %s", v.Run, v.RunState)
	}
	if winner.ID != "" && winner.ID != v.ID {
		return fmt.Sprintf("it is a twin of %s, made by the same run %s", winner.ID, v.Run)
	}
	return ""
}

func compareVersions(a, b MarkedVersion) int {
	if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
		return c
	}
	if a.ID < b.ID {
		return -1
	}
	return 1
}
