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
	State RunState `json:"state"`
	// ClosedAt is when it ended, by Temporal's clock; zero while it goes on, and when that is not known.
	ClosedAt time.Time `json:"closedAt,omitzero"`
}

// Abandoned is a version that nobody will finish, and why.
type Abandoned struct {
	Version Version
	Reason  string
}

// ForgottenAge is how long ago the training of a version must have ended whose run Temporal no longer knows, before it
// counts as abandoned: retention and a restored database forget runs that somebody still waits for.
const ForgottenAge = 30 * Day

// FindAbandoned names the versions that were left behind: candidates of this home whose run was canceled, terminated
// or timed out, those of a run that Temporal no longer knows when their training ended more than ForgottenAge ago, the
// losers among twins of a run that is not active, and what was marked abandoned before. Everything of an active
// run is left to that run, what another home has not finished is left to that, and a version that was ever more than a
// candidate, or that an endpoint refers to, is never named. lost is another home that a person says is gone: its
// unfinished versions are named too; empty = none. now is the service's.
func FindAbandoned(versions []Version, lost string, now time.Time) []Abandoned {
	sorted := slices.Clone(versions)
	slices.SortFunc(sorted, compareVersions)
	winners := map[string]Version{}
	for _, v := range sorted {
		key := stepOf(v)
		best, seen := winners[key]
		if !seen || (best.State == StateCandidate && v.State != StateCandidate && v.State != StateAbandoned) {
			if v.State != StateAbandoned {
				winners[key] = v
			}
		}
	}
	var found []Abandoned
	for _, v := range sorted {
		if v.Known.State == RunActive || v.InUse {
			continue
		}
		if v.Known.State == RunForeign {
			if home, _ := SplitRun(v.Run); lost != "" && home == lost && unfinished(v.State) {
				found = append(found, Abandoned{Version: v, Reason: fmt.Sprintf("it was left unfinished by the home %s, which is lost", home)})
			}
			continue
		}
		switch v.State {
		case StateAbandoned:
			found = append(found, Abandoned{Version: v, Reason: "it was marked abandoned earlier"})
		case StateCandidate:
			if reason := abandonedReason(v, winners[stepOf(v)], now); reason != "" {
				found = append(found, Abandoned{Version: v, Reason: reason})
			}
		}
	}
	return found
}

// stepOf is what twins share: the run, however its mark was written, and the step.
func stepOf(v Version) string {
	_, run := SplitRun(v.Run)
	return run + "/" + v.Step
}

// unfinished tells the states of a version whose run has not brought it to an end.
func unfinished(s State) bool {
	return s == StateCandidate || s == StateDeploying || s == StateAbandoned
}

func abandonedReason(v, winner Version, now time.Time) string {
	_, run := SplitRun(v.Run)
	switch v.Known.State {
	case RunCanceled, RunTerminated:
		return fmt.Sprintf("its run %s was %s", run, v.Known.State)
	case RunTimedOut:
		return fmt.Sprintf("its run %s timed out", run)
	case RunUnknown:
		if v.EndedAt != nil && now.Sub(*v.EndedAt) > ForgottenAge {
			return fmt.Sprintf("Temporal no longer knows its run %s, and its training ended on %s", run, date(*v.EndedAt))
		}
	}
	if winner.ID != "" && winner.ID != v.ID {
		return fmt.Sprintf("it is a twin of %s, made by the same run %s", winner.ID, run)
	}
	return ""
}
