package emulator_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

// start is where the virtual clock of tests stands.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// service is an emulator on a frozen clock, with what tests need to talk to it. When the test ends, it fails on any
// violation of the contract that was not made on purpose.
type service struct {
	*emulator.Server
	t       *testing.T
	url     string
	version string
	folder  string // served at /files/
}

// setup starts an emulator; change may alter its options.
func setup(t *testing.T, change ...func(*emulator.Options)) *service {
	t.Helper()
	o := emulator.Options{Settings: emulator.Plain(), Now: start, Frozen: true, Files: t.TempDir()}
	o.Settings.RateLimit = 0
	for _, f := range change {
		f(&o)
	}
	s, err := emulator.New(o)
	require.NoError(t, err)
	h := httptest.NewServer(s)
	t.Cleanup(func() {
		h.Close()
		require.Empty(t, s.Violations())
		require.NoError(t, s.Close())
	})
	return &service{Server: s, t: t, url: h.URL, version: "2025-10-15", folder: o.Files}
}

func awkward(change ...func(*emulator.Settings)) func(*emulator.Options) {
	return func(o *emulator.Options) {
		o.Settings = emulator.Awkward()
		o.Settings.RateLimit = 0
		for _, f := range change {
			f(&o.Settings)
		}
	}
}

func settings(change func(*emulator.Settings)) func(*emulator.Options) {
	return func(o *emulator.Options) { change(&o.Settings) }
}

// object is a decoded JSON object, read by dotted paths.
type object map[string]any

func (o object) at(path string) any {
	var v any = map[string]any(o)
	for _, name := range strings.Split(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

func (o object) text(path string) string {
	s, _ := o.at(path).(string)
	return s
}

func (o object) number(path string) float64 {
	n, ok := o.at(path).(float64)
	if !ok {
		return -99
	}
	return n
}

func (o object) id() string { return idOf(o.text("self")) }

func idOf(self string) string {
	path, _, _ := strings.Cut(self, "?")
	return path[strings.LastIndex(path, "/")+1:]
}

type response struct {
	status int
	header http.Header
	body   object
	raw    string
}

// send makes any request; path may be a URL. wrong marks it as made wrong on purpose.
func (s *service) send(method, path string, body any, wrong bool, headers ...string) response {
	s.t.Helper()
	var in io.Reader
	kind := "application/json"
	switch b := body.(type) {
	case nil:
	case []byte:
		in, kind = bytes.NewReader(b), "application/octet-stream"
	case string:
		in = strings.NewReader(b)
	default:
		j, err := json.Marshal(b)
		require.NoError(s.t, err)
		in = bytes.NewReader(j)
	}
	if !strings.Contains(path, "://") {
		path = s.url + path
		if strings.Contains(path, "/speechtotext/") && !strings.Contains(path, "api-version=") {
			path += map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "api-version=" + s.version
		}
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, path, in)
	require.NoError(s.t, err)
	r.Header.Set("Ocp-Apim-Subscription-Key", "any")
	if in != nil {
		r.Header.Set("Content-Type", kind)
	}
	if wrong {
		r.Header.Set("X-Deliberate", "true")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	out := response{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &out.body)
	return out
}

const api = "/speechtotext"

func (s *service) get(path string) object {
	s.t.Helper()
	r := s.send("GET", path, nil, false)
	require.Equal(s.t, 200, r.status, r.raw)
	return r.body
}

func (s *service) post(path string, body any) object {
	s.t.Helper()
	r := s.send("POST", api+path, body, false)
	require.Equal(s.t, 201, r.status, r.raw)
	require.Equal(s.t, r.body.text("self"), r.header.Get("Location"))
	return r.body
}

func (s *service) patch(o object, body any) object {
	s.t.Helper()
	r := s.send("PATCH", o.text("self"), body, false)
	require.Equal(s.t, 200, r.status, r.raw)
	return r.body
}

func (s *service) again(o object) object { s.t.Helper(); return s.get(o.text("self")) }

func (s *service) advance(d time.Duration) {
	s.t.Helper()
	require.NoError(s.t, s.Advance(s.t.Context(), d))
}

// refused sends a request that the service has to refuse, and returns the inner error code.
func (s *service) refused(status int, method, path string, body any) response {
	s.t.Helper()
	if !strings.Contains(path, "://") {
		path = api + path
	}
	r := s.send(method, path, body, true)
	require.Equal(s.t, status, r.status, r.raw)
	require.NotEmpty(s.t, r.body.text("code"), r.raw)
	return r
}

// all follows @nextLink to the end.
func (s *service) all(path string) []object {
	s.t.Helper()
	var out []object
	next := api + path
	for next != "" {
		page := s.get(next)
		values, _ := page["values"].([]any)
		for _, v := range values {
			out = append(out, object(v.(map[string]any)))
		}
		next = page.text("@nextLink")
	}
	return out
}

// file puts content into the served folder and returns its URL.
func (s *service) file(name, content string) string {
	s.t.Helper()
	require.NoError(s.t, os.WriteFile(filepath.Join(s.folder, name), []byte(content), 0o600))
	return s.url + "/files/" + name
}

// dataset makes a dataset from content; it is imported when the clock moves.
func (s *service) dataset(name, kind, content string) object {
	s.t.Helper()
	return s.post("/datasets", object{
		"displayName": name, "locale": "en-US", "kind": kind, "contentUrl": s.file(name, content),
	})
}

// base is the newest base model of a locale that can be trained with text and audio.
func (s *service) base(locale string) object {
	s.t.Helper()
	var best object
	for _, b := range s.all("/models/base?filter=locale+eq+'" + locale + "'") {
		kinds := fmt.Sprint(b.at("properties.features.supportsAdaptationsWith"))
		if b.text("status") == "Succeeded" && strings.Contains(kinds, "Acoustic") && strings.Contains(kinds, "Language") &&
			b.text("properties.deprecationDates.adaptationDateTime") > s.Now().Format(time.RFC3339) &&
			(best == nil || b.text("createdDateTime") > best.text("createdDateTime")) {
			best = b
		}
	}
	require.NotNil(s.t, best)
	return best
}

func ref(o object) object { return object{"self": o.text("self")} }

// train makes a model from datasets and waits until it has succeeded.
func (s *service) train(name string, base object, datasets ...object) object {
	s.t.Helper()
	m := s.post("/models", trainingOf(name, base, datasets...))
	s.advance(time.Hour)
	m = s.again(m)
	require.Equal(s.t, "Succeeded", m.text("status"), m)
	return m
}

func trainingOf(name string, base object, datasets ...object) object {
	var refs []object
	for _, d := range datasets {
		refs = append(refs, ref(d))
	}
	body := object{"displayName": name, "locale": "en-US", "datasets": refs}
	if base != nil {
		body["baseModel"] = ref(base)
	}
	return body
}

const (
	bom    = "\uFEFF"
	jargon = "The codec of the handset negotiates a wideband profile before the gateway answers.\n" +
		"The agent transfers the caller to provisioning and checks the entitlements against billing.\n"
)

// text makes an imported Language dataset.
func (s *service) text(name, content string) object {
	s.t.Helper()
	d := s.dataset(name, "Language", bom+content)
	s.advance(time.Minute)
	d = s.again(d)
	require.Equal(s.t, "Succeeded", d.text("status"), d)
	return d
}

// sounds makes an imported Acoustic dataset, a second of silence for each line of text.
func (s *service) sounds(name, text string) object {
	s.t.Helper()
	d := s.dataset(name, "Acoustic", recordings(text, time.Second))
	s.advance(time.Minute)
	d = s.again(d)
	require.Equal(s.t, "Succeeded", d.text("status"), d)
	return d
}

// recordings zips a transcript with a silent file for each of its lines.
func recordings(text string, length time.Duration) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	write := func(name string, content []byte) {
		w, _ := z.Create(name)
		_, _ = w.Write(content)
	}
	transcript := bom
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		name := fmt.Sprintf("audio%d.wav", i+1)
		transcript += name + "\t" + line + "\n"
		write(name, silence(length))
	}
	write("trans.txt", []byte(transcript))
	_ = z.Close()
	return b.String()
}

func silence(length time.Duration) []byte {
	const rate = 8000
	data := make([]byte, 2*int(length.Seconds()*rate))
	var b bytes.Buffer
	b.WriteString("RIFF")
	for _, part := range []any{
		uint32(36 + len(data)), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2 * rate),
		uint16(2), uint16(16), []byte("data"), uint32(len(data)), data,
	} {
		_ = binary.Write(&b, binary.LittleEndian, part)
	}
	return b.Bytes()
}
