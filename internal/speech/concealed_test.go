package speech_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/speech"
)

// A service that repeats its key, its token or a URL that it was told is not repeated, whatever those look like.
func TestClientKeepsWhatItTells(t *testing.T) {
	t.Parallel()
	const (
		secret = "no-shape+of/a=key"
		link   = "https://reader:pass-word-1@data.example/shared/a-secret-place/x.txt?code=a%2Fcode"
	)
	told := strings.Join([]string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), link, "/shared/a-secret-place/x.txt", "code=a%2Fcode", "pass-word-1",
	}, " , ")
	body, err := json.Marshal(map[string]any{"code": secret, "message": told, "innerError": map[string]string{"code": "c" + secret, "message": told}})
	require.NoError(t, err)
	for name, config := range map[string]func(*speech.Config){
		"key":   func(c *speech.Config) { c.Key = secret },
		"token": func(c *speech.Config) { c.Key, c.Credential = "", &credential{token: secret} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, reply(400, string(body)), config)
			s.Client.ConcealURL(link)
			_, _, err := s.Client.ListModelLocales(t.Context())
			text := err.Error() + encode(t, serviceError(t, err)) + s.Client.Clean(told)
			for _, part := range []string{"no-shape", "pass-word", "a-secret-place", "a%2Fcode"} {
				require.NotContains(t, text, part)
			}
			require.Contains(t, text, "REDACTED")
		})
	}
}

// A word that is no secret stays, also where somebody has made it the emulator's key.
func TestShortKeyIsNoSecret(t *testing.T) {
	t.Parallel()
	s := setup(t, reply(400, `{"code":"InvalidLocale","message":"too many of any company"}`), func(c *speech.Config) { c.Key = "any" })
	_, _, err := s.Client.ListModelLocales(t.Context())
	require.ErrorContains(t, err, "too many of any company")
}

// Of the answer of who gives out tokens only what Entra itself says is told.
func TestTokenErrorQuotesNoAnswer(t *testing.T) {
	t.Parallel()
	for body, says := range map[string]string{
		`{"error":"invalid_client",` +
			`"error_description":"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: hunter2"}`: "" +
			"login.example answers 401 invalid_client: AADSTS7000215: Invalid client secret provided.",
		`{"error":"invalid_scope","error_description":"header hunter2","access_token":"hunter2"}`: "login.example answers 401 invalid_scope",
		`{"error":"hunter2 and more"}`: "login.example answers 401",
		`hunter2`:                      "login.example answers 401",
		``:                             "login.example answers 401",
	} {
		s := setup(t, reply(200, `[]`), func(c *speech.Config) {
			r := answer(http.StatusUnauthorized)
			r.Body = http.NoBody
			if body != "" {
				r.Body = stringBody(body)
			}
			c.Key, c.Credential = "", &credential{err: &azidentity.AuthenticationFailedError{RawResponse: r}}
		})
		_, _, err := s.Client.ListModelLocales(t.Context())
		require.ErrorContains(t, err, "no Entra token: "+says+";", body)
		require.NotContains(t, err.Error(), "hunter2")
		require.True(t, serviceError(t, err).Auth())
	}
}

// The URLs of a whole fleet are kept: an import fails hours after its URL was given, when hundreds of others have been since.
func TestTheURLsOfAFleetAreKept(t *testing.T) {
	t.Parallel()
	s := setup(t, reply(200, `[]`))
	link := func(i int) string {
		return fmt.Sprintf("https://data.example/shared/a-secret-place-%04d/x.txt?code=c0de%04d", i, i)
	}
	for i := range 1000 {
		s.Client.ConcealURL(link(i))
	}
	for i := range 1000 {
		told := s.Client.Clean(link(i) + " , " + strings.TrimPrefix(link(i), "https://data.example"))
		require.NotContains(t, told, "a-secret-place")
		require.NotContains(t, told, "c0de")
	}
}
