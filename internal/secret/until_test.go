package secret_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/secret"
)

func TestSignedUntil(t *testing.T) {
	t.Parallel()
	for u, want := range map[string]string{
		"https://a.example/c/f.txt?sv=2024&se=2026-12-01T00%3A00%3A00Z&sig=x": "2026-12-01T00:00:00Z",
		"https://a.example/f?se=2026-12-01T10:30Z&sig=x":                      "2026-12-01T10:30:00Z",
		"https://a.example/f?SE=2026-12-01&sig=x":                             "2026-12-01T00:00:00Z",
		"https://a.example/f?se=2026-12-01T02:00:00%2B02:00&sig=x":            "2026-12-01T00:00:00Z",
		"https://a.example/f?X-Amz-Date=20261128T000000Z&X-Amz-Expires=3600":  "2026-11-28T01:00:00Z",
		"https://a.example/f?X-Goog-Date=20261128T000000Z&X-Goog-Expires=60":  "2026-11-28T00:01:00Z",
		"https://a.example/f?se=tomorrow&sig=x":                               "",
		"https://a.example/f?X-Amz-Date=20261128T000000Z":                     "",
		"https://a.example/f": "",
		"::":                  "",
	} {
		until, ok := secret.SignedUntil(u)
		require.Equal(t, want != "", ok, u)
		if ok {
			require.Equal(t, want, until.Format(time.RFC3339), u)
		}
	}
	require.Equal(t, "a.example:8443", secret.Host("https://ann:pw@a.example:8443/f?sig=x"))
	require.Empty(t, secret.Host("::"))
}
