package fleet

import (
	"fmt"
	"time"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// reader collects every problem of a fleet file.
type reader struct {
	doc Document
	// now is what the firings of schedules are counted from.
	now      time.Time
	problems []lifecycle.Problem
	lines    []int
	warnings []string
	// rhythms are those of the timings read so far: a fleet has few, and some take a moment to count.
	rhythms map[timing]rhythm
}

func (r *reader) problem(line int, path, format string, args ...any) {
	r.problems = append(r.problems, lifecycle.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
	r.lines = append(r.lines, line)
}

func (r *reader) at(path, format string, args ...any) {
	r.problem(r.doc.line(path), path, format, args...)
}

// refuse tells every problem with its line.
func (r *reader) refuse() *exit.Failure {
	refused := exit.Refuse(lifecycle.InvalidRequest, "%s was refused with %s: nothing was applied", r.doc.Name, words.Count(len(r.problems), "problem"))
	refused.Cause.Problems, refused.Cause.Object = r.problems, lifecycle.Ptr(r.doc.Name)
	refused.Cause.Next = lifecycle.Ptr("correct it and try again")
	for i, p := range r.problems {
		refused.Lines = append(refused.Lines, r.doc.at(r.lines[i])+": "+p.String())
	}
	return refused
}

// told is refuse with each problem as a line of its own and what to do below it.
func (r *reader) told(heads, advice []string) *exit.Failure {
	refused := r.refuse()
	refused.Lines = nil
	for i, p := range r.problems {
		refused.Lines = append(refused.Lines, r.doc.at(r.lines[i])+": "+lifecycle.Problem{Path: p.Path, Message: heads[i]}.String())
		for _, line := range words.Wrap(advice[i], words.Width-2) {
			refused.Lines = append(refused.Lines, "  "+line)
		}
	}
	return refused
}

// inherited notes a problem where its value was written: at the model, else at the defaults.
func (r *reader) inherited(path, within, format string, args ...any) {
	r.problem(r.lineOf(path, within), path+"."+within, format, args...)
}

func (r *reader) lineOf(path, within string) int {
	line := r.doc.line(path + "." + within)
	if inherited := r.doc.line("defaults." + within); line == r.doc.line(path) && inherited > r.doc.line("defaults") {
		return inherited
	}
	return line
}
