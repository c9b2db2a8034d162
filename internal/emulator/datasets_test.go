package emulator_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

func TestImports(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for name, tc := range map[string]struct {
		kind, content, status, code string
		accepted, rejected, length  float64
	}{
		"audio":              {"Acoustic", recordings(jargon, time.Second), "Succeeded", "", 2, 0, 2000},
		"pronunciation":      {"Pronunciation", bom + "IEEE\ti triple e\n", "Succeeded", "", 1, 0, 0},
		"structured":         {"LanguageMarkdown", "# S\n- one\n- two\n", "Succeeded", "", 2, 0, 0},
		"no mark":            {"Language", "one", "Succeeded", "", 1, 0, 0},
		"UTF-16":             {"Language", "\xff\xfeo\x00", "Failed", "NoUtf8WithBom", 0, 0, 0},
		"too many rejected":  {"Language", bom + "one\nhttp://a\nhttp://b\n", "Failed", "DataImportFailed", 1, 2, 0},
		"audio that is none": {"AudioFiles", "text", "Failed", "DataImportFailed", 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			d := s.dataset(strings.ReplaceAll(name, " ", "-"), tc.kind, tc.content)
			s.advance(time.Minute)
			d = s.again(d)
			require.Equal(t, tc.status, d.text("status"), d)
			require.Equal(t, tc.code, d.text("properties.error.code"))
			require.InDelta(t, tc.accepted, d.number("properties.acceptedLineCount"), 0)
			require.InDelta(t, tc.rejected, d.number("properties.rejectedLineCount"), 0)
			require.InDelta(t, tc.length, d.number("properties.durationMilliseconds"), 0)
		})
	}
}

func TestContentThatCannotBeFetched(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.FetchTimeout = emulator.Duration(5 * time.Second) }))
	release := make(chan struct{})
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, "http://192.0.2.1/x", http.StatusFound)
		case "/large":
			_, _ = w.Write(make([]byte, 1<<20+1))
		case "/broken":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(bom))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(elsewhere.Close)
	t.Cleanup(func() { close(release) })
	for name, tc := range map[string][2]string{
		"not there":        {elsewhere.URL + "/none?sig=secret", "status 404"},
		"another machine":  {"http://192.0.2.1/x?sig=secret", "--allow-remote"},
		"redirected away":  {elsewhere.URL + "/away?sig=secret", "--allow-remote"},
		"nobody listening": {"http://127.0.0.1:1/x?sig=secret", "cannot be fetched"},
		"too large":        {elsewhere.URL + "/large?sig=secret", "larger than 1048576 bytes"},
		"broken off":       {elsewhere.URL + "/broken?sig=secret", "broke off"},
	} {
		d := s.post("/datasets", object{"displayName": name, "locale": "en-US", "kind": "Pronunciation", "contentUrl": tc[0]})
		s.advance(time.Minute)
		d = s.again(d)
		require.Equal(t, "Failed", d.text("status"), name)
		require.Equal(t, "DataImportFailed", d.text("properties.error.code"))
		require.Contains(t, d.text("properties.error.message"), tc[1], name)
		require.NotContains(t, d.text("properties.error.message"), "secret")
	}
}

func TestContentURLShown(t *testing.T) {
	t.Parallel()
	s := setup(t)
	d := s.post("/datasets", object{
		"displayName": "d", "locale": "en-US", "kind": "Language", "contentUrl": s.file("a.txt", bom+"x") + "?sig=secret",
	})
	for form, want := range map[string]string{"full": s.url + "/files/a.txt?sig=secret", "noQuery": s.url + "/files/a.txt", "absent": ""} {
		v := s.Settings()
		v.ContentURLShown = form
		require.NoError(t, s.SetSettings(v))
		require.Equal(t, want, s.again(d).text("contentUrl"))
	}
}

func blockID(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func (s *service) upload(d object, id, content string) {
	s.t.Helper()
	r := s.send("PUT", d.text("links.uploadBlocks")+"&blockid="+url.QueryEscape(blockID(id)), []byte(content), false)
	require.Equal(s.t, 201, r.status, r.raw)
	require.Empty(s.t, r.raw)
}

func commit(ids ...string) []object {
	var out []object
	for _, id := range ids {
		out = append(out, object{"kind": "Latest", "id": blockID(id)})
	}
	return out
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	s := setup(t)
	d := s.post("/datasets", object{"displayName": "d", "locale": "en-US", "kind": "Language"})
	s.advance(time.Hour)
	require.Equal(t, "NotStarted", s.again(d).text("status"), "it waits for its blocks")
	s.upload(d, "b1", "two words\n")
	s.upload(d, "b0", bom+"never used")
	s.upload(d, "b0", bom+"one\n")
	list := s.get(d.text("links.listBlocks"))
	require.Empty(t, list["committedBlocks"])
	require.Len(t, list["uncommittedBlocks"], 2)

	for name, body := range map[string][]object{
		"nothing": {}, "unknown block": commit("b9"), "committed": {{"kind": "Committed", "id": blockID("b0")}},
		"unknown kind": {{"kind": "Newest", "id": blockID("b0")}},
	} {
		t.Run(name, func(t *testing.T) { s.refused(400, "POST", d.text("links.commitBlocks"), body) })
	}
	for range 2 { // the answer to the first may have been lost
		r := s.send("POST", d.text("links.commitBlocks"), commit("b0", "b1"), false)
		require.Equal(t, 200, r.status, r.raw)
		require.Empty(t, r.raw)
	}
	s.refused(400, "POST", d.text("links.commitBlocks"), commit("b1", "b0"))
	s.refused(400, "PUT", d.text("links.uploadBlocks")+"&blockid="+blockID("b2"), []byte("x"))
	s.advance(time.Minute)
	d = s.again(d)
	require.Equal(t, "Succeeded", d.text("status"), d)
	require.EqualValues(t, 2, d.number("properties.acceptedLineCount"))
	require.Len(t, s.get(d.text("links.listBlocks"))["committedBlocks"], 2)
	require.Equal(t, 200, s.send("POST", d.text("links.commitBlocks"), commit("b0", "b1"), false).status)
}

func TestRefusedBlocks(t *testing.T) {
	t.Parallel()
	s := setup(t)
	d := s.post("/datasets", object{"displayName": "d", "locale": "en-US", "kind": "Language"})
	to := d.text("links.uploadBlocks") + "&blockid="
	s.upload(d, "b1", "x")
	require.Equal(t, 201, s.send("PUT", to+url.QueryEscape(blockID("b2")), make([]byte, 8<<20), false).status)
	s.refused(400, "PUT", to+url.QueryEscape(blockID("b3")), make([]byte, 8<<20+1))
	s.refused(400, "PUT", to+url.QueryEscape(blockID("longer")), []byte("x"))
	s.refused(400, "PUT", to+"not~base64", []byte("x"))
	s.refused(400, "PUT", to+url.QueryEscape(blockID(strings.Repeat("a", 65))), []byte("x"))
	s.refused(400, "PUT", to, []byte("x"))
	fetched := s.dataset("f", "Language", bom+"x")
	s.refused(400, "PUT", "/datasets/"+fetched.id()+"/blocks?blockid="+blockID("b1"), []byte("x"))
	s.refused(400, "GET", "/datasets/"+fetched.id()+"/blocks", nil)
	require.Nil(t, fetched.at("links.uploadBlocks"), "only seen for block uploads")
}

func TestUncommittedBlocksEnd(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.BlocksLife = emulator.Duration(24 * time.Hour) }))
	d := s.post("/datasets", object{"displayName": "d", "locale": "en-US", "kind": "Language"})
	s.advance(24 * time.Hour)
	d = s.again(d)
	require.Equal(t, "Failed", d.text("status"))
	require.Equal(t, "2026-03-02T12:00:00Z", d.text("lastActionDateTime"))
}

func TestRefusedDatasets(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.DatasetQuota = 1 }))
	good := object{"displayName": "d", "locale": "en-US", "kind": "Language", "contentUrl": s.url + "/files/x"}
	with := func(name string, value any) object {
		o := object{}
		for k, v := range good {
			o[k] = v
		}
		if o[name] = value; value == nil {
			delete(o, name)
		}
		return o
	}
	tooMany := map[string]string{}
	for i := range 11 {
		tooMany[strings.Repeat("k", i+1)] = "v"
	}
	for name, tc := range map[string]struct {
		body object
		code string
	}{
		"no kind":                {with("kind", nil), "InvalidPayload"},
		"unknown kind":           {with("kind", "Video"), "InvalidPayload"},
		"unknown field":          {with("email", "a@example.com"), "InvalidPayload"},
		"read-only field":        {with("status", "Running"), "InvalidPayload"},
		"empty name":             {with("displayName", ""), "InvalidPayload"},
		"unknown locale":         {with("locale", "tlh"), "InvalidLocale"},
		"kind not in locale":     {object{"displayName": "d", "locale": "hi-IN", "kind": "Acoustic"}, "InvalidLocale"},
		"other scheme":           {with("contentUrl", "ftp://127.0.0.1/x"), "InvalidPayload"},
		"no URL":                 {with("contentUrl", "x"), "InvalidPayload"},
		"ten properties":         {with("customProperties", tooMany), "InvalidPayload"},
		"long key":               {with("customProperties", object{strings.Repeat("ü", 65): "v"}), "InvalidPayload"},
		"long value":             {with("customProperties", object{"k": strings.Repeat("ü", 257)}), "InvalidPayload"},
		"project that is none":   {with("project", object{"self": s.url + api + "/models/0b0d0e0f-1111-4222-8333-444455556666"}), "InvalidPayload"},
		"project that is not":    {with("project", object{"self": s.url + api + "/projects/0b0d0e0f-1111-4222-8333-444455556666"}), "InvalidPayload"},
		"reference by v3 path":   {with("project", object{"self": s.url + api + "/v3.2/projects/0b0d0e0f-1111-4222-8333-444455556666"}), "InvalidPayload"},
		"a broken body":          {nil, "InvalidPayload"},
		"number for displayName": {with("displayName", 5), "InvalidPayload"},
	} {
		t.Run(name, func(t *testing.T) {
			var body any = tc.body
			if tc.body == nil {
				body = "{"
			}
			r := s.refused(400, "POST", "/datasets", body)
			require.Equal(t, "InvalidRequest", r.body.text("code"))
			require.Equal(t, tc.code, r.body.text("innerError.code"), r.raw)
		})
	}
	longest := with("customProperties", object{strings.Repeat("ü", 64): strings.Repeat("ü", 256)})
	s.post("/datasets", longest)
	r := s.send("POST", api+"/datasets", good, false)
	require.Equal(t, 400, r.status)
	require.Equal(t, "QuotaViolation", r.body.text("innerError.code"))
}

func TestDeleteDataset(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.BusyStatus, v.InUseStatus = 409, 409 }))
	d := s.dataset("d", "Language", bom+jargon)
	r := s.send("DELETE", d.text("self"), nil, false)
	require.Equal(t, 409, r.status)
	require.Equal(t, "DeleteNotAllowed", r.body.text("innerError.code"))
	s.advance(time.Minute)
	m := s.post("/models", trainingOf("m", s.base("en-US"), d))
	r = s.send("DELETE", d.text("self"), nil, false)
	require.Equal(t, 409, r.status)
	require.Equal(t, "InUseViolation", r.body.text("innerError.code"))
	require.Equal(t, "Conflict", r.body.text("code"))
	s.advance(time.Minute)
	require.Equal(t, "Succeeded", s.again(m).text("status"))
	for range 2 {
		require.Equal(t, 204, s.send("DELETE", d.text("self"), nil, false).status, "also when it is not there")
	}
	require.Equal(t, 404, s.send("GET", d.text("self"), nil, false).status)
	require.Equal(t, d.text("self"), s.again(m)["datasets"].([]any)[0].(map[string]any)["self"], "the model still names it")

	waiting := s.post("/datasets", object{"displayName": "w", "locale": "en-US", "kind": "Language"})
	require.Equal(t, 204, s.send("DELETE", waiting.text("self"), nil, false).status)
	v := s.Settings()
	v.DeleteUncommitted = false
	require.NoError(t, s.SetSettings(v))
	waiting = s.post("/datasets", object{"displayName": "w", "locale": "en-US", "kind": "Language"})
	require.Equal(t, 409, s.send("DELETE", waiting.text("self"), nil, false).status)
}
