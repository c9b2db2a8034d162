package speech_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/speech"
)

const (
	west  = "https://westus.api.cognitive.microsoft.com/speechtotext"
	named = "9d5f4100-5f8f-4dc2-9f5b-5a8b3e7b6a41"
)

func TestReadName(t *testing.T) {
	t.Parallel()
	upper := strings.ToUpper(named)
	for name, c := range map[string]struct {
		text  string
		kinds []speech.Kind
		kind  speech.Kind
		id    string
		fault string
	}{
		"an ID":             {text: named, kinds: []speech.Kind{speech.KindEndpoint}, id: named},
		"an ID in capitals": {text: " " + upper + "\n", kinds: []speech.Kind{speech.KindEndpoint}, id: named},
		"a URL": {
			text:  west + "/endpoints/" + named + "?api-version=2025-10-15",
			kinds: []speech.Kind{speech.KindEndpoint}, kind: speech.KindEndpoint, id: named,
		},
		"a URL of another version": {
			text:  "http://h/speechtotext/v3.2/endpoints/" + upper,
			kinds: []speech.Kind{speech.KindEndpoint}, kind: speech.KindEndpoint, id: named,
		},
		"one of two kinds": {
			text: west + "/models/base/" + named, kinds: []speech.Kind{speech.KindBaseModel, speech.KindModel},
			kind: speech.KindBaseModel, id: named,
		},
		"the other of two kinds": {
			text: west + "/models/" + upper, kinds: []speech.Kind{speech.KindBaseModel, speech.KindModel},
			kind: speech.KindModel, id: named,
		},
		"a display name":              {text: "Support calls", kinds: []speech.Kind{speech.KindEndpoint}},
		"a display name with a slash": {text: "calls 2026/05", kinds: []speech.Kind{speech.KindDataset}},
		"almost an ID":                {text: named[1:], kinds: []speech.Kind{speech.KindEndpoint}},
		"an ID in braces":             {text: "{" + named + "}", kinds: []speech.Kind{speech.KindEndpoint}},
		"a URL of another kind":       {text: west + "/models/" + named, kinds: []speech.Kind{speech.KindBaseModel}, fault: "is not the URL of a base model"},
		"a URL of nothing":            {text: "https://h/x?sig=hunter2", kinds: []speech.Kind{speech.KindEndpoint}, fault: "is not the URL of an endpoint"},
		"a URL without its scheme": {
			text:  west[len("https://"):] + "/endpoints/" + named,
			kinds: []speech.Kind{speech.KindEndpoint}, fault: "is not the URL of an endpoint",
		},
		"neither": {
			text: west + "/models", kinds: []speech.Kind{speech.KindBaseModel, speech.KindModel},
			fault: "is not the URL of a base model or a custom model",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, err := speech.ReadName(c.text, c.kinds...)
			if c.fault != "" {
				require.EqualError(t, err, c.fault)
				require.False(t, n.Exact())
				return
			}
			require.NoError(t, err)
			require.Equal(t, speech.Name{Text: c.text, Kind: c.kind, ID: c.id}, n)
		})
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	endpoint := func(id, name string) speech.Endpoint {
		return speech.Endpoint{Object: speech.Object{Self: speech.LinkTo(west + "/endpoints/" + id + "?api-version=2025-10-15"), DisplayName: name}}
	}
	const other = "11111111-2222-4333-8444-555555555555"
	all := []speech.Endpoint{
		endpoint(other, "calls"), endpoint(strings.ToUpper(named), "calls"),
		endpoint("22222222-2222-4333-8444-555555555555", named), endpoint("33333333-2222-4333-8444-555555555555", "Calls"),
	}
	for text, want := range map[string][]string{
		named: {named}, strings.ToUpper(named): {named}, west + "/endpoints/" + named: {named}, west + "/endpoints/" + strings.ToUpper(other) + "?x=y": {other},
		"calls": {other, named}, "Calls": {"33333333-2222-4333-8444-555555555555"}, "CALLS": nil, "": nil,
		"44444444-2222-4333-8444-555555555555": nil,
	} {
		n, err := speech.ReadName(text, speech.KindEndpoint)
		require.NoError(t, err)
		var ids []string
		for _, e := range speech.Lookup(all, n) {
			ids = append(ids, e.ID())
		}
		require.Equal(t, want, ids, "%q", text)
	}
	// Without the object of that ID, a display name that looks like one still means what carries it; a URL never does.
	n, _ := speech.ReadName(named, speech.KindEndpoint)
	require.Len(t, speech.Lookup(all[2:], n), 1)
	n, _ = speech.ReadName(west+"/endpoints/"+named, speech.KindEndpoint)
	require.Empty(t, speech.Lookup(all[2:], n))
}
