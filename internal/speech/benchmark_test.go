package speech_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/speech"
)

// A full resource: what a listing of its models costs this process, with the ID of each asked for as often as a look at
// the resource does.
func BenchmarkDecodeModels(b *testing.B) {
	const models, asked = 10_000, 10
	const host = "https://westeurope.api.cognitive.microsoft.com/speechtotext"
	type body map[string]any
	link := func(path, id string) body {
		return body{"self": host + "/" + path + "/" + id + "?api-version=2025-10-15"}
	}
	all := make([]body, 0, models)
	for i := range models {
		id := fmt.Sprintf("%08X-0000-4000-8000-000000000000", i)
		m := link("models", id)
		m["baseModel"], m["datasets"] = link("models/base", id1), []body{link("datasets", id2), link("datasets", id)}
		m["displayName"], m["locale"], m["status"] = fmt.Sprintf("calls %d", i), "en-US", "Succeeded"
		m["createdDateTime"], m["lastActionDateTime"] = "2031-05-01T00:00:00Z", "2031-05-02T00:00:00Z"
		m["customProperties"] = body{"sr.owner": "ops", "sr.model": "calls", "sr.run": "test/" + id, "sr.state": "retired"}
		all = append(all, m)
	}
	raw, err := json.Marshal(all)
	require.NoError(b, err)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		var decoded []speech.CustomModel
		require.NoError(b, json.Unmarshal(raw, &decoded))
		letters := 0
		for range asked {
			for _, m := range decoded {
				letters += len(m.ID())
			}
		}
		require.Equal(b, asked*models*len(id1), letters)
	}
}
