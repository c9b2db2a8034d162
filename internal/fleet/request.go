package fleet

import (
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// Given is a request as its author gave it.
type Given struct {
	lifecycle.Request

	// Raw is the JSON to start a workflow with.
	Raw []byte
	Doc Document
}

// ReadRequest reads a request and checks it as the workflow will. The error is a *exit.Failure with every problem and its
// line.
func ReadRequest(d Document) (Given, error) {
	given := Given{Doc: d}
	var err error
	if given.Raw, err = d.JSON(); err != nil {
		return Given{}, err
	}
	if fleet, _ := fileOf(given.Raw); fleet {
		return Given{}, given.Doc.mistaken("fleet", "request", "apply")
	}
	var problems []lifecycle.Problem
	if given.Request, problems = workflows.DecodeRequest(given.Raw); len(problems) > 0 {
		return given, given.Refuse(problems)
	}
	return given, nil
}

// Refuse tells every problem with its line.
func (g Given) Refuse(problems []lifecycle.Problem) *exit.Failure {
	refused := exit.Refuse(lifecycle.InvalidRequest, "%s was refused with %s: nothing was started", g.Doc.Name, words.Count(len(problems), "problem"))
	refused.Name, refused.Locale = g.Name, g.Locale
	refused.Cause.Problems = problems
	refused.Cause.Next = lifecycle.Ptr("correct it and run it again")
	refused.Cause.Object = lifecycle.Ptr(g.Doc.Name)
	for _, p := range problems {
		refused.Lines = append(refused.Lines, g.Doc.at(g.Doc.line(p.Path))+": "+p.String())
	}
	return refused
}
