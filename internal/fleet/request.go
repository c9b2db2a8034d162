package fleet

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
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
	if given.Request, problems = decodeGiven(given.Raw); len(problems) > 0 {
		return given, given.Refuse(problems)
	}
	return given, nil
}

// Forced is the request of a run that trains even what was trained already.
func (g Given) Forced() Given {
	decoder := json.NewDecoder(bytes.NewReader(g.Raw))
	decoder.UseNumber()
	fields := map[string]any{}
	if g.Force || decoder.Decode(&fields) != nil { // what can be no request has been refused
		return g
	}
	fields["force"] = true
	raw, err := json.Marshal(fields)
	if err != nil {
		return g
	}
	g.Raw, g.Force = raw, true
	return g
}

// decodeGiven reads a request as the workflow does, and refuses what requests of old may have and can be corrected now: a
// locale in another case than the service's, and a name that commands to copy would hold for a flag.
func decodeGiven(raw []byte) (lifecycle.Request, []lifecycle.Problem) {
	request, problems := decode.Request(raw)
	told := slices.ContainsFunc(problems, func(p lifecycle.Problem) bool { return p.Path == "locale" })
	if fault := decode.Spelling(request.Locale); fault != "" && !told {
		problems = append(problems, lifecycle.Problem{Path: "locale", Message: fault})
	}
	if strings.HasPrefix(request.Name, "-") {
		problems = append(problems, lifecycle.Problem{Path: "name", Message: "must begin with a letter or a digit: a command would take it for a flag"})
	}
	return request, problems
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
