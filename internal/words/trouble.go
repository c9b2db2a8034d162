package words

import (
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
)

// mostTrouble is how many steps in trouble are shown: those beside each other mostly have the same.
const mostTrouble = 3

// AdviceLines are what to do about trouble, at most width columns wide.
func AdviceLines(next string, width int) []string {
	text, command := splitCommand(visible.Line(next))
	lines := Wrap("what to do: "+text, width)
	if command != "" {
		lines = append(lines, CommandLines(command, width)...)
	}
	return lines
}

// TroubleLines are a run's trouble and what to do about it, at most width columns wide.
func TroubleLines(all []lifecycle.Trouble, now time.Time, width int) []string {
	var lines []string
	for i, t := range all {
		if i == mostTrouble {
			return append(lines, "and "+Count(len(all)-i, "more step"))
		}
		lines = append(lines, Wrap("TROUBLE "+visible.Line(t.Sentence(Soon(now))), width)...)
		if t.Next != nil && (i == 0 || all[i-1].Next == nil || *all[i-1].Next != *t.Next) {
			lines = append(lines, AdviceLines(*t.Next, width)...)
		}
	}
	return lines
}
