package decode

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/secret"
)

// Bounds of an input: far above any honest request, far below what could hurt a worker.
const (
	maxInputBytes = 512 << 10
	maxInputDepth = 32
)

// node is one JSON value with the order and the duplicates of its keys kept: encoding/json would drop
// both, and match keys without regard to case.
type node struct {
	kind   nodeKind
	text   string
	truth  bool
	fields []field
	items  []node
}

type field struct {
	key   string
	value node
}

type nodeKind string

const (
	kindNull   nodeKind = "null"
	kindText   nodeKind = "a string"
	kindNumber nodeKind = "a number"
	kindBool   nodeKind = "true or false"
	kindObject nodeKind = "an object"
	kindList   nodeKind = "a list"
)

// parseTree reads one JSON document. Broken JSON is one problem at the root; a duplicate key is a
// problem at its path, and its first value counts. A signed URL is a problem wherever it stands.
func parseTree(raw []byte) (node, []lifecycle.Problem) {
	if len(raw) > maxInputBytes {
		return node{}, []lifecycle.Problem{{Message: fmt.Sprintf("the input has %d bytes, more than the %d allowed", len(raw), maxInputBytes)}}
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return node{}, []lifecycle.Problem{{Message: "there is no input: give it with --input-file or --input"}}
	}
	p := treeParser{decoder: json.NewDecoder(bytes.NewReader(raw))}
	p.decoder.UseNumber()
	root, err := p.value("", 0)
	if err == nil {
		if _, trailing := p.decoder.Token(); !errors.Is(trailing, io.EOF) {
			err = errors.New("there is more after the end of the document")
		}
	}
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("it ends too early")
		}
		return node{}, []lifecycle.Problem{{Message: "the input is not valid JSON: " + err.Error()}}
	}
	return root, p.problems
}

type treeParser struct {
	decoder  *json.Decoder
	problems []lifecycle.Problem
}

func (p *treeParser) value(path string, depth int) (node, error) {
	if depth > maxInputDepth {
		return node{}, fmt.Errorf("it is nested deeper than %d levels", maxInputDepth)
	}
	token, err := p.decoder.Token()
	if err != nil {
		return node{}, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return p.object(path, depth)
		}
		return p.list(path, depth)
	case string:
		if secret.HoldsSignedURL(t) {
			p.problems = append(p.problems, lifecycle.Problem{
				Path: path, Secret: true,
				Message: "holds a URL with a signature or a password, which would be kept in Temporal's history: write it without them",
			})
			t = secret.Unsigned(t) // reports and messages may hold values that are refused
		}
		return node{kind: kindText, text: t}, nil
	case json.Number:
		return node{kind: kindNumber, text: t.String()}, nil
	case bool:
		return node{kind: kindBool, truth: t}, nil
	default:
		return node{kind: kindNull}, nil
	}
}

func (p *treeParser) object(path string, depth int) (node, error) {
	n := node{kind: kindObject}
	seen := map[string]bool{}
	for p.decoder.More() {
		token, err := p.decoder.Token()
		if err != nil {
			return node{}, err
		}
		key, ok := token.(string)
		if !ok {
			return node{}, errors.New("a key is not a string")
		}
		at := join(path, key)
		value, err := p.value(at, depth+1)
		if err != nil {
			return node{}, err
		}
		if seen[key] {
			p.problems = append(p.problems, lifecycle.Problem{Path: at, Message: "the key is given twice"})
			continue
		}
		seen[key] = true
		n.fields = append(n.fields, field{key: key, value: value})
	}
	_, err := p.decoder.Token()
	return n, err
}

func (p *treeParser) list(path string, depth int) (node, error) {
	n := node{kind: kindList}
	for p.decoder.More() {
		item, err := p.value(index(path, len(n.items)), depth+1)
		if err != nil {
			return node{}, err
		}
		n.items = append(n.items, item)
	}
	_, err := p.decoder.Token()
	return n, err
}

func join(path, key string) string {
	key = secret.Redact(key)
	if len(key) > 60 {
		key = key[:60] + "…"
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

func index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
