package rehearsal

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
)

// The data that stand in for the fleet's own.
const (
	textProp  = "text.txt"
	soundProp = "pronunciation.txt"
	audioProp = "audio.zip"
	// recordings is how many there are, of a sentence each.
	recordings = 60
)

// nobody is how long a person is waited for who does not answer, by Temporal's clock.
const nobody = 10 * time.Millisecond

// testProp are the recordings of a model's tests: its own, since each is heard in its own way.
func testProp(model string) string { return "test-" + model + ".zip" }

// sentences are what the stand-in data speak of.
var sentences = []string{
	"the nacelle of turbine seven reports a bearing that runs too hot",
	"please feather the blades before the crew enters the hub tonight",
	"the yaw drive is stuck and the anemometer shows no wind at all",
	"reset the pitch converter then read the fault code to the desk",
	"the gearbox oil is low and the brake disc must be looked at soon",
}

// writeProps writes the stand-in data of models into a folder.
func writeProps(folder string, models []Model) error {
	text := "\ufeff" + strings.Join(sentences, "\n") + "\n"
	if err := os.WriteFile(filepath.Join(folder, textProp), []byte(text), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, soundProp), []byte("\ufeffnacelle\tnah sell\n"), 0o600); err != nil {
		return err
	}
	if err := writeAudio(filepath.Join(folder, audioProp), "r"); err != nil {
		return err
	}
	for _, m := range models {
		if len(m.Request.Tests) == 0 {
			continue
		}
		if err := writeAudio(filepath.Join(folder, testProp(m.Request.Name)), m.Request.Name+"-"); err != nil {
			return err
		}
	}
	return nil
}

// writeAudio writes recordings and what is said in them. Their names, which begin with prefix, tell how they are heard.
func writeAudio(path, prefix string) error {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	var transcript strings.Builder
	transcript.WriteString("\ufeff")
	for i := range recordings {
		name := fmt.Sprintf("%s%03d.wav", prefix, i)
		fmt.Fprintf(&transcript, "%s\t%s\n", name, sentences[i%len(sentences)])
		if err := add(w, name, silence()); err != nil {
			return err
		}
	}
	if err := add(w, "trans.txt", []byte(transcript.String())); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, archive.Bytes(), 0o600)
}

func add(w *zip.Writer, name string, content []byte) error {
	f, err := w.Create(name)
	if err == nil {
		_, err = f.Write(content)
	}
	return err
}

// silence is one second of it: RIFF, PCM, 16 kHz, 16 bit, mono.
func silence() []byte {
	const rate, size = 16000, 2 * 16000
	var b bytes.Buffer
	b.WriteString("RIFF")
	for _, v := range []any{
		uint32(36 + size), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2 * rate), uint16(2), uint16(16),
		[]byte("data"), uint32(size), make([]byte, size),
	} {
		// Writing to a buffer does not fail.
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	return b.Bytes()
}

// standIn replaces what a rehearsal must not touch: the data, the base model of another resource, the time of a
// person, and the web hooks. notes say what was replaced.
func standIn(m Model, url string, notes *[]string) (lifecycle.Request, json.RawMessage, error) {
	request := m.Request
	var raw map[string]any
	if err := json.Unmarshal(m.Raw, &raw); err != nil {
		return request, nil, err
	}
	replace := func(list, word string, n int, data func(i int) lifecycle.Data, fallback lifecycle.DatasetKind, audio string) {
		entries, _ := raw[list].([]any)
		for i := range min(n, len(entries)) {
			entry, _ := entries[i].(map[string]any)
			d := data(i)
			kind := d.Kind
			if kind == "" {
				kind = fallback
			}
			prop := audio
			switch kind {
			case lifecycle.DatasetLanguage, lifecycle.DatasetLanguageMarkdown, lifecycle.DatasetOutputFormatting:
				kind, prop = lifecycle.DatasetLanguage, textProp
			case lifecycle.DatasetPronunciation:
				prop = soundProp
			default:
				kind = lifecycle.DatasetAcoustic
			}
			for _, source := range []string{"dataset", "contentUrlFrom", "file"} {
				delete(entry, source)
			}
			if _, named := entry["name"]; !named {
				entry["name"] = fmt.Sprintf("%s %d", word, i+1)
			}
			entry["kind"], entry["contentUrl"] = kind, url+"/files/"+prop
			if _, given := entry["minWords"]; given {
				entry["minWords"] = lifecycle.DefaultMinWords
			}
		}
	}
	replace("training", "training", len(request.Training), func(i int) lifecycle.Data { return request.Training[i] }, lifecycle.DatasetLanguage, audioProp)
	replace("tests", "test", len(request.Tests), func(i int) lifecycle.Data { return request.Tests[i].Data }, lifecycle.DatasetAcoustic, testProp(request.Name))
	*notes = append(*notes, "all data are stand-ins")
	if request.BaseModel.Choose != lifecycle.Latest || len(request.BaseModel.Deny) > 0 {
		raw["baseModel"] = map[string]any{"choose": lifecycle.Latest}
		request.BaseModel = lifecycle.BaseSpec{Choose: lifecycle.Latest}
		*notes = append(*notes, "the newest base model stands in for the one that is named")
	}
	approval, _ := raw["approval"].(map[string]any)
	if approval == nil {
		approval = map[string]any{}
	}
	// The lead counts the time of a person; it must stay as it is.
	if request.Renew.Before == 0 {
		lead, _ := lifecycle.Lead(nil, request)
		renew, _ := raw["renew"].(map[string]any)
		if renew == nil {
			renew = map[string]any{}
		}
		renew["before"] = lead.String()
		raw["renew"] = renew
	}
	approval["timeout"] = lifecycle.Duration(nobody).String()
	raw["approval"] = approval
	*notes = append(*notes, "nobody answers: each approval ends with onTimeout at once")
	delete(raw, "notify")
	out, err := json.Marshal(raw)
	return request, out, err
}
