package activities

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// A listing is not asked about kinds that it does not hold: nothing would seem to serve, to be tested or to be used.
func TestAListingAnswersOnlyWhatItKnows(t *testing.T) {
	t.Parallel()
	l := (&listing{kinds: []speech.Kind{speech.KindModel}})
	l.indexVersions()
	require.Empty(t, l.versionsOf(Scope{}))
	for name, ask := range map[string]func(){
		"in use":        func() { l.inUse("v") },
		"served":        func() { l.served(HealInput{Endpoint: "Desk"}, "en-US") },
		"own endpoint":  func() { l.ownEndpoint("desk", "en-US", nil) },
		"its endpoint":  func() { l.endpointOf(Scope{}, lifecycle.Deploy{Endpoint: "Desk"}) },
		"measured":      func() { l.measured(speech.CustomModel{}) },
		"unended":       func() { l.unended("v") },
		"tests":         func() { l.testsOf(lifecycle.Version{}) },
		"evaluations":   func() { l.evaluationsOf(Scope{}) },
		"datasets":      func() { l.datasetsIn("en-US") },
		"made by a run": func() { l.byRunIn("en-US") },
		"a reference":   func() { l.reference(lifecycle.Data{}, "en-US", &lifecycle.ObservedData{}) },
		"projects":      func() { l.projectsUsed() },
	} {
		require.Panics(t, ask, name)
	}
	l = &listing{kinds: []speech.Kind{speech.KindEndpoint}}
	require.Panics(t, func() { l.versionsOf(Scope{}) })
	require.Panics(t, func() { l.foreignIn("en-US") })
}
