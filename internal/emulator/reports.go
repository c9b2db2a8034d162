package emulator

import (
	"encoding/base64"
	"encoding/json"
)

// The files that the service keeps for each entity (NOTES section 9). The schemas of the reports are not documented;
// a client should treat them as opaque, so there are two forms.

func (s *Server) filesOf(id string) []file {
	if d := s.state.Datasets[id]; d != nil {
		return s.datasetFiles(d)
	}
	if m := s.state.Models[id]; m != nil {
		return append(s.modelFiles(m), s.manifestFile(id))
	}
	if e := s.state.Evaluations[id]; e != nil {
		return s.evaluationFiles(e)
	}
	if s.state.BaseModels[id] != nil {
		return []file{s.manifestFile(id)}
	}
	return nil
}

func (s *Server) datasetFiles(d *dataset) []file {
	if !d.terminal() || d.Import == nil {
		return nil
	}
	report := func() []byte {
		return s.report(map[string]any{
			"acceptedLineCount": d.Import.Accepted, "rejectedLineCount": d.Import.Rejected, "problems": d.Import.Problems,
		})
	}
	files := []file{{name: reportFile, kind: "DatasetReport", created: d.LastAction, content: report}}
	if d.Status == succeeded {
		name, kind := contentName(d.Kind)
		files = append(files, file{
			name: name, kind: kind, created: d.LastAction, duration: d.Import.Duration, path: s.contentPath(d.ID, contentFile),
		})
	}
	return files
}

func contentName(kind string) (name, fileKind string) {
	switch kind {
	case "Pronunciation":
		return "pronunciation_data.txt", "PronunciationData"
	case "OutputFormatting":
		return "output_formatting_data.md", "OutputFormattingData"
	case "LanguageMarkdown":
		return "language_data.md", "LanguageData"
	case "Language":
		return "language_data.txt", "LanguageData"
	}
	return "audio.zip", "AcousticDataArchive"
}

func (s *Server) modelFiles(m *model) []file {
	if m.Status != succeeded {
		return nil
	}
	report := func() []byte { return s.report(map[string]any{"datasets": m.Datasets}) }
	return []file{
		{name: reportFile, kind: "ModelReport", created: m.LastAction, content: report},
	}
}

// report writes a report in the form of the settings.
func (s *Server) report(v any) []byte {
	return form(v, s.settings.ReportForm == "opaque")
}

// form writes JSON; opaque, it is still JSON, of a kind that no reader of the other form understands.
func form(v any, opaque bool) []byte {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		b, _ = json.Marshal(err.Error())
	}
	if !opaque {
		return b
	}
	b, _ = json.Marshal([]any{7, base64.StdEncoding.EncodeToString(b)})
	return b
}

func (c *call) listDatasetFiles() (*reply, error) {
	d, err := find(c, c.state.Datasets)
	if err != nil {
		return nil, err
	}
	return c.listFiles("/datasets/", d.ID, c.datasetFiles(d), !d.terminal())
}

func (c *call) getDatasetFile() (*reply, error) {
	d, err := find(c, c.state.Datasets)
	if err != nil {
		return nil, err
	}
	return c.getFile("/datasets/", d.ID, c.datasetFiles(d))
}

func (c *call) listModelFiles() (*reply, error) {
	m, err := find(c, c.state.Models)
	if err != nil {
		return nil, err
	}
	return c.listFiles("/models/", m.ID, c.modelFiles(m), !m.terminal())
}

func (c *call) getModelFile() (*reply, error) {
	m, err := find(c, c.state.Models)
	if err != nil {
		return nil, err
	}
	return c.getFile("/models/", m.ID, c.modelFiles(m))
}

// manifestFile stands for the files of a model in a container; the emulator recognises nothing outside itself.
func (s *Server) manifestFile(id string) file {
	return file{name: "model.json", content: func() []byte { return form(map[string]string{"model": id}, false) }}
}

func (c *call) manifest(path, id string) (*reply, error) {
	minutes, err := c.sasMinutes()
	if err != nil {
		return nil, err
	}
	f := c.manifestFile(id)
	return ok(map[string]any{
		"model":      c.linkTo(path + id),
		"modelFiles": []any{map[string]string{"name": f.name, "contentUrl": c.contentLink(id, f.name, minutes)}},
		"properties": map[string]any{},
	}, false), nil
}

func (c *call) modelManifest() (*reply, error) {
	m, err := find(c, c.state.Models)
	if err != nil {
		return nil, err
	}
	if m.Status != succeeded {
		return nil, invalid("InvalidModel", "The model has no manifest while its status is %s.", m.Status)
	}
	return c.manifest("/models/", m.ID)
}

func (c *call) baseModelManifest() (*reply, error) {
	b, err := find(c, c.state.BaseModels)
	if err != nil {
		return nil, err
	}
	return c.manifest("/models/base/", b.ID)
}
