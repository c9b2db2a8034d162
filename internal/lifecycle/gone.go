package lifecycle

import "time"

// longestDoubt is the longest pause before an object that is said not to exist is asked for again.
const longestDoubt = 10 * time.Second

// Doubt is about an object that must exist and of which the service says that it does not (404). The machine that
// answers may not know yet what another has made, and one that lags behind may answer at any time: a 404 is a deletion
// only when nothing else was heard for the lag that lists are given, and at least twice. That holds for every age of the
// object alike: no date has to be compared, and who deletes one is told half a minute later.
type Doubt struct {
	// Answers is how many 404 came in a row, the last one included.
	Answers int
	// Stood is the time from the first of them to the last.
	Stood time.Duration
}

// Gone tells that the object was deleted; else pause is how long to wait before it is asked for again, pace at least.
func (d Doubt) Gone(lag, pace time.Duration) (pause time.Duration, gone bool) {
	if d.Answers > 1 && d.Stood >= lag {
		return 0, true
	}
	return max(min(lag/4, longestDoubt), pace), false
}
