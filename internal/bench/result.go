package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"
)

// Document is docs/performance.json: the last result of every row.
type Document struct {
	Machine Machine  `json:"machine"`
	Rows    []Result `json:"rows"`
}

// Result is one measurement of one row.
type Result struct {
	Row string `json:"row"`
	// Commit is what was measured; it ends with "+" when files were changed.
	Commit string    `json:"commit"`
	At     time.Time `json:"at"`
	// Seconds is how long the measurement took, Load the machine's load average over a minute, before and after.
	Seconds float64    `json:"seconds"`
	Load    [2]float64 `json:"load"`
	Figures []Figure   `json:"figures"`
	// Raw are the figures that those stand on.
	Raw any `json:"raw,omitempty"`
	// Failed is why there are no figures.
	Failed string `json:"failed,omitempty"`
}

// Figure is one number of a row.
type Figure struct {
	Name string `json:"name"`
	// Value is nil when it was not reached; Note says how far it came.
	Value *float64 `json:"value"`
	Unit  string   `json:"unit"`
	Note  string   `json:"note,omitempty"`
	// Most or Least is the goal; none has neither.
	Most  *float64 `json:"atMost,omitempty"`
	Least *float64 `json:"atLeast,omitempty"`
	// Was is the same figure before the listing was shared (76ca15a).
	Was string `json:"was,omitempty"`
	// Peers is the same figure of what others would do: scripts that poll.
	Peers []Peer `json:"peers,omitempty"`
}

// Peer is a figure of somebody else.
type Peer struct {
	Name  string   `json:"name"`
	Value *float64 `json:"value"`
	Note  string   `json:"note,omitempty"`
}

// ratio is the unit of figures that have none.
const ratio = "×"

// figure is one that was reached.
func figure(name string, value float64, unit string) Figure {
	return Figure{Name: name, Value: &value, Unit: unit}
}

// missed is a figure that was not reached.
func missed(name, unit, note string, args ...any) Figure {
	return Figure{Name: name, Unit: unit, Note: fmt.Sprintf(note, args...)}
}

func (f Figure) atMost(goal float64) Figure {
	f.Most = &goal
	return f
}

func (f Figure) atLeast(goal float64) Figure {
	f.Least = &goal
	return f
}

func (f Figure) was(before string) Figure {
	f.Was = before
	return f
}

func (f Figure) beside(peers ...Peer) Figure {
	f.Peers = peers
	return f
}

// Met tells whether the goal is reached; ok is false when there is none.
func (f Figure) Met() (met, ok bool) {
	switch {
	case f.Most == nil && f.Least == nil:
		return false, false
	case f.Value == nil:
		return false, true
	case f.Most != nil:
		return *f.Value <= *f.Most, true
	}
	return *f.Value >= *f.Least, true
}

// Read reads a document; a file that is not there is an empty one.
func Read(path string) (Document, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Document{}, nil
	}
	if err != nil {
		return Document{}, err
	}
	var d Document
	if err := json.Unmarshal(text, &d); err != nil {
		return d, fmt.Errorf("read %s: %w", path, err)
	}
	return d, nil
}

// Put takes a result in, in place of the former one of its row, in the order of the rows. A failed one takes no place.
func (d *Document) Put(r Result) {
	if r.Failed != "" {
		return
	}
	d.Rows = append(slices.DeleteFunc(d.Rows, func(old Result) bool { return old.Row == r.Row }), r)
	slices.SortStableFunc(d.Rows, func(a, b Result) int { return place(a.Row) - place(b.Row) })
}

// Write writes the document, and the page that is made of it.
func (d Document) Write(data, page string) error {
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(data, append(text, '\n'), 0o644); err != nil {
		return err
	}
	old, err := os.ReadFile(page)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(page, []byte(d.Page(string(old))), 0o644)
}
