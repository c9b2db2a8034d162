package fleet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"

	"speech-retrainer/internal/lifecycle"
)

// File is a file on this machine that shall become a dataset.
type File struct {
	// Entry is the path of the entry that names it: training[0].
	Entry  string
	Data   lifecycle.Data
	Locale string
	// Path is the path from here.
	Path string
	// Test tells that it is for tests, Whisper that a Whisper model is trained with it.
	Test, Whisper bool
}

// Files lists the local files of a request, training first.
func (g Given) Files() []File {
	var files []File
	add := func(list string, i int, data lifecycle.Data, test bool) {
		if data.File == "" {
			return
		}
		file := data.File
		if !filepath.IsAbs(file) {
			file = filepath.Join(g.Doc.Dir, file)
		}
		files = append(files,
			File{Entry: fmt.Sprintf("%s[%d]", list, i), Data: data, Locale: g.Locale, Path: file, Test: test, Whisper: g.BaseModel.Family == lifecycle.FamilyWhisper})
	}
	for i, data := range g.Training {
		add("training", i, data, false)
	}
	for i, test := range g.Tests {
		add("tests", i, test.Data, true)
	}
	return files
}

// WithDatasets names datasets in a request where it named files. datasets holds IDs by entry.
func WithDatasets(raw []byte, datasets map[string]string) ([]byte, error) {
	var request map[string]any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&request); err != nil {
		return nil, err
	}
	for _, list := range []string{"training", "tests"} {
		entries, _ := request[list].([]any)
		for i, entry := range entries {
			fields, is := entry.(map[string]any)
			if id, uploaded := datasets[fmt.Sprintf("%s[%d]", list, i)]; is && uploaded {
				delete(fields, lifecycle.SourceFile)
				fields[lifecycle.SourceDataset] = id
			}
		}
	}
	return json.Marshal(request)
}

// Compared is the model with datasets in place of its local files, whose content has names, by entry: those that are
// known by these names. fresh tells that some are not: what stands for them is a text.
func (m Model) Compared(files []File, names, known map[string]string) (with Model, fresh bool, err error) {
	datasets := map[string]string{}
	m.Uploads = map[string]string{}
	for _, file := range files {
		name := names[file.Entry]
		id, there := known[name]
		if !there {
			fresh, id = true, "the upload of "+file.Path
		}
		datasets[file.Entry], m.Uploads[name] = id, id
	}
	m.Raw, err = WithDatasets(m.Raw, datasets)
	return m, fresh, err
}
