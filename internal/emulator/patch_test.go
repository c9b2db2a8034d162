package emulator_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

func TestPatch(t *testing.T) {
	t.Parallel()
	s := setup(t)
	p := s.post("/projects", object{"displayName": "p", "locale": "en-US"})
	d := s.text("d", jargon)
	d = s.patch(d, object{"displayName": "renamed", "description": "words", "project": ref(p), "customProperties": object{"a": "1", "b": "2"}})
	require.Equal(t, "renamed", d.text("displayName"))
	require.Equal(t, "words", d.text("description"))
	require.Equal(t, p.text("self"), d.text("project.self"))
	d = s.patch(d, object{"customProperties": object{"b": "3"}})
	require.Equal(t, map[string]any{"a": "1", "b": "3"}, d["customProperties"], "merged")
	require.Equal(t, "renamed", s.again(d).text("displayName"))

	for name, body := range map[string]object{
		"locale": {"locale": "de-DE"}, "status": {"status": "Failed"}, "empty name": {"displayName": ""},
		"unknown": {"color": "red"}, "project elsewhere": {"project": object{"self": s.url + api + "/projects/" + unknownID}},
	} {
		t.Run(name, func(t *testing.T) { s.refused(400, "PATCH", d.text("self"), body) })
	}
	tooMany := object{}
	for i := range 9 {
		tooMany[fmt.Sprint(i)] = "v"
	}
	s.refused(400, "PATCH", d.text("self"), object{"description": "not to be kept", "customProperties": tooMany})
	require.Equal(t, d.raw(), s.again(d).raw(), "a refused PATCH changes nothing")

	german := s.post("/projects", object{"displayName": "p", "locale": "de-DE"})
	r := s.refused(400, "PATCH", d.text("self"), object{"project": ref(german)})
	require.Equal(t, "InvalidProject", r.body.text("innerError.code"))
	s.refused(404, "PATCH", "/datasets/"+unknownID, object{"description": "x"})
}

func (o object) raw() string { return fmt.Sprint(map[string]any(o)) }

func TestPatchReplaces(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.CustomPropertiesPatch = "replace" }))
	p := s.post("/projects", object{"displayName": "p", "locale": "en-US", "customProperties": object{"a": "1", "b": "2"}})
	p = s.patch(p, object{"customProperties": object{"b": "3"}})
	require.Equal(t, map[string]any{"b": "3"}, p["customProperties"])
	p = s.patch(p, object{"description": "x"})
	require.Equal(t, map[string]any{"b": "3"}, p["customProperties"], "not named, not touched")
}

func TestPatchWithNull(t *testing.T) {
	t.Parallel()
	body := `{"description": null, "customProperties": {"a": null, "b": "3"}}`
	for way, want := range map[string]struct {
		status      int
		description any
		properties  map[string]any
	}{
		"remove": {200, nil, map[string]any{"b": "3"}},
		"ignore": {200, "x", map[string]any{"a": "1", "b": "3"}},
		"refuse": {400, "x", map[string]any{"a": "1"}},
	} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := setup(t, settings(func(v *emulator.Settings) { v.PatchNull = way }))
			p := s.post("/projects", object{"displayName": "p", "locale": "en-US", "description": "x", "customProperties": object{"a": "1"}})
			// No schema is nullable, so a null is always a departure from the contract, whatever it does.
			r := s.send("PATCH", p.text("self"), body, true, "Content-Type", "application/merge-patch+json")
			require.Equal(t, want.status, r.status, r.raw)
			p = s.again(p)
			require.Equal(t, want.description, p["description"])
			require.Equal(t, want.properties, p["customProperties"])
		})
	}
	s := setup(t)
	p := s.post("/projects", object{"displayName": "p", "locale": "en-US", "customProperties": object{"a": "1"}})
	s.refused(400, "PATCH", p.text("self"), `{"displayName": null}`)
	require.Equal(t, 200, s.send("PATCH", p.text("self"), `{"customProperties": null}`, true).status)
	require.Nil(t, s.again(p)["customProperties"])
}
