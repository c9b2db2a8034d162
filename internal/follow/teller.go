package follow

import (
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// teller tells each trouble of a followed run once, and when it is over.
type teller struct{ told string }

// lines are what there is to say of the report's trouble by now; none when that was said.
func (v *teller) lines(report lifecycle.Report, now time.Time) []string {
	var kinds []string
	for _, t := range report.Trouble {
		// Not by its message: that may differ with each attempt in no more than a port.
		kinds = append(kinds, string(t.Kind)+words.OrDash(t.Step)+words.OrDash(t.Code)+words.OrDash((*string)(t.Type)))
	}
	told := strings.Join(kinds, " ")
	if told == v.told {
		return nil
	}
	over := told == "" && report.Outcome == lifecycle.Running
	v.told = told
	if over {
		return []string{"the trouble is over: the run goes on"}
	}
	return words.TroubleLines(report.Trouble, now, words.Width)
}
