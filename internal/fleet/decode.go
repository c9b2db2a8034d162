package fleet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/goccy/go-yaml"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/secret"
)

// JSON returns the document as JSON. JSON stays as it is: decoding it must see duplicate keys.
func (d Document) JSON() ([]byte, error) {
	if d.isJSON() {
		var syntax *json.SyntaxError
		if err := json.Unmarshal(d.Source, new(any)); errors.As(err, &syntax) {
			line := 1 + bytes.Count(d.Source[:min(int(syntax.Offset), len(d.Source))], []byte("\n"))
			return nil, d.refuse(line, "is not valid JSON: "+syntax.Error())
		}
		return d.Source, nil
	}
	if line, err := d.bounded(); err != nil {
		return nil, d.refuse(line, err.Error())
	}
	decoder := yaml.NewDecoder(bytes.NewReader(d.Source))
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
func (d Document) refuse(line int, message string) *exit.Failure {
	message = secret.Redact(message)
	refused := exit.Refuse(lifecycle.InvalidRequest, "%s %s", d.at(line), message)
	refused.Cause.Object = lifecycle.Ptr(d.Name)
	refused.Cause.Problems = []lifecycle.Problem{{Message: message}}
	return refused
}

// mistaken is a document that is another kind of file than the command takes.
func (d Document) mistaken(is, takes, command string) *exit.Failure {
	name := d.Name
	if name == "standard input" {
		name = "-"
	}
	refused := d.refuse(0, fmt.Sprintf("is a %s, not a %s", is, takes))
	return refused.Next("did you mean: starter %s --file %s", command, name)
}

// fileOf is what a document of JSON is, as its fields tell: a fleet, a request, or neither.
func fileOf(raw []byte) (fleet, request bool) {
	var keys struct{ Fleet, Models, Defaults, Training, Tests json.RawMessage }
	if json.Unmarshal(raw, &keys) != nil {
		return false, false
	}
	fleet = keys.Fleet != nil || keys.Models != nil || keys.Defaults != nil
	return fleet, !fleet && (keys.Training != nil || keys.Tests != nil)
}
