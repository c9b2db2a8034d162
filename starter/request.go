package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/goccy/go-yaml"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// givenRequest is a request as its author gave it.
type givenRequest struct {
	lifecycle.Request

	// raw is the JSON to start a workflow with.
	raw []byte
	doc document
}

// readGiven reads a request and checks it as the workflow will. The error is a *exit.Failure with every problem and its
// line.
func readGiven(d document) (givenRequest, error) {
	given := givenRequest{doc: d}
	var err error
	if given.raw, err = d.json(); err != nil {
		return givenRequest{}, err
	}
	if fleet, _ := fileOf(given.raw); fleet {
		return givenRequest{}, given.doc.mistaken("fleet", "request", "apply")
	}
	var problems []lifecycle.Problem
	if given.Request, problems = workflows.DecodeRequest(given.raw); len(problems) > 0 {
		return given, given.refuse(problems)
	}
	return given, nil
}

// refuse tells every problem with its line.
func (g givenRequest) refuse(problems []lifecycle.Problem) *exit.Failure {
	refused := exit.Refuse(lifecycle.InvalidRequest, "%s was refused with %s: nothing was started", g.doc.name, words.Count(len(problems), "problem"))
	refused.Name, refused.Locale = g.Name, g.Locale
	refused.Cause.Problems = problems
	refused.Cause.Next = lifecycle.Ptr("correct it and run it again")
	refused.Cause.Object = lifecycle.Ptr(g.doc.name)
	for _, p := range problems {
		refused.Lines = append(refused.Lines, g.doc.at(g.doc.line(p.Path))+": "+p.String())
	}
	return refused
}

// document is a request as its author wrote it.
type document struct {
	// name is what it is called: its path, or "standard input".
	name   string
	source []byte
	// dir is what the paths of local files in it are relative to.
	dir string
}

// at is the document, with the line when it is known.
func (d document) at(line int) string {
	if line == 0 {
		return d.name
	}
	return fmt.Sprintf("%s:%d", d.name, line)
}

// isJSON tells by the name, else by the first character: in YAML, too, that begins JSON.
func (d document) isJSON() bool {
	if filepath.Ext(d.name) == ".json" {
		return true
	}
	return bytes.HasPrefix(bytes.TrimSpace(d.source), []byte("{"))
}

// json returns the document as JSON. JSON stays as it is: decoding it must see duplicate keys.
func (d document) json() ([]byte, error) {
	if d.isJSON() {
		var syntax *json.SyntaxError
		if err := json.Unmarshal(d.source, new(any)); errors.As(err, &syntax) {
			line := 1 + bytes.Count(d.source[:min(int(syntax.Offset), len(d.source))], []byte("\n"))
			return nil, d.refuse(line, "is not valid JSON: "+syntax.Error())
		}
		return d.source, nil
	}
	if line, err := d.bounded(); err != nil {
		return nil, d.refuse(line, err.Error())
	}
	decoder := yaml.NewDecoder(bytes.NewReader(d.source))
	var value any
	if err := decoder.Decode(&value); err != nil {
		var syntax yaml.Error
		if errors.As(err, &syntax) && syntax.GetToken() != nil {
			return nil, d.refuse(syntax.GetToken().Position.Line, "is not valid YAML: "+syntax.GetMessage())
		}
		return nil, d.refuse(0, "is not valid YAML: "+err.Error())
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, d.refuse(0, "must hold one document: one request for each file")
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, d.refuse(0, "holds a value that JSON does not know: "+err.Error())
	}
	return raw, nil
}

// refuse is a document that cannot be read. What its parser says may quote a signed URL.
func (d document) refuse(line int, message string) *exit.Failure {
	message = speech.Redact(message)
	refused := exit.Refuse(lifecycle.InvalidRequest, "%s %s", d.at(line), message)
	refused.Cause.Object = lifecycle.Ptr(d.name)
	refused.Cause.Problems = []lifecycle.Problem{{Message: message}}
	return refused
}
