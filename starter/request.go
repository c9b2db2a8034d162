package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// maxRequestBytes bounds what is read as a request; workflows.DecodeRequest has a limit of its own.
const maxRequestBytes = 1 << 20

// givenRequest is a request as its author gave it.
type givenRequest struct {
	lifecycle.Request

	// raw is the JSON to start a workflow with.
	raw []byte
	doc document
	// dir is what the paths of local files in it are relative to.
	dir string
}

// readRequest reads the request in the file at path ("-" is standard input) and checks it as the
// workflow will. The error is a *exit.Failure with every problem and its line.
func (a *app) readRequest(path string) (givenRequest, error) {
	source, shown, err := a.readFile(path)
	if err != nil {
		return givenRequest{}, err
	}
	given := givenRequest{doc: document{name: shown, source: source}}
	if path != "-" {
		given.dir = filepath.Dir(path)
	}
	if given.raw, err = given.doc.json(); err != nil {
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

func (a *app) readFile(path string) (source []byte, shown string, err error) {
	in, shown := a.Stdin, "standard input"
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, path, exit.Refuse(lifecycle.InvalidRequest, "cannot read the request: %s", err)
		}
		defer file.Close()
		in, shown = file, path
	}
	source, err = io.ReadAll(io.LimitReader(in, maxRequestBytes+1))
	switch {
	case err != nil:
		return nil, shown, exit.Refuse(lifecycle.InvalidRequest, "cannot read the request from %s: %s", shown, err)
	case len(source) > maxRequestBytes:
		return nil, shown, exit.Refuse(lifecycle.InvalidRequest, "%s is larger than the %d bytes that a request may have", shown, maxRequestBytes)
	case len(bytes.TrimSpace(source)) == 0:
		return nil, shown, exit.Refuse(lifecycle.InvalidRequest, "%s is empty", shown)
	}
	return source, shown, nil
}

// document is a request as its author wrote it.
type document struct {
	name   string
	source []byte
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
