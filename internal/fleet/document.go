package fleet

import (
	"bytes"
	"fmt"
	"path/filepath"
)

// Document is a request as its author wrote it.
type Document struct {
	// Name is what it is called: its path, or "standard input".
	Name   string
	Source []byte
	// Dir is what the paths of local files in it are relative to.
	Dir string
}

// argument is what --file takes for it.
func (d Document) argument() string {
	if d.Dir == "" {
		return "-"
	}
	return d.Name
}

// at is the document, with the line when it is known.
func (d Document) at(line int) string {
	if line == 0 {
		return d.Name
	}
	return fmt.Sprintf("%s:%d", d.Name, line)
}

// isJSON tells by the name, else by the first character: in YAML, too, that begins JSON.
func (d Document) isJSON() bool {
	if filepath.Ext(d.Name) == ".json" {
		return true
	}
	return bytes.HasPrefix(bytes.TrimSpace(d.Source), []byte("{"))
}

// yaml is the document as YAML: JSON is that but for the tabs that it may be indented with.
func (d Document) yaml() []byte {
	if d.isJSON() {
		return bytes.ReplaceAll(d.Source, []byte("\t"), []byte(" "))
	}
	return d.Source
}
