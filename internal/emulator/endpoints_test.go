package emulator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

func endpointOf(name string, m object) object {
	return object{"displayName": name, "locale": "en-US", "model": ref(m)}
}

// pair trains two models and deploys the first.
func (s *service) pair() (first, second, endpoint object) {
	s.t.Helper()
	base, d := s.base("en-US"), s.text("d", jargon)
	first, second = s.train("first", base, d), s.train("second", base, d)
	e := s.post("/endpoints", endpointOf("calls", first))
	require.Equal(s.t, "NotStarted", e.text("status"))
	s.advance(time.Minute)
	e = s.again(e)
	require.Equal(s.t, "Succeeded", e.text("status"))
	require.Contains(s.t, e.text("links.webSocket"), "cid="+e.id())
	return first, second, e
}

func (s *service) serving(e object) emulator.Serving {
	s.t.Helper()
	v, err := s.ServingOf(e.id())
	require.NoError(s.t, err)
	return v
}

func TestRedeploy(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		setting, during string
	}{
		"status runs":           {"running", "Running"},
		"status stays as it is": {"succeeded", "Succeeded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, settings(func(v *emulator.Settings) { v.EndpointPatchStatus = tc.setting }))
			first, second, e := s.pair()
			require.Equal(t, first.id(), s.serving(e).ServingID)
			patched := s.patch(e, object{"model": ref(second), "displayName": "renamed"})
			require.Equal(t, "renamed", patched.text("displayName"))
			for _, during := range []object{patched, s.again(e)} {
				require.Equal(t, tc.during, during.text("status"))
				require.Equal(t, first.text("self"), during.text("model.self"), "the old model until it is through")
			}
			require.Equal(t, first.id(), s.serving(e).ServingID)
			r := s.send("PATCH", e.text("self"), object{"model": ref(first)}, false)
			require.Equal(t, 400, r.status)
			require.Equal(t, "EndpointNotUpdatable", r.body.text("innerError.code"))
			for _, m := range []object{first, second} {
				r = s.send("DELETE", m.text("self"), nil, false)
				require.Equal(t, "InUseViolation", r.body.text("innerError.code"), "both are in use meanwhile")
			}
			s.advance(2 * time.Second)
			done := s.again(e)
			require.Equal(t, "Succeeded", done.text("status"))
			require.Equal(t, second.text("self"), done.text("model.self"))
			require.Equal(t, second.id(), s.serving(e).ServingID)
			require.Greater(t, done.text("lastActionDateTime"), e.text("lastActionDateTime"))
			require.Equal(t, 204, s.send("DELETE", first.text("self"), nil, false).status)
			same := s.patch(e, object{"model": ref(second)})
			require.Equal(t, "Succeeded", same.text("status"), "the model that serves already changes nothing")
		})
	}
}

func TestFailedRedeploy(t *testing.T) {
	t.Parallel()
	for _, shows := range []string{"old", "new"} {
		for _, status := range []string{"running", "succeeded"} {
			t.Run(shows+" "+status, func(t *testing.T) {
				t.Parallel()
				s := setup(t, settings(func(v *emulator.Settings) { v.FailedPatchShows, v.EndpointPatchStatus = shows, status }))
				first, second, e := s.pair()
				require.NoError(t, s.Plan(emulator.Outcome{Kind: "endpoint", DisplayName: "calls", Code: "PipelineError", Message: "no room"}))
				s.patch(e, object{"model": ref(second)})
				s.advance(time.Minute)
				broken := s.again(e)
				require.Equal(t, "Failed", broken.text("status"))
				require.Equal(t, "no room", broken.text("properties.error.message"))
				require.Equal(t, map[string]string{"old": first.text("self"), "new": second.text("self")}[shows], broken.text("model.self"))
				require.Equal(t, first.id(), s.serving(e).ServingID)

				s.patch(e, object{"model": ref(first)})
				s.advance(time.Minute)
				back := s.again(e)
				require.Equal(t, "Succeeded", back.text("status"))
				require.Equal(t, first.text("self"), back.text("model.self"))
				require.Nil(t, back.at("properties.error"))
			})
		}
	}
}

func TestHangingRedeploy(t *testing.T) {
	t.Parallel()
	s := setup(t, awkward(func(v *emulator.Settings) { v.ListLag = 0 }))
	_, second, e := s.pair()
	require.NoError(t, s.Plan(emulator.Outcome{Kind: "endpoint", Hang: true}))
	s.patch(e, object{"model": ref(second)})
	s.advance(100 * 24 * time.Hour)
	require.NotEqual(t, second.text("self"), s.again(e).text("model.self"))
	require.NoError(t, s.Finish(e.id(), "", ""))
	require.Equal(t, second.text("self"), s.again(e).text("model.self"))
}

func TestModelInUse(t *testing.T) {
	t.Parallel()
	for status, profile := range map[int]emulator.Settings{400: emulator.Plain(), 409: emulator.Awkward()} {
		s := setup(t, func(o *emulator.Options) { o.Settings = profile; o.Settings.RateLimit = 0 })
		first, _, e := s.pair()
		r := s.send("DELETE", first.text("self"), nil, false)
		require.Equal(t, status, r.status)
		require.Equal(t, "InUseViolation", r.body.text("innerError.code"))
		require.Contains(t, r.body.text("message"), e.id())
		for range 2 {
			r = s.send("DELETE", e.text("self"), nil, true)
		}
		require.Equal(t, map[int]int{400: 204, 409: 404}[status], r.status, "deleting what is not there")
		require.Equal(t, 204, s.send("DELETE", first.text("self"), nil, false).status)
	}
}

func TestExpiredModelFallsBackSilently(t *testing.T) {
	t.Parallel()
	s := setup(t)
	first, _, e := s.pair()
	before := s.again(e)
	expiry, err := time.Parse(time.RFC3339, first.text("properties.deprecationDates.transcriptionDateTime"))
	require.NoError(t, err)
	require.NoError(t, s.SetTime(t.Context(), expiry.Add(-time.Second)))
	require.False(t, s.serving(e).Fallback)
	recent := s.Now().Add(-time.Hour)
	newest, err := s.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US", Created: &recent})
	require.NoError(t, err)
	s.advance(time.Second)
	after := s.serving(e)
	require.True(t, after.Fallback)
	require.True(t, after.Base)
	require.Equal(t, newest, after.ServingID)
	require.Equal(t, first.id(), after.ModelID)
	require.Equal(t, expiry, *after.ExpiredAt)
	require.Equal(t, before, s.again(e), "the entity shows nothing of it")
	r := s.refused(400, "POST", "/endpoints", endpointOf("another", first))
	require.Equal(t, "ModelDeprecated", r.body.text("innerError.code"))
}

func TestRefusedEndpoints(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.EndpointQuota, v.NotDeployableStatus = 1, 409 }))
	base := s.base("en-US")
	id, err := s.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US", NoEndpoints: true})
	require.NoError(t, err)
	batchOnly := s.get(api + "/models/base/" + id)
	d := s.text("d", jargon)
	require.NoError(t, s.Plan(emulator.Outcome{Kind: "training", Code: "X", Message: "x"}))
	broken := s.post("/models", trainingOf("broken", base, d))
	s.advance(time.Minute)
	batchChild := s.train("child", batchOnly, d)
	training := s.post("/models", trainingOf("m", base, d))
	logging := endpointOf("e", base)
	logging["properties"] = object{"loggingEnabled": true}
	for name, tc := range map[string]struct {
		status int
		body   object
		code   string
	}{
		"no model":     {400, object{"displayName": "e", "locale": "en-US"}, "InvalidModel"},
		"training":     {400, endpointOf("e", training), "ModelDeploymentNotCompleteState"},
		"failed":       {400, endpointOf("e", broken), "DeployingFailedModel"},
		"other locale": {400, endpointOf("e", s.base("de-DE")), "InvalidLocale"},
		"batch only":   {409, endpointOf("e", batchOnly), "ModelNotDeployable"},
		"child of it":  {409, endpointOf("e", batchChild), "ModelNotDeployable"},
		"logging":      {400, logging, "EndpointLoggingNotSupported"},
		"wrong name": {400, object{
			"displayName": "e", "locale": "en-US", "model": ref(base), "properties": object{"contentLoggingEnabled": true},
		}, "InvalidPayload"},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.refused(tc.status, "POST", "/endpoints", tc.body)
			require.Equal(t, tc.code, r.body.text("innerError.code"), r.raw)
		})
	}
	e := s.post("/endpoints", endpointOf("e", base))
	require.Equal(t, "QuotaViolation", s.send("POST", api+"/endpoints", endpointOf("f", base), false).body.text("innerError.code"))
	require.Equal(t, 400, s.send("DELETE", e.text("self"), nil, false).status, "not ready")
	require.Empty(t, s.serving(e).ServingID)
	s.advance(time.Minute)
	require.Equal(t, 200, s.send("PATCH", e.text("self"), object{"properties": object{"contentLoggingEnabled": false}}, false).status)
	r := s.refused(400, "PATCH", e.text("self"), object{"properties": object{"contentLoggingEnabled": true}})
	require.Equal(t, "EndpointLoggingNotSupported", r.body.text("innerError.code"))
	require.Equal(t, base.text("self"), s.all("/endpoints")[0].text("model.self"))
}

// The log of writes tells a model that an endpoint refers to from one that it serves.
func TestWritesTellWhoNeverServed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	version, _, _ := s.pair()
	touch := func() []string {
		s.send("PATCH", version.text("self"), object{"customProperties": object{"sr.state": "failed"}}, false)
		log := s.Requests()
		return log[len(log)-1].After.NeverServedBy
	}
	require.Empty(t, touch(), "what refers to it serves it")
	require.NoError(t, s.Plan(emulator.Outcome{Kind: "endpoint", Code: "DeployingFailedModel", Message: "no capacity"}))
	failed := s.post("/endpoints", endpointOf("failed", version))
	require.Empty(t, touch(), "it is being deployed")
	s.advance(time.Hour)
	require.Equal(t, []string{failed.id()}, touch())
	s.post("/endpoints", endpointOf("well", version))
	s.advance(time.Hour)
	require.Equal(t, []string{failed.id()}, touch(), "another one serves it")
}
