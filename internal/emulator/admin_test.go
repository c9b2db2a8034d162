package emulator_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

func (s *service) admin(status int, method, path string, body any) object {
	s.t.Helper()
	r := s.send(method, s.url+"/admin"+path, body, false)
	require.Equal(s.t, status, r.status, r.raw)
	require.NotNil(s.t, r.body, r.raw)
	return r.body
}

func TestAdminClock(t *testing.T) {
	t.Parallel()
	s := setup(t)
	require.Equal(t, "2026-03-01T12:00:00Z", s.admin(200, "GET", "/clock", nil).text("now"))
	require.Equal(t, "2026-03-03T13:00:00Z", s.admin(200, "POST", "/clock", object{"advance": "49h"}).text("now"))
	require.Equal(t, "2026-03-05T13:00:00Z", s.admin(200, "POST", "/clock", object{"advance": "2d"}).text("now"))
	got := s.admin(200, "POST", "/clock", object{"set": "2026-04-01T00:00:00Z", "speed": 0})
	require.Equal(t, "2026-04-01T00:00:00Z", got.text("now"))
	require.Zero(t, got.number("speed"))
	require.Equal(t, "Wed, 01 Apr 2026 00:00:00 GMT", s.send("GET", api+"/models", nil, false).header.Get("Date"))
	for _, body := range []object{
		{"advance": "-1h"},
		{"set": "2026-01-01T00:00:00Z"},
		{"speed": -1},
		{},
		{"advance": "1h", "set": "2027-01-01T00:00:00Z"},
		{"advance": "soon"},
		{"forward": "1h"},
	} {
		require.NotEmpty(t, s.admin(400, "POST", "/clock", body).text("error"))
	}
	require.EqualValues(t, 60, s.admin(200, "POST", "/clock", object{"speed": 60}).number("speed"))
}

func TestAdminSettings(t *testing.T) {
	t.Parallel()
	s := setup(t)
	require.Equal(t, "plain", s.admin(200, "GET", "/settings", nil).text("profile"))
	got := s.admin(200, "PATCH", "/settings", object{"pageSize": 3, "trainingTime": "2d"})
	require.EqualValues(t, 3, got.number("pageSize"))
	require.Equal(t, "48h0m0s", got.text("trainingTime"))
	require.Equal(t, 3, s.Settings().PageSize)
	got = s.admin(200, "PATCH", "/settings", object{"profile": "awkward", "maxTop": 5})
	require.Equal(t, "none", got.text("filterQuote"))
	require.EqualValues(t, 1, got.number("pageSize"), "a profile brings all of its values")
	require.EqualValues(t, 5, got.number("maxTop"))
	for _, body := range []object{{"pageSize": 0}, {"listOrder": "random"}, {"color": 1}, {"profile": "odd"}, {"queueTime": "-1s"}} {
		require.NotEmpty(t, s.admin(400, "PATCH", "/settings", body).text("error"))
	}
	require.Equal(t, "awkward", s.Settings().Profile, "a refused change changes nothing")
}

func TestAdminObjects(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.ListLag = emulator.Duration(time.Hour) }))
	id := s.admin(200, "POST", "/base-models", object{"locale": "en-US", "quality": 0.5}).text("id")
	s.admin(200, "PATCH", "/models/"+id, object{"transcriptionDateTime": "2030-01-01T00:00:00Z"})
	require.Equal(t, "2030-01-01T00:00:00Z", s.get(api+"/models/base/"+id).text("properties.deprecationDates.transcriptionDateTime"))
	s.admin(400, "POST", "/base-models", object{"locale": "tlh"})

	require.NoError(t, s.Plan(emulator.Outcome{Kind: "training", Hang: true}))
	d := s.text("d", jargon)
	m := s.post("/models", trainingOf("m", object{"self": s.url + api + "/models/base/" + id}, d))
	list := s.admin(200, "GET", "/objects?kind=model", nil)["objects"].([]any)
	require.Len(t, list, 1, "whatever lists show yet")
	require.Equal(t, "NotStarted", object(list[0].(map[string]any)).text("status"))
	require.Len(t, s.admin(200, "GET", "/objects", nil)["objects"], 2)

	s.admin(200, "POST", "/objects/"+m.id()+"/finish", object{"code": "Aborted", "message": "too long"})
	require.Equal(t, "Aborted", s.again(m).text("properties.error.code"))
	m = s.train("m2", nil, d)
	e := s.post("/endpoints", endpointOf("e", m))
	s.advance(time.Minute)
	require.Equal(t, m.id(), s.admin(200, "GET", "/serving/"+e.id(), nil).text("servingId"))
	s.admin(200, "DELETE", "/objects/"+m.id(), nil)
	require.Equal(t, 404, s.send("GET", m.text("self"), nil, false).status, "deleted by hand, in use or not")
	require.Equal(t, "Succeeded", s.again(e).text("status"))
	for _, r := range [][2]string{
		{"DELETE", "/objects/" + m.id()}, {"GET", "/serving/" + m.id()}, {"POST", "/objects/" + m.id() + "/finish"},
	} {
		s.admin(404, r[0], r[1], nil)
	}
	s.admin(404, "PATCH", "/models/"+m.id(), object{})
	for _, o := range []object{e, d} {
		s.admin(200, "DELETE", "/objects/"+o.id(), nil)
	}
}

func TestAdminFaultsAndLog(t *testing.T) {
	t.Parallel()
	s := setup(t)
	id := s.admin(200, "POST", "/faults", object{"kind": "status", "status": 500, "operation": "Models_ListCustomModels", "delay": "1ms"}).number("id")
	require.EqualValues(t, 1, id)
	require.Equal(t, 500, s.send("GET", api+"/models", nil, false).status)
	require.Equal(t, 200, s.send("GET", api+"/datasets", nil, false).status)
	require.Len(t, s.admin(200, "GET", "/faults", nil)["faults"], 1)
	s.admin(200, "DELETE", "/faults/1", nil)
	s.admin(200, "DELETE", "/faults", nil)
	s.admin(400, "DELETE", "/faults/x", nil)
	s.admin(400, "POST", "/faults", object{"kind": "status", "color": "red"})
	require.Empty(t, s.admin(200, "GET", "/faults", nil)["faults"])

	s.admin(200, "POST", "/outcomes", object{"kind": "training", "code": "X", "message": "m", "duration": "1h"})
	require.Len(t, s.admin(200, "GET", "/outcomes", nil)["outcomes"], 1)
	s.admin(200, "DELETE", "/outcomes", nil)
	s.admin(400, "POST", "/outcomes", object{"kind": "training"})

	log := s.admin(200, "GET", "/requests", nil)
	require.Len(t, log["requests"], 2)
	require.EqualValues(t, 1, log.number("counts.Models_ListCustomModels"))
	require.Len(t, s.admin(200, "GET", "/requests?operation=Datasets_List", nil)["requests"], 1)
	require.Len(t, s.admin(200, "GET", "/requests?after=1", nil)["requests"], 1)
	require.Empty(t, s.admin(200, "GET", "/requests?method=POST", nil)["requests"])
	s.admin(400, "GET", "/requests?after=x", nil)
	found := s.admin(200, "GET", "/violations", nil)
	require.Empty(t, found["violations"])
	require.EqualValues(t, 2, found.number("checked"))
	s.admin(200, "DELETE", "/requests", nil)
	require.Empty(t, s.admin(200, "GET", "/requests", nil)["requests"])
	s.admin(400, "GET", "/nonsense", nil)
}

// Who sent a request can be told afterwards, and no secret is in the log.
func TestLogTellsCallersApart(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.get(api + "/models")
	s.send("GET", api+"/models", nil, false, "Ocp-Apim-Subscription-Key", "the operator's")
	s.send("GET", api+"/models", nil, false, "Ocp-Apim-Subscription-Key", "", "Authorization", "Bearer token")
	s.send("GET", api+"/models", nil, true, "Ocp-Apim-Subscription-Key", "")
	var callers []string
	for _, e := range s.Requests() {
		callers = append(callers, e.Caller)
	}
	require.Equal(t, []string{emulator.CallerOf("any"), emulator.CallerOf("the operator's"), emulator.CallerOf("token"), ""}, callers)
	require.Len(t, emulator.CallerOf("any"), 8)
	require.NotEqual(t, emulator.CallerOf("any"), emulator.CallerOf("token"))
}

func TestAdminIsNotForOtherSites(t *testing.T) {
	t.Parallel()
	s := setup(t)
	r := s.send("POST", s.url+"/admin/clock", object{"advance": "1h"}, false, "Origin", "https://elsewhere.example", "Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusForbidden, r.status)
	require.Equal(t, start, s.Now())
}

func TestOmitDate(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.OmitDate = true }))
	require.NotContains(t, s.send("GET", api+"/models", nil, false).header, "Date")
}
