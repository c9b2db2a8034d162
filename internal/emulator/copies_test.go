package emulator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

func TestCopy(t *testing.T) {
	t.Parallel()
	s := setup(t)
	m := s.train("m", s.base("en-US"), s.text("d", jargon))
	authorize := func() object {
		r := s.send("POST", api+"/models:authorizecopy", object{"sourceResourceId": "/subscriptions/x"}, false)
		require.Equal(t, 200, r.status, r.raw)
		return r.body
	}
	permit := authorize()
	r := s.send("POST", m.text("links.copy"), permit, false)
	require.Equal(t, 202, r.status, r.raw)
	require.Equal(t, "NotStarted", r.body.text("status"))
	require.NotEmpty(t, r.header.Get("Retry-After"))
	operation := r.header.Get("Operation-Location")
	require.Equal(t, 400, s.send("DELETE", m.text("self"), nil, false).status, "in use")
	s.advance(time.Second)
	require.Equal(t, "Running", s.get(operation).text("status"))
	s.advance(time.Minute)
	done := s.get(operation)
	require.Equal(t, "Succeeded", done.text("status"))
	twin := s.get(done.text("result.link"))
	require.NotEqual(t, m.id(), twin.id())
	require.Equal(t, m.text("properties.deprecationDates.transcriptionDateTime"), twin.text("properties.deprecationDates.transcriptionDateTime"))
	require.Len(t, s.all("/models"), 2)

	s.refused(400, "POST", m.text("links.copy"), object{
		"targetResourceRegion": "r", "targetResourceId": "i", "targetResourceEndpoint": "e", "sourceResourceId": "s",
		"expirationDateTime": "2026-03-01T12:00:00Z", "id": "forged",
	})
	require.NoError(t, s.Plan(emulator.Outcome{Kind: "copy", Code: "PipelineError", Message: "lost"}))
	r = s.send("POST", m.text("links.copy"), authorize(), false)
	s.advance(time.Minute)
	require.Equal(t, "lost", s.get(r.header.Get("Operation-Location")).text("error.message"))
	s.advance(time.Hour)
	r = s.refused(400, "POST", m.text("links.copy"), permit)
	require.Equal(t, "ModelCopyAuthorizationExpired", r.body.text("innerError.code"))
	s.refused(404, "GET", "/operations/models/copy/"+unknownID, nil)
}
