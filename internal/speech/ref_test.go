package speech_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

func TestParseRef(t *testing.T) {
	t.Parallel()
	const host = "https://westus.api.cognitive.microsoft.com"
	tests := map[string]struct {
		url  string
		kind speech.Kind
		id   string
	}{
		"model":               {host + "/speechtotext/models/" + id1 + "?api-version=2025-10-15", speech.KindModel, id1},
		"base model":          {host + "/speechtotext/models/base/" + id1 + "?api-version=2025-10-15", speech.KindBaseModel, id1},
		"dataset":             {host + "/speechtotext/datasets/" + id1, speech.KindDataset, id1},
		"evaluation":          {host + "/speechtotext/evaluations/" + id1, speech.KindEvaluation, id1},
		"endpoint":            {host + "/speechtotext/endpoints/" + id1, speech.KindEndpoint, id1},
		"project":             {host + "/speechtotext/projects/" + id1, speech.KindProject, id1},
		"operation":           {host + "/speechtotext/operations/models/copy/" + id1, speech.KindOperation, id1},
		"web hook":            {host + "/speechtotext/webhooks/" + id1, speech.KindWebHook, id1},
		"version in the path": {host + "/speechtotext/v3.2/models/" + id1, speech.KindModel, id1},
		"preview version":     {host + "/speechtotext/v3.2-preview.2/models/base/" + id1, speech.KindBaseModel, id1},
		"port and slash":      {"http://127.0.0.1:8090/speechtotext/models/" + id1 + "/", speech.KindModel, id1},
		"the list":            {host + "/speechtotext/models", "", ""},
		"the base models":     {host + "/speechtotext/models/base", "", ""},
		"the locales":         {host + "/speechtotext/models/locales", "", ""},
		"files":               {host + "/speechtotext/datasets/" + id1 + "/files", "", ""},
		"a file":              {host + "/speechtotext/datasets/" + id1 + "/files/" + id2, "", ""},
		"an action":           {host + "/speechtotext/models/" + id1 + ":copy", "", ""},
		"official slip":       {host + "/speechtotext/datasets/" + id1 + "?api-version=2025-10-15/files?api-version=2025-10-15", speech.KindDataset, id1},
		"another path":        {"https://blob.example/models/" + id1, "", ""},
		"no host":             {"/speechtotext/models/" + id1, "", ""},
		"a bare ID":           {id1, "", ""},
		"small letters":       {host + "/speechtotext/models/AAAAAAAA-0000-4000-8000-000000000000", speech.KindModel, "aaaaaaaa-0000-4000-8000-000000000000"},
		"a word":              {host + "/speechtotext/models/a_-" + strings.Repeat("b", 61), speech.KindModel, "a_-" + strings.Repeat("b", 61)},
		"a long word":         {host + "/speechtotext/models/" + strings.Repeat("b", 65), "", ""},
		"begins with a sign":  {host + "/speechtotext/models/-b", "", ""},
		"another letter":      {host + "/speechtotext/models/b%C3%A9", "", ""},
		"reserved":            {host + "/speechtotext/models/Base", "", ""},
		"nothing":             {"", "", ""},
		"no URL":              {"http://[::1", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind, id, err := speech.ParseRef(tt.url)
			require.Equal(t, tt.kind, kind)
			require.Equal(t, tt.id, id)
			require.Equal(t, tt.kind == "", err != nil, "%v", err)
			made := speech.Ref{Self: speech.LinkTo(tt.url)}
			require.Equal(t, tt.id, made.ID())
			require.Equal(t, tt.kind, made.Kind())
			body, err := json.Marshal(made)
			require.NoError(t, err)
			decoded := speech.Ref{Self: speech.LinkTo("https://a.example/speechtotext/projects/" + id2)}
			require.NoError(t, json.Unmarshal(body, &decoded))
			require.Equal(t, made, decoded)
			require.Equal(t, tt.url, decoded.Self.String())
		})
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	to := func(url string) speech.Ref { return speech.Ref{Self: speech.LinkTo(url)} }
	a := to("https://westus.api.cognitive.microsoft.com/speechtotext/models/AAAAAAAA-0000-4000-8000-000000000000?api-version=2024-11-15")
	b := to("https://calls.cognitiveservices.azure.com/speechtotext/models/aaaaaaaa-0000-4000-8000-000000000000?api-version=2025-10-15")
	base := to("https://calls.cognitiveservices.azure.com/speechtotext/models/base/aaaaaaaa-0000-4000-8000-000000000000")
	require.True(t, speech.Same(a, b))
	require.False(t, speech.Same(a, base), "a base model is not the custom model of that ID")
	require.False(t, speech.Same(speech.Ref{}, speech.Ref{}))
	require.True(t, a.Is(speech.KindModel, b.ID()))
}

func TestClientRef(t *testing.T) {
	t.Parallel()
	c, err := speech.New(speech.Config{Access: resource.Access{Endpoint: "https://calls.cognitiveservices.azure.com/speechtotext/", Key: testKey}})
	require.NoError(t, err)
	for _, kind := range []speech.Kind{
		speech.KindDataset, speech.KindModel, speech.KindBaseModel, speech.KindEvaluation,
		speech.KindEndpoint, speech.KindProject, speech.KindOperation, speech.KindWebHook,
	} {
		require.True(t, c.Ref(kind, id1).Is(kind, id1), kind)
	}
	require.Equal(t, "https://calls.cognitiveservices.azure.com/speechtotext/models/base/"+id1+"?api-version=2025-10-15",
		c.Ref(speech.KindBaseModel, id1).Self.String())
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	require.True(t, speech.StatusSucceeded.Terminal())
	require.True(t, speech.StatusFailed.Terminal())
	require.False(t, speech.StatusNotStarted.Terminal())
	require.False(t, speech.StatusRunning.Terminal())
	require.False(t, speech.Status("Paused").Terminal())
	require.False(t, speech.Status("").Terminal())
}
