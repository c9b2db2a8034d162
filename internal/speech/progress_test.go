package speech_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

func TestOnAnswer(t *testing.T) {
	t.Parallel()
	var s *service
	s = setup(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("skip") {
		case "":
			reply(200, fmt.Sprintf(`{"values":[],"@nextLink":"%s/speechtotext/models?skip=1&api-version=2025-10-15"}`, s.URL))(w, r)
		default:
			reply(503, ``)(w, r)
		}
	})
	answers := 0
	_, _, err := s.Client.ListModels(speech.OnAnswer(t.Context(), func() { answers++ }), speech.Filter{})
	require.True(t, serviceError(t, err).Transient())
	require.Equal(t, 2, answers, "each page, and the failure too")
	require.Equal(t, "a b", speech.Clean("a\nb\u202e"))
}

func TestConfigShowsNoKey(t *testing.T) {
	t.Parallel()
	cfg := speech.Config{Access: resource.Access{Endpoint: "https://u:s3cr3t@calls.example", Key: "s3cr3t"}}
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", cfg, cfg, cfg, cfg), fmt.Sprintf("%v", &cfg), fmt.Sprint([]any{cfg})} {
		require.NotContains(t, text, "s3cr3t")
		require.Contains(t, text, "calls.example")
	}
}
