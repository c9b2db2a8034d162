package emulator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

func TestProject(t *testing.T) {
	t.Parallel()
	s := setup(t)
	p := s.post("/projects", object{"displayName": "p", "locale": "en-US", "foundryProjectName": "f", "customProperties": object{"a": "b"}})
	require.Equal(t, "f", p.text("foundryProjectName"))
	require.Equal(t, "g", s.patch(p, object{"foundryProjectName": "g"}).text("foundryProjectName"))
	require.Len(t, s.all("/projects?filter=foundryProjectName+eq+'g'"), 1)

	in := s.post("/datasets", object{"displayName": "in", "locale": "en-US", "kind": "Language", "contentUrl": s.file("a", bom+"x"), "project": ref(p)})
	s.advance(time.Minute)
	body := trainingOf("m", s.base("en-US"), in)
	body["project"] = ref(p)
	m := s.post("/models", body)
	s.text("out", jargon)
	own := func(kind string) []string { return ids(s.all("/projects/" + p.id() + "/" + kind)) }
	require.Equal(t, []string{in.id()}, own("datasets"))
	require.Equal(t, []string{m.id()}, own("models"))
	require.Empty(t, own("endpoints"))
	require.Empty(t, own("evaluations"))
	require.Empty(t, own("transcriptions"))
	for range 2 {
		require.Equal(t, 204, s.send("DELETE", p.text("self"), nil, false).status)
	}
	require.Nil(t, s.again(m)["project"])
	s.refused(404, "GET", "/projects/"+p.id()+"/models", nil)
}

func TestOlderVersion(t *testing.T) {
	t.Parallel()
	s := setup(t)
	p := s.post("/projects", object{"displayName": "p", "locale": "en-US"})
	d := s.post("/datasets", object{"displayName": "d", "locale": "en-US", "kind": "Language", "contentUrl": s.file("a", bom+"x"), "project": ref(p)})
	s.version = "2024-11-15"
	old := s.get(api + "/datasets/" + d.id())
	require.Contains(t, old.text("self"), "api-version=2024-11-15")
	require.Nil(t, old["project"])
	for _, path := range []string{"/projects", "/projects/" + p.id()} {
		r := s.send("GET", api+path, nil, false)
		require.Equal(t, 404, r.status)
	}
	r := s.send("POST", api+"/datasets", object{"displayName": "d", "locale": "en-US", "kind": "Language", "project": ref(p)}, false)
	require.Equal(t, 400, r.status)
	require.Contains(t, r.body.text("message"), "2024-11-15")

	s.version = "2023-01-01"
	require.Equal(t, 400, s.send("GET", api+"/models", nil, false).status)
	require.Equal(t, 400, s.send("GET", s.url+api+"/models", nil, true).status, "no version")
}

func TestKeys(t *testing.T) {
	t.Parallel()
	s := setup(t, func(o *emulator.Options) { o.Key = "right" })
	r := s.send("GET", api+"/models", nil, false)
	require.Equal(t, 401, r.status)
	require.Equal(t, "401", r.body.text("error.code"))
	require.Contains(t, r.body.text("error.message"), "invalid subscription key")
	require.Equal(t, 200, s.send("GET", api+"/models", nil, false, "Ocp-Apim-Subscription-Key", "right").status)
	require.Equal(t, 200, s.send("GET", api+"/models", nil, false, "Ocp-Apim-Subscription-Key", "", "Authorization", "Bearer token").status)
	r = s.send("GET", api+"/models", nil, true, "Ocp-Apim-Subscription-Key", "")
	require.Equal(t, 401, r.status)
	require.Equal(t, "Unauthorized", r.body.text("code"))
}

func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for method, path := range map[string]string{
		"GET": "/speechtotext/v3.2/models", "POST": "/speechtotext/transcriptions", "PUT": "/speechtotext/models", "DELETE": "/",
	} {
		r := s.send(method, s.url+path, nil, true)
		require.Equal(t, 404, r.status)
		require.Equal(t, "NotFound", r.body.text("code"))
	}
	s.refused(400, "GET", "/models/no-uuid", nil)
	s.refused(404, "GET", "/models/"+unknownID, nil)
	s.refused(404, "GET", "/models/base/"+unknownID, nil)
	s.refused(400, "GET", "/models?orderby=x", nil)
}

func TestErrorNulls(t *testing.T) {
	t.Parallel()
	s := setup(t, awkward())
	r := s.refused(400, "GET", "/models?filter=x", nil)
	require.Contains(t, r.raw, `"target":null`)
	require.Contains(t, r.body, "details")
	require.Contains(t, r.body["innerError"], "innerError")
	s = setup(t)
	require.NotContains(t, s.refused(400, "GET", "/models?filter=x", nil).raw, "null")
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.RateLimit, v.RateRetryAfter = 3, 2 }))
	for range 3 {
		require.Equal(t, 200, s.send("GET", api+"/models", nil, false).status)
	}
	r := s.send("GET", api+"/models", nil, false)
	require.Equal(t, 429, r.status)
	require.Equal(t, "TooManyRequests", r.body.text("code"))
	require.Equal(t, "2", r.header.Get("Retry-After"))
	s.advance(10 * time.Second)
	require.Equal(t, 200, s.send("GET", api+"/models", nil, false).status)
}
