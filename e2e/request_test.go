package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/stretchr/testify/require"
)

// request is a request as an operator writes it. It is no typed value: tests also write what no type allows.
type request map[string]any

// data is one entry of a request's training.
type data = map[string]any

// small is the least request: one text of the project's own examples.
func (b *bench) small() request {
	return request{"name": b.name, "locale": "en-US", "training": []data{b.link("related text", "Language", "related-text.txt")}}
}

// whole is a request for a project and every kind of data that the examples ship for training.
func (b *bench) whole() request {
	return request{
		"name": b.name, "locale": "en-US", "project": "Wind service desk", "description": "made by a test",
		"training": []data{
			b.link("related text", "Language", "related-text.txt"),
			b.link("pronunciation", "Pronunciation", "pronunciation.txt"),
			b.link("desk recordings", "Acoustic", "audio-and-trans.zip"),
		},
	}
}

// link is data that the emulator's file server holds below training/.
func (b *bench) link(name, kind, file string) data {
	return data{"name": name, "kind": kind, "contentUrl": b.emulator.File("training/" + file)}
}

// with returns a copy of the request with more fields.
func (q request) with(more request) request {
	changed := request{}
	for _, part := range []request{q, more} {
		for name, value := range part {
			changed[name] = value
		}
	}
	return changed
}

// write writes the request as JSON, which is YAML too, and returns the file's path.
func (b *bench) write(q request) string {
	b.Helper()
	text, err := json.MarshalIndent(q, "", "  ")
	require.NoError(b, err)
	path := filepath.Join(b.dir, fmt.Sprintf("request-%d.json", len(b.entries())))
	require.NoError(b, os.WriteFile(path, text, 0o600))
	return path
}

func (b *bench) entries() []os.DirEntry {
	b.Helper()
	entries, err := os.ReadDir(b.dir)
	require.NoError(b, err)
	return entries
}
