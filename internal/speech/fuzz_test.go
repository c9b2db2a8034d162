package speech

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-resty/resty/v2"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/web"
)

const fuzzKey = "k3y-of-the-resource"

func fuzzClient(t testing.TB) *Client {
	t.Helper()
	c, err := New(Config{Access: resource.Access{Endpoint: "https://calls.example", Key: fuzzKey}})
	require.NoError(t, err)
	return c
}

// Whatever a body says, the error is one clean line without the key, of at most one class.
func FuzzErrorEnvelope(f *testing.F) {
	c := fuzzClient(f)
	for _, body := range []string{
		`{"code":"InvalidRequest","message":"m","innerError":{"code":"InvalidBaseModel","message":"x"}}`,
		`{"error":{"code":"401","message":"Access denied"}}`, `{"error":"x"}`, `{"error":null,"code":1}`, `null`, ``, `[]`, `"x"`, `{"code":{}}`,
		"<html><title>502\r\n" + fuzzKey + "</title>", `{"message":"\u0000\u202e\ud800"}`,
		`{"message":"https://a.example/?sig=x"}`, strings.Repeat(`{"innerError":`, 50),
	} {
		for _, status := range []int{302, 400, 401, 404, 429, 503} {
			f.Add(status, body)
		}
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 300 || status > 599 {
			t.Skip()
		}
		response := (&resty.Response{RawResponse: &http.Response{StatusCode: status, Header: http.Header{}}}).SetBody([]byte(body))
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			e := c.statusError(call{operation: "get model", object: "x", method: method}, response, Meta{})
			text := e.Error()
			require.NotContains(t, text, fuzzKey)
			require.True(t, utf8.ValidString(text))
			require.False(t, strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }), "%q", text)
			require.Less(t, utf8.RuneCountInString(text), 3*maxMessage+300)
			classes := 0
			for _, is := range []bool{e.Transient(), e.NotFound(), e.Throttled(), e.Auth()} {
				if is {
					classes++
				}
			}
			require.LessOrEqual(t, classes, 1)
			require.False(t, e.Unanswered && method == http.MethodGet)
		}
	})
}

// A next link is followed to the resource's own host or not at all.
func FuzzNextLink(f *testing.F) {
	c := fuzzClient(f)
	for _, link := range []string{
		"https://calls.example/speechtotext/models?skip=1", "https://calls.example:443/speechtotext/models", "https://calls.example.evil.example/speechtotext/x",
		"https://calls.example@evil.example/speechtotext/x", "//evil.example/speechtotext/x",
		`https://calls.example\@evil.example/speechtotext/x`, "https:calls.example/speechtotext/x",
		"https://calls.example:8443/speechtotext/x", "https://CALLS.example/speechtotext/x#f", "http://calls.example/speechtotext/x", "",
	} {
		f.Add(link)
	}
	f.Fuzz(func(t *testing.T, link string) {
		u, err := c.next(call{operation: "list models", method: http.MethodGet}, link, c.url("/models", nil))
		if err != nil {
			return
		}
		r, err := http.NewRequest(http.MethodGet, u.String(), nil)
		require.NoError(t, err)
		require.Equal(t, "https", r.URL.Scheme)
		require.Contains(t, []string{"calls.example", "calls.example:443"}, strings.ToLower(r.URL.Host))
		require.Nil(t, r.URL.User)
	})
}

// Whatever the headers say, the wait is between nothing and an hour, and there is a time.
func FuzzHeaders(f *testing.F) {
	c := fuzzClient(f)
	for _, pair := range [][2]string{
		{"Sun, 04 May 2031 03:02:01 GMT", "7"},
		{"", "Sun, 04 May 2031 03:02:01 GMT"},
		{"Sunday, 04-May-31 03:02:01 GMT", "-1"},
		{"Sun May  4 03:02:01 2031", "9223372036854775808"},
		{"today", "1e3"},
		{"Thu, 01 Jan 0000 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, date, retry string) {
		m := c.meta(http.Header{"Date": {date}, "Retry-After": {retry}})
		require.False(t, m.LocalClock && time.Since(m.ObservedAt) > time.Minute)
		require.Equal(t, time.UTC, m.ObservedAt.Location())
		require.GreaterOrEqual(t, m.RetryAfter, time.Duration(0))
		require.LessOrEqual(t, m.RetryAfter, web.MaxRetryAfter)
		require.True(t, m.HasRetryAfter || m.RetryAfter == 0)
	})
}

// What is decoded as an object has an ID, and dates survive our own JSON.
func FuzzObject(f *testing.F) {
	c := fuzzClient(f)
	f.Add(`{"self":"https://a.example/speechtotext/models/x","createdDateTime":"2031-05-01T00:00:00Z",` +
		`"properties":{"deprecationDates":{"transcriptionDateTime":"2031-05-01T00:00:00.1234567+02:00"}}}`)
	f.Add(`{"self":"https://a.example/speechtotext/models/base/x"}`)
	f.Add(`{"self":"x","createdDateTime":""}`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, body string) {
		m, err := decodeObject[CustomModel](c, call{operation: "get model", method: http.MethodGet}, KindModel, answer{body: []byte(body)})
		if err != nil {
			return
		}
		require.NotEmpty(t, m.ID())
		require.True(t, c.Ref(KindModel, m.ID()).Is(KindModel, m.ID()))
		again, err := json.Marshal(m)
		require.NoError(t, err, "what is read can be written into a history")
		back, err := decodeObject[CustomModel](c, call{operation: "get model", method: http.MethodGet}, KindModel, answer{body: again})
		require.NoError(t, err)
		require.Equal(t, m.ID(), back.ID())
		require.Equal(t, len(m.Datasets), len(back.Datasets))
	})
}

func BenchmarkDecodeList(b *testing.B) {
	c := fuzzClient(b)
	var body strings.Builder
	body.WriteString(`{"values":[`)
	for i := range 1000 {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"self":"https://calls.example/speechtotext/models/%08d-0000-4000-8000-000000000000?api-version=2025-10-15",
			"displayName":"calls %d","locale":"en-US",
			"status":"Succeeded","createdDateTime":"2031-05-01T00:00:00Z","lastActionDateTime":"2031-05-02T00:00:00Z",
			"customProperties":{"sr.owner":"ops","sr.model":"calls"},
			"properties":{"deprecationDates":{"transcriptionDateTime":"2033-07-15T00:00:00Z"}}}`, i, i)
	}
	body.WriteString(`]}`)
	a := answer{body: []byte(body.String())}
	b.SetBytes(int64(len(a.body)))
	for b.Loop() {
		var p page[CustomModel]
		if err := c.decode(call{}, a, &p); err != nil {
			b.Fatal(err)
		}
	}
}
