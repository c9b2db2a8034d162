package fleet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// NewID stands for an id that is not made yet.
const NewID = "(a new one)"

// Identified is the fleet with an id: its own, else the one given. source is the file with the line of that, and nil
// when it has one. The error is a *exit.Failure: the file cannot take the line.
func (f Fleet) Identified(id string) (with Fleet, source []byte, err error) {
	if f.ID == "" {
		f.ID = id
		if source, err = f.Doc.withID(f.ID); err != nil {
			return f, nil, err
		}
	}
	models := f.Models
	f.Models = nil
	for _, m := range models {
		m.fleetID = f.ID
		f.Models = append(f.Models, m)
	}
	return f, source, nil
}

// Unmarked warns of schedules of this fleet on task queues that are not applied now, which --write-id leaves without the id of the
// file: nothing changes or deletes them before they have it.
func (f Held) Unmarked() (warnings []string) {
	var names, queues []string
	for _, m := range f.Models {
		s, there := f.Have[m.Name]
		if !f.Stamp || f.chosen(m) || !there || s.FleetID != "" || s.fleet != f.Name || s.owner != f.Owner {
			continue
		}
		names = append(names, m.Name)
		queues = append(queues, "--task-queue "+m.TaskQueue)
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(queues)
	warnings = append(warnings, fmt.Sprintf("without the id stay the schedules of models of other task queues (%s): no apply changes or "+
		"deletes them before they have it: starter apply --file %s --write-id %s", words.Some(names), f.Doc.argument(), strings.Join(slices.Compact(queues), " ")))
	return warnings
}

// withID is the document with one line more, the id, and every other byte as it was. It is read again before it
// is taken. The error is a *exit.Failure.
func (d Document) withID(id string) ([]byte, error) {
	var tries [][]byte
	if d.isJSON() {
		tries = append(tries, jsonWithID(d.Source, id))
	} else {
		tries = yamlWithID(d.Source, id)
	}
	for _, source := range tries {
		if d.gains(source, id) {
			return source, nil
		}
	}
	return nil, exit.Refuse(lifecycle.InvalidRequest, "the id cannot be written into %s: its form is not one that a line can be added to", d.Name).
		Next("add it by hand beside fleet, then apply again: id: %s", id)
}

// gains tells whether source says what the document says, and the id.
func (d Document) gains(source []byte, id string) bool {
	read := func(d Document) map[string]any {
		var value map[string]any
		raw, err := d.JSON()
		if err != nil || json.Unmarshal(raw, &value) != nil {
			return nil
		}
		return value
	}
	before, after := read(d), read(Document{Name: d.Name, Source: source})
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
