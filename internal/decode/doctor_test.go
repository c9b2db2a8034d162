package decode_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/decode"
)

func TestDoctor(t *testing.T) {
	t.Parallel()
	const desk = `{"name": "desk", "locale": "en-US", "training": [{"dataset": "calls"}]}`
	for input, names := range map[string][]string{
		"": {}, "null": {}, " {} ": {}, desk: {"desk"}, `{"requests": [` + desk + `]}`: {"desk"},
	} {
		requests, problems := decode.Doctor([]byte(input))
		require.Empty(t, problems, input)
		found := []string{}
		for _, r := range requests {
			found = append(found, r.Name)
		}
		require.Equal(t, names, found, input)
	}
	for input, path := range map[string]string{
		`[]`: "", `{"requests": []}`: "requests", `{"requests": [` + desk + `], "more": 1}`: "requests",
		`{"requests": [` + desk + `, {"name": "x", "locale": "en-US", "training": [{"dataset": "a", "lang": 1}]}]}`: "requests[1].training[0].lang",
	} {
		_, problems := decode.Doctor([]byte(input))
		require.Len(t, problems, 1, input)
		require.Equal(t, path, problems[0].Path, input)
	}
}
