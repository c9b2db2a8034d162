package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
)

// newID stands for an id that is not made yet.
const newID = "(a new one)"

// identified is the fleet with an id: its own, else the one given. source is the file with the line of that, and nil
// when it has one. The error is a *exit.Failure: the file cannot take the line.
func (f fleet) identified(id string) (with fleet, source []byte, err error) {
	if f.id == "" {
		f.id = id
		if source, err = f.doc.withID(f.id); err != nil {
			return f, nil, err
		}
	}
	models := f.models
	f.models = nil
	for _, m := range models {
		m.fleetID = f.id
		f.models = append(f.models, m)
	}
	return f, source, nil
}

// withID is the document with one line more, the id, and every other byte as it was. It is read again before it
// is taken. The error is a *exit.Failure.
func (d document) withID(id string) ([]byte, error) {
	var tries [][]byte
	if d.isJSON() {
		tries = append(tries, jsonWithID(d.source, id))
	} else {
		tries = yamlWithID(d.source, id)
	}
	for _, source := range tries {
		if d.gains(source, id) {
			return source, nil
		}
	}
	return nil, exit.Refuse(lifecycle.InvalidRequest, "the id cannot be written into %s: its form is not one that a line can be added to", d.name).
		Next("add it by hand beside fleet, then apply again: id: %s", id)
}

// gains tells whether source says what the document says, and the id.
func (d document) gains(source []byte, id string) bool {
	read := func(d document) map[string]any {
		var value map[string]any
		raw, err := d.json()
		if err != nil || json.Unmarshal(raw, &value) != nil {
			return nil
		}
		return value
	}
	before, after := read(d), read(document{name: d.name, source: source})
	if before == nil || after["id"] != id {
		return false
	}
	delete(after, "id")
	return reflect.DeepEqual(before, after)
}

// jsonWithID puts the id first, on a line of its own where the next key has one.
func jsonWithID(source []byte, id string) []byte {
	at := bytes.IndexByte(source, '{') + 1
	rest := source[at:]
	next := rest[:len(rest)-len(bytes.TrimLeft(rest, " \t\r\n"))]
	return bytes.Join([][]byte{source[:at], next, []byte(`"id": "` + id + `",`), rest}, nil)
}

// yamlWithID puts the line of the id below that of the fleet, or above it.
func yamlWithID(source []byte, id string) [][]byte {
	file, err := parser.ParseBytes(source, 0)
	if err != nil || len(file.Docs) == 0 {
		return nil
	}
	root, is := file.Docs[0].Body.(*ast.MappingNode)
	if !is {
		return nil
	}
	var tries [][]byte
	for _, entry := range root.Values {
		token := entry.Key.GetToken()
		if token.Value != "fleet" {
			continue
		}
		lines := bytes.SplitAfter(source, []byte("\n"))
		n := token.Position.Line
		if n < 1 || n > len(lines) {
			return nil
		}
		line := lines[n-1]
		ending := line[len(bytes.TrimRight(line, "\r\n")):]
		indent := line[:len(line)-len(bytes.TrimLeft(line, " "))]
		added := bytes.Join([][]byte{indent, []byte("id: " + id), ending}, nil)
		if len(ending) == 0 {
			added = append([]byte("\n"), added...)
		}
		for _, after := range []int{n, n - 1} {
			tries = append(tries, bytes.Join([][]byte{bytes.Join(lines[:after], nil), added, bytes.Join(lines[after:], nil)}, nil))
		}
	}
	return tries
}

// replace writes a file that was read as before anew, in one step. The error is a *exit.Failure.
func replace(path string, before, after []byte) error {
	cannot := func(err error) error {
		return exit.New(exit.Failed, lifecycle.InvalidRequest, "the id cannot be written into %s: %s: nothing was applied", path, err)
	}
	// A link stays one.
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return cannot(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return cannot(err)
	}
	now, err := os.ReadFile(path)
	if err != nil {
		return cannot(err)
	}
	if !bytes.Equal(now, before) {
		return exit.New(exit.Failed, lifecycle.InvalidRequest, "%s has changed since it was read: nothing was applied", path).Next("run the same command again")
	}
	if err := writeBeside(path, after, info.Mode().Perm()); err != nil {
		return cannot(err)
	}
	return nil
}

func writeBeside(path string, content []byte, mode fs.FileMode) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	_, err = file.Write(content)
	if err == nil {
		err = file.Chmod(mode)
	}
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
