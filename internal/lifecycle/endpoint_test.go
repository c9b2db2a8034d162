package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

func TestRefuseEndpoint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		facts    lifecycle.EndpointFacts
		takeOver string
		want     string
	}{
		"made by hand":            {facts: lifecycle.EndpointFacts{Locale: "EN-us"}},
		"ours":                    {facts: lifecycle.EndpointFacts{Locale: "en-US", Owner: "us", Model: "desk"}},
		"of another locale":       {facts: lifecycle.EndpointFacts{Locale: "de-DE"}, want: "is of locale de-DE"},
		"of another owner":        {facts: lifecycle.EndpointFacts{Locale: "en-US", Owner: "them"}, want: "belongs to another installation"},
		"of another model":        {facts: lifecycle.EndpointFacts{Locale: "en-US", Owner: "us", Model: "field"}, want: "is the endpoint of the model field"},
		"serves another champion": {facts: lifecycle.EndpointFacts{Locale: "en-US", ServesModel: "field"}, want: "serves the champion of the model field"},
		"taken over":              {facts: lifecycle.EndpointFacts{Locale: "en-US", Owner: "us", Model: "field", ServesModel: "field"}, takeOver: "field"},
		"taken over from somebody else": {
			facts:    lifecycle.EndpointFacts{Locale: "en-US", Owner: "us", Model: "field"},
			takeOver: "third", want: "is the endpoint of the model field",
		},
		"taken over, and serves a third": {
			facts:    lifecycle.EndpointFacts{Locale: "en-US", Owner: "us", Model: "field", ServesModel: "third"},
			takeOver: "field", want: "serves the champion of the model third",
		},
		"taken over already": {facts: lifecycle.EndpointFacts{Locale: "en-US", Owner: "us", Model: "desk", ServesModel: "desk"}, takeOver: "field"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault := lifecycle.RefuseEndpoint(c.facts, "desk", "en-US", "us", c.takeOver)
			if c.want == "" {
				require.Empty(t, fault)
			} else {
				require.Contains(t, fault, c.want)
			}
		})
	}
	require.Equal(t, "field", lifecycle.TakesOver(lifecycle.EndpointFacts{Model: "field"}, "desk", "field"))
	require.Equal(t, "field", lifecycle.TakesOver(lifecycle.EndpointFacts{ServesModel: "field"}, "desk", "field"))
	require.Empty(t, lifecycle.TakesOver(lifecycle.EndpointFacts{Model: "desk", ServesModel: "desk"}, "desk", "field"), "it is done")
	require.Empty(t, lifecycle.TakesOver(lifecycle.EndpointFacts{Model: "desk"}, "desk", "desk"))
}

func TestFindEndpoint(t *testing.T) {
	t.Parallel()
	of := func(id, owner, model, locale string, serves bool) lifecycle.EndpointSeen {
		return lifecycle.EndpointSeen{
			EndpointFacts: lifecycle.EndpointFacts{Owner: owner, Model: model, Locale: locale},
			ID:            id, DisplayName: "e-" + id, Serves: serves,
		}
	}
	for name, c := range map[string]struct {
		endpoints []lifecycle.EndpointSeen
		id, fault string
	}{
		"none": {},
		"the marked one": {endpoints: []lifecycle.EndpointSeen{
			of("1", "", "", "en-US", true),
			of("2", "us", "desk", "en-US", false), of("3", "", "", "en-US", true),
		}, id: "2"},
		"two marked ones": {
			endpoints: []lifecycle.EndpointSeen{of("3", "us", "desk", "en-US", true), of("2", "us", "desk", "en-US", true)},
			fault:     `2 endpoints carry the mark of the model desk: "e-2" (2), "e-3" (3)`,
		},
		"only ones made by hand": {
			endpoints: []lifecycle.EndpointSeen{of("2", "", "", "en-US", true), of("1", "", "", "en-US", true)},
			fault:     `"e-1" (1), "e-2" (2)`,
		},
		"of another owner":                 {endpoints: []lifecycle.EndpointSeen{of("1", "them", "desk", "en-US", false)}},
		"of another locale":                {endpoints: []lifecycle.EndpointSeen{of("1", "us", "desk", "de-DE", true)}},
		"of another model, serves nothing": {endpoints: []lifecycle.EndpointSeen{of("1", "us", "field", "en-US", false)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, fault := lifecycle.FindEndpoint(c.endpoints, "desk", "en-US", "us")
			require.Equal(t, c.id, id)
			if c.fault == "" {
				require.Empty(t, fault)
			} else {
				require.Contains(t, fault, c.fault)
			}
		})
	}
}

func TestOvertaken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status, model string
		want          bool
	}{
		"what the run has seen":         {status: "Succeeded", model: "seen"},
		"what the run has set":          {status: "Succeeded", model: "set"},
		"a third":                       {status: "Succeeded", model: "third", want: true},
		"a third, which is on its way":  {status: "Running", model: "third", want: true},
		"a third, which serves nothing": {status: "Failed", model: "third"},
		"nothing":                       {status: "Succeeded"},
	} {
		require.Equal(t, c.want, lifecycle.Overtaken(c.status, c.model, []string{"seen", "set"}), name)
	}
}
