package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// listFile is where the mutations are listed, below the root of the module.
const listFile = "internal/mutants/mutants.jsonl"

// mutant is one change of the code that some test must notice.
type mutant struct {
	ID string `json:"id"`
	// What says which guard it takes out.
	What string `json:"what"`
	// File is the source, below the root; Old, which it holds exactly once, becomes New.
	File string `json:"file"`
	Old  string `json:"old"`
	New  string `json:"new"`
	// Test is the package and, maybe, the -run pattern of the tests that should notice it, as in
	// "./activities TestSweepPass". Empty: all tests of the file's package and of workflows.
	Test string `json:"test,omitempty"`
}

// readList reads the mutations, one JSON object a line, and keeps those of the IDs; all when none is named. An ID that
// is listed twice or not at all is an error, and so is an unknown field.
func readList(path string, ids []string) ([]mutant, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	byID := map[string]mutant{}
	var all []mutant
	for {
		var m mutant
		if err := decoder.Decode(&m); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("%s: entry %d: %w", path, len(all)+1, err)
		}
		if _, twice := byID[m.ID]; twice || m.ID == "" {
			return nil, fmt.Errorf("%s: entry %d: the id %q is empty or taken", path, len(all)+1, m.ID)
		}
		byID[m.ID] = m
		all = append(all, m)
	}
	if len(ids) == 0 {
		return all, nil
	}
	var picked []mutant
	for _, id := range ids {
		m, known := byID[id]
		if !known {
			return nil, fmt.Errorf("%s lists no mutation %q", path, id)
		}
		picked = append(picked, m)
	}
	return picked, nil
}

// apply returns the source with the mutation in it. It refuses one whose text is not there, or not once, and one that
// is no Go any more.
func (m mutant) apply(root string) ([]byte, error) {
	source, err := os.ReadFile(filepath.Join(root, m.File))
	if err != nil {
		return nil, err
	}
	if n := strings.Count(string(source), m.Old); m.Old == "" || n != 1 {
		return nil, fmt.Errorf("%s holds %d times what is to be replaced, not once: mend the entry, or take one of the same guard in its place", m.File, n)
	}
	mutated := []byte(strings.Replace(string(source), m.Old, m.New, 1))
	if bytes.Equal(mutated, source) {
		return nil, errors.New("old and new are the same")
	}
	if _, err := parser.ParseFile(token.NewFileSet(), m.File, mutated, parser.SkipObjectResolution); err != nil {
		return nil, fmt.Errorf("the mutation is no Go: %w", err)
	}
	return mutated, nil
}

// suite is one call of go test: packages, and a pattern that may be empty.
type suite struct {
	packages []string
	run      string
}

// suites are the tests that should notice the mutation.
func (m mutant) suite() (suite, error) {
	fields := strings.Fields(m.Test)
	switch len(fields) {
	case 0:
		own := "./" + filepath.ToSlash(filepath.Dir(m.File))
		if own == "./workflows" {
			return suite{packages: []string{own}}, nil
		}
		return suite{packages: []string{own, "./workflows"}}, nil
	case 1:
		return suite{packages: fields}, nil
	case 2:
		return suite{packages: fields[:1], run: fields[1]}, nil
	}
	return suite{}, fmt.Errorf("test %q: must be a package and, maybe, a pattern", m.Test)
}
