package speech_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"speech-retrainer/internal/speech"
)

// credential is an injected Entra credential.
type credential struct {
	token  string
	err    error
	scopes []string
}

func (c *credential) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	c.scopes = append(c.scopes, o.Scopes...)
	return azcore.AccessToken{Token: cmp.Or(c.token, "t0k3n"), ExpiresOn: time.Now().Add(time.Hour)}, c.err
}

func TestEntra(t *testing.T) {
	t.Parallel()
	for name, scope := range map[string]string{"the default scope": "", "another scope": "https://cognitiveservices.azure.us/.default"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cred := &credential{}
			s := setup(t, reply(200, `["en-US"]`), func(c *speech.Config) { c.Key, c.Credential, c.TokenScope = "", cred, scope })
			_, _, err := s.Client.ListModelLocales(t.Context())
			require.NoError(t, err)
			require.Equal(t, "Bearer t0k3n", s.sent()[0].Header.Get("Authorization"))
			require.Empty(t, s.sent()[0].Header.Get("Ocp-Apim-Subscription-Key"))
			if scope == "" {
				scope = "https://cognitiveservices.azure.com/.default"
			}
			require.Equal(t, []string{scope}, cred.scopes)
		})
	}
}

type finalError struct{ error }

func (finalError) NonRetriable() {}

func TestNoToken(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  error
		auth bool
	}{
		"Entra refuses":       {&azidentity.AuthenticationFailedError{RawResponse: answer(http.StatusUnauthorized)}, true},
		"Entra is overloaded": {&azidentity.AuthenticationFailedError{RawResponse: answer(http.StatusTooManyRequests)}, false},
		"Entra is broken":     {&azidentity.AuthenticationFailedError{RawResponse: answer(http.StatusBadGateway)}, false},
		"Entra is away":       {&azidentity.AuthenticationFailedError{}, false},
		"no identity at all":  {finalError{errors.New("no identity, sig=1")}, true},
		"something else":      {errors.New("connection refused, https://a.example/?token=s3cr3t"), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, reply(200, `[]`), func(c *speech.Config) { c.Key, c.Credential = "", &credential{err: tt.err} })
			_, _, err := s.Client.CreateModel(t.Context(), speech.NewModel{DisplayName: "x", Locale: "en-US"})
			e := serviceError(t, err)
			require.ErrorContains(t, err, `create model "x": no Entra token`)
			require.Equal(t, tt.auth, e.Auth())
			require.Equal(t, !tt.auth, e.Transient())
			require.False(t, e.Unanswered)
			require.NotContains(t, err.Error(), "s3cr3t")
			require.Empty(t, s.sent())
		})
	}
}

func answer(status int) *http.Response {
	return &http.Response{StatusCode: status, Body: http.NoBody, Request: httptest.NewRequest(http.MethodPost, "https://login.example/token", nil)}
}

func stringBody(body string) io.ReadCloser { return io.NopCloser(strings.NewReader(body)) }

func TestLogHasNoSecrets(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zapcore.DebugLevel)
	s := setup(t, reply(201, `{}`), func(c *speech.Config) { c.Logger = zap.New(core) })
	_, _, err := s.Client.CreateDataset(t.Context(),
		speech.NewDataset{DisplayName: "x", Locale: "en-US", Kind: "Language", ContentURL: "https://b.example/x?sig=s3cr3t"})
	require.Error(t, err)
	require.Equal(t, 1, logs.Len())
	fields := logs.All()[0].ContextMap()
	require.Equal(t, "create dataset", fields["operation"])
	require.EqualValues(t, 201, fields["status"])
	text := encode(t, fields) + logs.All()[0].Message + err.Error()
	require.NotContains(t, text, "s3cr3t")
	require.NotContains(t, text, testKey)
}
