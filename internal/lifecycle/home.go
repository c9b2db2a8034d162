package lifecycle

import "strings"

// TestHome is the home of an installation that was told none: the SDK's test environment has no namespace with an ID.
const TestHome = "test"

// RunMark is the value of sr.run: the home of the Temporal that the run belongs to, and its first run ID. Home is the
// namespace's own ID, since names like "default" are not unique. Without a home it is the run ID alone, as it was
// written before homes were: such a run goes on under its old mark.
func RunMark(home, run string) string {
	if home == "" {
		return run
	}
	return home + "/" + run
}

// SplitRun reads sr.run. home is empty in a mark from before homes were written.
func SplitRun(mark string) (home, run string) {
	if home, run, found := strings.Cut(mark, "/"); found {
		return home, run
	}
	return "", mark
}

// SameRun tells whether two marks name one run: a run that was begun before homes were written, and is reset
// afterwards, finds what it made under its old mark.
func SameRun(a, b string) bool {
	homeA, runA := SplitRun(a)
	homeB, runB := SplitRun(b)
	return runA != "" && runA == runB && (homeA == homeB || homeA == "" || homeB == "")
}
