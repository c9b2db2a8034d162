package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

func TestStateFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	kept := func(o *emulator.Options) { o.StateFile = file }
	s := setup(t, kept)
	d := s.text("d", jargon)
	m := s.post("/models", trainingOf("m", s.base("en-US"), d))
	waiting := s.post("/datasets", object{"displayName": "w", "locale": "en-US", "kind": "Language"})
	s.upload(waiting, "b0", bom+"one\n")
	before, now := s.all("/models/base"), s.Now()
	require.NoError(t, s.Close())

	again := setup(t, kept, func(o *emulator.Options) {
		o.Now = time.Time{}
		o.RealNow = func() time.Time { return now.Add(-time.Hour) }
	})
	require.Equal(t, now, again.Now(), "the clock never goes back")
	move := func(o object, path string) string { return api + path + o.id() }
	require.Len(t, again.all("/models/base"), len(before))
	require.Equal(t, "NotStarted", again.get(move(m, "/models/")).text("status"))
	r := again.send("POST", move(waiting, "/datasets/")+"/blocks:commit", commit("b0"), false)
	require.Equal(t, 200, r.status, r.raw)
	again.advance(time.Hour)
	require.Equal(t, "Succeeded", again.get(move(m, "/models/")).text("status"))
	require.Equal(t, "Succeeded", again.get(move(waiting, "/datasets/")).text("status"))
	files := again.all("/datasets/" + d.id() + "/files")
	require.Equal(t, bom+jargon, again.send("GET", files[1].text("links.contentUrl"), nil, false).raw)
}

func TestInterruptedImportIsDoneAgain(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}, 2), make(chan struct{})
	content := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		select {
		case <-release:
			_, _ = w.Write([]byte(bom + "one\n"))
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(content.Close)
	file := filepath.Join(t.TempDir(), "state.json")
	kept := func(o *emulator.Options) { o.StateFile = file }
	s := setup(t, kept)
	d := s.post("/datasets", object{"displayName": "d", "locale": "en-US", "kind": "Language", "contentUrl": content.URL})
	<-arrived
	require.NoError(t, s.Close())
	close(release)
	again := setup(t, kept)
	again.advance(time.Minute)
	require.Equal(t, "Succeeded", again.get(api+"/datasets/"+d.id()).text("status"))
}

func TestBrokenStateFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(file, []byte("{"), 0o600))
	_, err := emulator.New(emulator.Options{StateFile: file})
	require.ErrorContains(t, err, "move it away")
}

func TestRefusedOptions(t *testing.T) {
	t.Parallel()
	bad := emulator.Plain()
	bad.ListOrder = "random"
	for want, o := range map[string]emulator.Options{
		"use one of": {Settings: bad}, "is negative": {Speed: -1}, "serve folder": {Files: "/nonexistent/folder"},
	} {
		_, err := emulator.New(o)
		require.ErrorContains(t, err, want)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	s := setup(t)
	url := s.file("a.txt", "abc")
	r := s.send("GET", url, nil, false)
	require.Equal(t, "abc", r.raw)
	require.NotEmpty(t, r.header.Get("Last-Modified"))
	tag := r.header.Get("ETag")
	require.NotEmpty(t, tag)
	require.Equal(t, 304, s.send("GET", url, nil, false, "If-None-Match", tag).status)
	require.Equal(t, 206, s.send("GET", url, nil, false, "Range", "bytes=0-0").status)
	require.Equal(t, tag, s.send("HEAD", url, nil, false).header.Get("ETag"))
	s.file("a.txt", "abcd")
	require.NotEqual(t, tag, s.send("GET", url, nil, false).header.Get("ETag"))
	require.NoError(t, os.Symlink("/etc/hostname", filepath.Join(s.folder, "out")))
	for _, name := range []string{"none", "out", "%2e%2e/%2e%2e/etc/hostname"} {
		require.NotEqual(t, 200, s.send("GET", s.url+"/files/"+name, nil, false).status, name)
	}
	require.Equal(t, 200, s.send("GET", s.url+"/healthz", nil, false).status)
	require.Empty(t, s.Requests(), "only the service's own API is logged")
}

func TestFilesOfDatasetsAndModels(t *testing.T) {
	t.Parallel()
	s := setup(t)
	pending := s.dataset("pending", "Language", bom+"x")
	require.Empty(t, s.all("/datasets/"+pending.id()+"/files"))
	d := s.text("d", jargon+"see http://example.com\n")
	files := s.all("/datasets/" + d.id() + "/files")
	require.Len(t, files, 2)
	require.Equal(t, "DatasetReport", files[0].text("kind"))
	require.Equal(t, "language_data.txt", files[1].text("name"))
	report := s.send("GET", files[0].text("links.contentUrl"), nil, false)
	require.Contains(t, report.raw, "holds a URI")
	v := s.Settings()
	v.ReportForm = "opaque"
	require.NoError(t, s.SetSettings(v))
	require.NotContains(t, s.send("GET", s.again(files[0]).text("links.contentUrl"), nil, false).raw, "holds a URI")
	s.refused(404, "GET", "/datasets/"+d.id()+"/files/"+unknownID, nil)

	m := s.train("m", s.base("en-US"), d)
	require.Equal(t, "ModelReport", s.all("/models/" + m.id() + "/files")[0].text("kind"))
	s.again(s.all("/models/" + m.id() + "/files")[0])
	short := s.send("GET", m.text("links.files")+"&sasLifetimeMinutes=10", nil, false).body
	link := object(short["values"].([]any)[0].(map[string]any)).text("links.contentUrl")
	require.Equal(t, 200, s.send("GET", link, nil, false).status)
	require.Equal(t, 403, s.send("GET", link+"x", nil, false).status)
	s.advance(10 * time.Minute)
	require.Equal(t, 403, s.send("GET", link, nil, false).status, "expired by the virtual clock")
	for _, minutes := range []string{"0", "-1", "100000"} {
		r := s.refused(400, "GET", "/models/"+m.id()+"/files?sasLifetimeMinutes="+minutes, nil)
		require.Equal(t, "InvalidSasValidityDuration", r.body.text("innerError.code"))
	}
	for _, o := range []object{m, s.base("en-US")} {
		manifest := s.get(o.text("links.manifest") + "&sasLifetimeMinutes=10")
		part := object(manifest["modelFiles"].([]any)[0].(map[string]any))
		require.Equal(t, 200, s.send("GET", part.text("contentUrl"), nil, false).status)
	}
	s.refused(400, "GET", "/models/"+m.id()+"/manifest", nil)
}
