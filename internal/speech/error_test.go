package speech_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

func TestErrorEnvelopes(t *testing.T) {
	t.Parallel()
	type class struct{ transient, notFound, throttled, auth bool }
	tests := map[string]struct {
		status            int
		body              string
		want              class
		code, inner, text string
	}{
		"the service's own": {
			400, `{"code":"InvalidRequest","message":"The base model isn't valid for this operation.","innerError":{"code":"InvalidBaseModel","message":"Deprecated."}}`,
			class{},
			"InvalidRequest", "InvalidBaseModel", "The base model isn't valid for this operation. Deprecated.",
		},
		"nulls as seen live": {
			400, `{"code":"InvalidRequest","message":"m",` +
				`"innerError":{"code":"InvalidPayload","message":"m","details":null,"target":null,"innerError":null},"details":null,"target":null}`,
			class{},
			"InvalidRequest", "InvalidPayload", "m",
		},
		"three deep": {400, `{"code":"A","innerError":{"code":"B","innerError":{"code":"C","message":"why"}}}`, class{}, "A", "C", "why"},
		"the gateway's": {
			401, `{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint."}}`,
			class{auth: true},
			"401", "", "Access denied due to invalid subscription key or wrong API endpoint.",
		},
		"wrapped, code is a number": {403, `{"error":{"code":403,"message":"Out of call volume quota."}}`, class{auth: true}, "403", "", "Out of call volume quota."},
		"forbidden": {
			403, `{"code":"Forbidden","message":"No permission to access this resource."}`,
			class{auth: true},
			"Forbidden", "", "No permission to access this resource.",
		},
		"not found": {
			404, `{"code":"NotFound","message":"The specified entity cannot be found."}`,
			class{notFound: true},
			"NotFound", "", "The specified entity cannot be found.",
		},
		"wrapped not found": {404, `{"error":{"code":"NotFound","message":"m"}}`, class{notFound: true}, "NotFound", "", "m"},
		"no such API":       {404, `{"error":{"code":"404","message":"Resource not found"}}`, class{}, "404", "", "Resource not found"},
		"a proxy's not found": {
			404, `<html><head><title>404 Not Found</title></head></html>`,
			class{transient: true},
			"", "", `the answer 404 is not one of the Speech service: a page of HTML, "404 Not Found"`,
		},
		"empty not found": {404, ``, class{transient: true}, "", "", "the answer 404 is not one of the Speech service: an empty body"},
		"throttled": {
			429, `{"code":"TooManyRequests","message":"The rate limit has been reached."}`,
			class{throttled: true},
			"TooManyRequests", "", "The rate limit has been reached.",
		},
		"throttled by a page": {429, `<!DOCTYPE html><title>Slow
 down</title>`, class{throttled: true}, "", "", `a page of HTML, "Slow down"`},
		"full, as haste": {
			429, `{"code":"TooManyRequests","innerError":{"code":"QuotaViolation","message":"full"}}`,
			class{},
			"TooManyRequests", "QuotaViolation", "",
		},
		"in use, as a role": {403, `{"code":"Forbidden","innerError":{"code":"InUseViolation","message":"used"}}`, class{}, "Forbidden", "InUseViolation", ""},
		"busy, as away":     {503, `{"code":"EndpointNotUpdatable","message":"m"}`, class{}, "EndpointNotUpdatable", "", "m"},
		"timeout":           {408, ``, class{transient: true}, "", "", "an empty body"},
		"server":            {500, `{"code":"InternalServerError","message":"x"}`, class{transient: true}, "InternalServerError", "", "x"},
		"bad gateway":       {502, `<html><body>` + strings.Repeat("x", 100) + `</body></html>`, class{transient: true}, "", "", "a page of HTML"},
		"unavailable":       {503, `not even close`, class{transient: true}, "", "", "14 bytes of application/json"},
		"a list":            {503, `[1]`, class{transient: true}, "", "", "3 bytes of application/json"},
		"unknown status":    {599, `{}`, class{transient: true}, "", "", "2 bytes of application/json"},
		"wrong types":       {400, `{"code":{"a":1},"message":"m","innerError":"x"}`, class{}, "", "", "m"},
		"forged log lines":  {400, `{"code":"A\nB","message":"one\r\ntwo\u0000\u001b[31m\u202e three"}`, class{}, "A B", "", "one  two[31m three"},
		"signed URL inside": {
			400, `{"code":"A","message":"cannot read https://b.example/x?sig=s3cr3t&se=s3cr3t"}`,
			class{},
			"A", "", "cannot read https://b.example/x?sig=REDACTED&se=REDACTED",
		},
		"our key inside": {401, `{"code":"A","message":"bad key s3cr3t key"}`, class{auth: true}, "A", "", "bad key REDACTED"},
		"very long":      {400, `{"code":"A","message":"` + strings.Repeat("é", 5000) + `"}`, class{}, "A", "", strings.Repeat("é", 600) + "…"},
		"very deep": {
			400, `{"code":"A","message":"m","innerError":` + strings.Repeat(`{"innerError":`, 9000) + `{}` + strings.Repeat("}", 9001),
			class{},
			"A", "", "m",
		},
		"too deep":       {400, strings.Repeat(`{"innerError":`, 20000) + `{}` + strings.Repeat("}", 20000), class{transient: true}, "", "", ""},
		"an odd success": {302, ``, class{}, "", "", "the service redirects to another place; redirects are not followed, check SPEECH_ENDPOINT"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, reply(tt.status, tt.body), func(c *speech.Config) { c.Key = "s3cr3t key" })
			_, _, err := s.Client.GetModel(t.Context(), id1)
			e := serviceError(t, err)
			require.Equal(t, tt.want, class{e.Transient(), e.NotFound(), e.Throttled(), e.Auth()}, "%v", err)
			require.Equal(t, tt.code, e.Code)
			require.Equal(t, tt.inner, e.InnerCode)
			if tt.text != "" {
				require.Equal(t, tt.text, e.Message)
			}
			require.Equal(t, serviceNow, e.ObservedAt)
			require.Equal(t, id1, e.Object)
			require.NotContains(t, err.Error(), "s3cr3t")
			require.False(t, e.Unanswered, "reading changes nothing")
			require.Len(t, s.sent(), 1, "nothing is tried twice")
		})
	}
}

// Each kind of failure, as an operator reads it.
func TestErrorText(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  *speech.Error
		want string
	}{
		"auth": {
			&speech.Error{Operation: "get model", Object: id1, Status: 401, Code: "Unauthorized", Message: "Authentication is required."},
			`get model "` + id1 + `": 401 Unauthorized: Unauthorized: Authentication is required.; ` +
				`check that SPEECH_KEY (or the Entra identity and its role) belongs to the resource of SPEECH_ENDPOINT or SPEECH_REGION`,
		},
		"throttled": {
			&speech.Error{Operation: "list models", Status: 429, RetryAfter: 7 * time.Second, HasRetryAfter: true, Asked: "7"},
			`list models: 429 Too Many Requests; the service asked to wait 7s (Retry-After: 7)`,
		},
		"asked for an hour": {
			&speech.Error{Operation: "list models", Status: 503, RetryAfter: time.Hour, HasRetryAfter: true, Asked: "3600"},
			`list models: 503 Service Unavailable; the service asked to wait 1h (Retry-After: 3600)`,
		},
		"no reason": {
			&speech.Error{Operation: "get model", Object: "x", Status: 400, Code: "InvalidRequest"},
			`get model "x": 400 Bad Request: InvalidRequest: the service gives no reason`,
		},
		"unanswered": {
			&speech.Error{Operation: "create model", Object: "x", Err: errors.New("EOF\nx"), Unanswered: true},
			`create model "x": EOF x; it may have taken effect all the same`,
		},
		"nothing": {&speech.Error{Operation: "create model"}, `create model: no answer`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.EqualError(t, tt.err, tt.want)
		})
	}
}

// A create without a valid answer may have been done; a refusal has not.
func TestUnanswered(t *testing.T) {
	t.Parallel()
	const good = `{"self":"https://a.example/speechtotext/models/` + id1 + `","displayName":"x","locale":"en-US"}`
	hangUp := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}
	cut := func(w http.ResponseWriter, r *http.Request) {
		reply(http.StatusCreated, good[:20], "Content-Length", fmt.Sprint(len(good)))(w, r)
	}
	tests := map[string]struct {
		handler               http.HandlerFunc
		unanswered, transient bool
	}{
		"hung up":       {hangUp, true, true},
		"cut":           {cut, true, true},
		"half a JSON":   {reply(201, good[:40]), true, true},
		"HTML":          {reply(201, `<html>`), true, true},
		"empty":         {reply(201, ``), true, true},
		"without self":  {reply(201, `{"displayName":"x"}`), true, true},
		"another kind":  {reply(201, strings.ReplaceAll(good, "models", "datasets")), true, true},
		"500":           {reply(500, `{"code":"InternalServerError"}`), true, true},
		"504":           {reply(504, ``), true, true},
		"408":           {reply(408, ``), true, true},
		"a proxy's 404": {reply(404, `<html>`), true, true},
		"429":           {reply(429, `{"code":"TooManyRequests"}`), false, false},
		"400":           {reply(400, `{"code":"InvalidRequest"}`), false, false},
		"401":           {reply(401, `{"code":"Unauthorized"}`), false, false},
		"307":           {reply(307, ``, "Location", "https://evil.example/x?sig=s3cr3t"), false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, tt.handler)
			_, _, err := s.Client.CreateModel(t.Context(), speech.NewModel{DisplayName: "x", Locale: "en-US"})
			e := serviceError(t, err)
			require.Equal(t, tt.unanswered, e.Unanswered, "%v", err)
			require.Equal(t, tt.transient, e.Transient(), "%v", err)
			require.NotContains(t, err.Error(), "s3cr3t")
			require.Len(t, s.sent(), 1, "nothing is tried twice")
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	client, err := speech.New(speech.Config{Access: resource.Access{Endpoint: "http://" + address, Key: testKey}})
	require.NoError(t, err)
	_, _, err = client.CreateModel(t.Context(), speech.NewModel{DisplayName: "x", Locale: "en-US"})
	e := serviceError(t, err)
	require.True(t, e.Transient())
	require.False(t, e.Unanswered, "nothing was sent")
	require.ErrorContains(t, err, `create model "x": no answer from `+address)
	require.ErrorContains(t, err, "connection refused")
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	hang := func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	s := setup(t, hang, func(c *speech.Config) { c.Timeout = 2 * time.Second }) // long enough to connect on a busy machine
	_, _, err := s.Client.CreateModel(t.Context(), speech.NewModel{DisplayName: "x", Locale: "en-US"})
	e := serviceError(t, err)
	require.True(t, e.Transient())
	require.True(t, e.Unanswered)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "no answer within 2s")
}

func TestCancel(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	s := setup(t, func(w http.ResponseWriter, r *http.Request) { close(arrived); <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, _, err := s.Client.CreateModel(ctx, speech.NewModel{DisplayName: "x", Locale: "en-US"})
	e := serviceError(t, err)
	require.ErrorIs(t, err, context.Canceled)
	require.True(t, e.Unanswered)
	require.False(t, e.Transient(), "the caller gave up")
	_, _, err = s.Client.GetModel(ctx, id1)
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, s.sent(), 1)
}

func TestAnswerTooLarge(t *testing.T) {
	t.Parallel()
	s := setup(t, reply(200, `{"values":[`+strings.Repeat(" ", 2000)+`]}`), func(c *speech.Config) { c.MaxResponseBytes = 1000 })
	_, _, err := s.Client.ListModels(t.Context(), speech.Filter{})
	require.ErrorContains(t, err, "list models: the answer is larger than 1000 bytes")
	require.False(t, serviceError(t, err).Transient())
}

func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	other := setup(t, reply(http.StatusOK, `{"values":[]}`))
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := setup(t, reply(status, ``, "Location", other.URL+"/speechtotext/models"))
		_, _, err := s.Client.ListModels(t.Context(), speech.Filter{})
		require.ErrorContains(t, err, "the service redirects to "+other.Client.Resource())
		require.False(t, serviceError(t, err).Transient())
	}
	require.Empty(t, other.sent(), "no key goes to another host")
}

func TestAnswerForAnotherObject(t *testing.T) {
	t.Parallel()
	var s *service
	s = setup(t, func(w http.ResponseWriter, r *http.Request) { reply(200, encode(t, modelJSON(s.URL, id2, "x")))(w, r) })
	_, _, err := s.Client.GetModel(t.Context(), id1)
	require.ErrorContains(t, err, "about another model, "+id2)
}
