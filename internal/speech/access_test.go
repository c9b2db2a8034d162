package speech_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"speech-retrainer/internal/speech"
)

// What the last answer said of the key is known without another request, until an answer says otherwise.
func TestRefused(t *testing.T) {
	t.Parallel()
	status, body := 0, ""
	core, logs := observer.New(zapcore.ErrorLevel)
	s := setup(t, func(w http.ResponseWriter, r *http.Request) { reply(status, body)(w, r) }, func(c *speech.Config) { c.Logger = zap.New(core) })
	call := func(code int, text string) {
		status, body = code, text
		_, _, _ = s.Client.ListModelLocales(t.Context())
	}
	require.Empty(t, s.Client.Refused(), "nothing was asked yet")
	denied := `{"error":{"code":"401","message":"Access denied for key ` + testKey + `"}}`
	call(401, denied)
	require.Contains(t, s.Client.Refused(), "refuses the key (401 Unauthorized): check SPEECH_KEY (or SPEECH_KEY_FILE)")
	require.NotContains(t, s.Client.Refused(), testKey)
	require.Len(t, s.sent(), 1, "asking costs no request")
	call(401, denied)
	require.Equal(t, 1, logs.Len(), "said once, at once, not only where /readyz is asked")
	require.Equal(t, "not ready: "+s.Client.Refused(), logs.All()[0].Message)
	call(200, `["en-US"]`)
	require.Empty(t, s.Client.Refused(), "a good answer clears it")
	call(403, `{"code":"Forbidden","message":"no"}`)
	require.Contains(t, s.Client.Refused(), "403 Forbidden")
	call(404, `{"code":"NotFound","message":"no such thing"}`)
	require.Empty(t, s.Client.Refused(), "so does any other answer of the service")
	call(403, `{"code":"Forbidden","message":"full","innerError":{"code":"QuotaViolation","message":"500 datasets"}}`)
	require.Empty(t, s.Client.Refused(), "a quota is no matter of the key")
	call(401, denied)
	call(404, `<html><title>Not here</title></html>`)
	require.NotEmpty(t, s.Client.Refused(), "a page of somebody else says nothing of the key")
	s.CloseClientConnections()
	s.Close()
	_, _, err := s.Client.ListModelLocales(t.Context())
	require.Error(t, err)
	require.NotEmpty(t, s.Client.Refused(), "no answer says nothing of the key")
}

func TestRefusedToken(t *testing.T) {
	t.Parallel()
	cred := &credential{}
	s := setup(t, reply(403, `{"code":"Forbidden","message":"no"}`), func(c *speech.Config) { c.Key, c.Credential = "", cred })
	_, _, err := s.Client.ListModelLocales(t.Context())
	require.Error(t, err)
	require.Contains(t, s.Client.Refused(), "refuses the token (403 Forbidden): the worker's Entra identity needs the role Cognitive Services Speech Contributor")
	cred.err = finalError{errors.New("no identity")}
	_, _, err = s.Client.ListModelLocales(t.Context())
	require.Error(t, err)
	require.Contains(t, s.Client.Refused(), "no Entra token is to be had")
	require.NotContains(t, s.Client.Refused(), "t0k3n")
}
