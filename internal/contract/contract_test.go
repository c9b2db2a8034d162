package contract_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/contract"
)

const (
	id      = "0b0d0e0f-1111-4222-8333-444455556666"
	version = "?api-version=2025-10-15"
	dataset = `{"displayName":"d","locale":"en-US","kind":"Language","contentUrl":"https://h/x"}`
	model   = `{"self":"https://h/speechtotext/models/` + id + `?api-version=2025-10-15","displayName":"m","locale":"en-US",` +
		`"createdDateTime":"2026-01-02T03:04:05Z","status":"Running","customProperties":{"sr.owner":"x"},` +
		`"baseModel":{"self":"https://h/speechtotext/models/base/` + id + `"},"datasets":[],` +
		`"properties":{"deprecationDates":{"transcriptionDateTime":"2027-04-15T00:00:00Z"},"features":{"supportsEndpoints":true}}}`
)

// checker is shared, for reading the document takes longer than any check.
var checker = sync.OnceValues(contract.New)

type exchange struct {
	method, url, body, contentType string
	noKey                          bool
	status                         int
	respType, resp                 string
	header                         http.Header
}

func check(t *testing.T, e exchange) []contract.Violation {
	t.Helper()
	c, err := checker()
	require.NoError(t, err)
	url := e.url
	if !strings.Contains(url, "://") {
		url = "https://westeurope.api.cognitive.microsoft.com" + url
	}
	req, err := http.NewRequestWithContext(t.Context(), e.method, url, strings.NewReader(e.body))
	require.NoError(t, err)
	if e.body != "" && e.contentType == "" {
		e.contentType = "application/json"
	}
	if e.contentType != "" {
		req.Header.Set("Content-Type", e.contentType)
	}
	if !e.noKey {
		req.Header.Set("Ocp-Apim-Subscription-Key", "k")
	}
	header := e.header
	if header == nil {
		header = http.Header{}
	}
	if e.resp != "" && e.respType == "" {
		e.respType = "application/json; charset=utf-8"
	}
	if e.respType != "" {
		header.Set("Content-Type", e.respType)
	}
	return c.Check(req, []byte(e.body), e.status, header, []byte(e.resp))
}

func TestExchangesThatKeepTheContract(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]exchange{
		"list with next link null": {
			method: "GET", url: "/speechtotext/models/base" + version + "&skip=0&top=5&filter=locale+eq+'en-US'",
			status: 200, resp: `{"values":[{"displayName":"b","locale":"en-US",` +
				`"properties":{"features":{"supportsEndpoints":true,"supportsAdaptationsWith":["Language"]},"chargeForAdaptation":true}}],"@nextLink":null}`,
		},
		"any host": {method: "GET", url: "http://127.0.0.1:8090/speechtotext/models/" + id + version, status: 200, resp: model},
		"copy of a model": {
			method: "POST", url: "/speechtotext/models/" + id + ":copy" + version,
			body: `{"targetResourceRegion":"r","targetResourceId":"i","targetResourceEndpoint":"e",` +
				`"sourceResourceId":"s","expirationDateTime":"2026-01-02T03:04:05Z","id":"x"}`,
			status: 202, resp: `{"id":"` + id + `","status":"NotStarted"}`,
		},
		"create a dataset of an unknown kind": {
			method: "POST", url: "/speechtotext/datasets" + version,
			body: strings.Replace(dataset, "Language", "SomethingNew", 1), status: 201, resp: dataset,
		},
		"upload a block": {
			method: "PUT", url: "/speechtotext/datasets/" + id + "/blocks" + version + "&blockid=YWFh", body: "bytes",
			contentType: "application/octet-stream", status: 201,
		},
		"commit blocks": {
			method: "POST", url: "/speechtotext/datasets/" + id + "/blocks:commit" + version, body: `[{"kind":"Latest","id":"YWFh"}]`,
			status: 200,
		},
		"merge patch": {
			method: "PATCH", url: "/speechtotext/models/" + id + version, body: `{"customProperties":{"a":"b"}}`,
			contentType: "application/merge-patch+json", status: 200, resp: model,
		},
		"delete": {method: "DELETE", url: "/speechtotext/models/" + id + version, status: 204},
		"error with nulls": {
			method: "GET", url: "/speechtotext/models/" + id + version, status: 400,
			resp: `{"code":"InvalidRequest","message":"m","details":null,"target":null,` +
				`"innerError":{"code":"New","message":"m","details":null,"target":null,"innerError":null}}`,
		},
		"error inside errors": {
			method: "GET", url: "/speechtotext/models/" + id + version, status: 503,
			resp: `{"code":"A","details":[{"code":"B","innerError":{"details":{"free":"text"},"innerError":{"code":"C"}}}]}`,
		},
		"submit a transcription": {
			method: "POST", url: "/speechtotext/transcriptions:submit" + version, status: 201,
			body: `{"displayName":"t","locale":"en-US","contentUrls":["https://h/a.wav"],"properties":{"timeToLiveHours":48}}`,
			resp: `{"self":"https://h/speechtotext/transcriptions/` + id + `","displayName":"t","locale":"en-US","status":"NotStarted",` +
				`"properties":{"timeToLiveHours":48,"profanityFilterMode":"None"}}`,
		},
		"locales of transcriptions": {
			method: "GET", url: "/speechtotext/transcriptions/locales" + version, status: 200, resp: `{"Submit":["en-US"],"Transcribe":[]}`,
		},
		"gateway envelope": {method: "GET", url: "/speechtotext/models" + version, status: 401, resp: `{"error":{"code":"401","message":"Access denied"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, check(t, e))
		})
	}
}

func TestCheckCanFail(t *testing.T) {
	t.Parallel()
	get := exchange{method: "GET", url: "/speechtotext/models/" + id + version, status: 200, resp: model}
	post := exchange{method: "POST", url: "/speechtotext/datasets" + version, body: dataset, status: 201, resp: dataset}
	block := exchange{
		method: "PUT", url: "/speechtotext/datasets/" + id + "/blocks" + version + "&blockid=YWFh",
		body: "b", contentType: "application/octet-stream", status: 201,
	}
	with := func(e exchange, change func(*exchange)) exchange { change(&e); return e }
	for name, tc := range map[string]struct {
		e       exchange
		side    string
		message string
	}{
		"unknown path":               {with(get, func(e *exchange) { e.url = "/speechtotext/nothing" + version }), "request", "no such operation"},
		"method not allowed":         {with(get, func(e *exchange) { e.method = "PUT" }), "request", "no such operation"},
		"outside the base path":      {with(get, func(e *exchange) { e.url = "/models/" + id + version }), "request", "no such operation"},
		"no api-version":             {with(get, func(e *exchange) { e.url = "/speechtotext/models/" + id }), "request", "api-version"},
		"undeclared query parameter": {with(get, func(e *exchange) { e.url += "&orderby=x" }), "request", `"orderby"`},
		"repeated query parameter":   {with(get, func(e *exchange) { e.url += "&api-version=2025-10-15" }), "request", "2 times"},
		"top not a number": {
			with(get, func(e *exchange) { e.url = "/speechtotext/models/base" + version + "&top=x"; e.resp = `{"values":[]}` }),
			"request", "top",
		},
		"id not a uuid":             {with(get, func(e *exchange) { e.url = "/speechtotext/models/nope" + version }), "request", `"id"`},
		"no credentials":            {with(get, func(e *exchange) { e.noKey = true }), "request", "no key"},
		"body on a get":             {with(get, func(e *exchange) { e.body = "{}" }), "request", "body not allowed"},
		"no body":                   {with(post, func(e *exchange) { e.body = "" }), "request", "missing"},
		"body not json":             {with(post, func(e *exchange) { e.body = "{" }), "request", "decode"},
		"wrong request media type":  {with(post, func(e *exchange) { e.contentType = "text/plain" }), "request", "Content-Type"},
		"block as json":             {with(block, func(e *exchange) { e.contentType = "application/json" }), "request", "Content-Type"},
		"empty block":               {with(block, func(e *exchange) { e.body = "" }), "request", "missing"},
		"block without id":          {with(block, func(e *exchange) { e.url = "/speechtotext/datasets/" + id + "/blocks" + version }), "request", "blockid"},
		"required property":         {with(post, func(e *exchange) { e.body = `{"displayName":"d","locale":"en-US"}` }), "request", "kind"},
		"empty display name":        {with(post, func(e *exchange) { e.body = strings.Replace(dataset, `"d"`, `""`, 1) }), "request", "/displayName"},
		"unknown request property":  {with(post, func(e *exchange) { e.body = `{"displayname":"x",` + dataset[1:] }), "request", "displayname"},
		"nested unknown property":   {with(post, func(e *exchange) { e.body = `{"project":{"self":"https://h/p","x":1},` + dataset[1:] }), "request", "/project"},
		"read-only property":        {with(post, func(e *exchange) { e.body = `{"status":"Running",` + dataset[1:] }), "request", "readOnly"},
		"relative reference":        {with(post, func(e *exchange) { e.body = `{"project":{"self":"/projects/1"},` + dataset[1:] }), "request", "/project/self"},
		"number as custom property": {with(post, func(e *exchange) { e.body = `{"customProperties":{"a":1},` + dataset[1:] }), "request", "/customProperties/a"},

		"transcription without a life": {with(post, func(e *exchange) {
			e.url, e.body = "/speechtotext/transcriptions:submit"+version, `{"displayName":"t","locale":"en-US","properties":{}}`
		}), "request", "timeToLiveHours"},

		"undeclared success status": {with(get, func(e *exchange) { e.status = 202 }), "response", "202"},
		"wrong response media type": {with(get, func(e *exchange) { e.respType = "text/html" }), "response", "Content-Type"},
		"truncated answer":          {with(get, func(e *exchange) { e.resp = model[:40] }), "response", "decode"},
		"unknown response property": {with(get, func(e *exchange) { e.resp = `{"foo":1,` + model[1:] }), "response", "foo"},
		"closed enum":               {with(get, func(e *exchange) { e.resp = strings.Replace(model, "Running", "Canceled", 1) }), "response", "/status"},
		"date without zone":         {with(get, func(e *exchange) { e.resp = strings.Replace(model, "04:05Z", "04:05", 1) }), "response", "/createdDateTime"},
		"inherited required":        {with(get, func(e *exchange) { e.resp = strings.Replace(model, `"locale":"en-US",`, "", 1) }), "response", "locale"},
		"nested unknown feature": {
			with(get, func(e *exchange) { e.resp = strings.Replace(model, "supportsEndpoints", "supportsAdaptationsWith", 1) }),
			"response", "supportsAdaptationsWith",
		},
		"retry after not a number": {with(get, func(e *exchange) { e.header = http.Header{"Retry-After": {"soon"}} }), "response", "Retry-After"},
		"body where none is": {with(get, func(e *exchange) {
			e.method, e.url, e.status = "DELETE", "/speechtotext/models/"+id+version, 204
		}), "response", "without a body"},
		"error wrapped":            {with(get, func(e *exchange) { e.status, e.resp = 400, `{"error":{"code":"A","message":"m"}}` }), "response", "error"},
		"failure that is no error": {with(get, func(e *exchange) { e.status, e.resp, e.respType = 502, "<html>", "text/html" }), "response", "Content-Type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := check(t, tc.e)
			require.NotEmpty(t, got)
			require.Equal(t, tc.side, got[0].Side, "%v", got)
			require.Equal(t, tc.e.method, got[0].Method)
			require.Contains(t, got[0].String(), tc.message, "%v", got)
		})
	}
}

func TestViolationsShowNoValues(t *testing.T) {
	t.Parallel()
	got := check(t, exchange{
		method: "POST", url: "/speechtotext/datasets" + version, status: 201, resp: dataset,
		body: `{"displayName":1,"locale":"en-US","kind":"Language","contentUrl":"bucket?sig=topsecret","status":"topsecret"}`,
	})
	require.GreaterOrEqual(t, len(got), 2, "all violations are reported, not only the first: %v", got)
	for _, v := range got {
		require.NotContains(t, v.String(), "topsecret")
	}
}

func TestCheckLeavesTheRequestAlone(t *testing.T) {
	t.Parallel()
	c, err := contract.New()
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), "POST", "http://h/speechtotext/datasets"+version, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer t")
	req.Header.Set("Content-Type", "application/json")
	require.Empty(t, c.Check(req, []byte(dataset), 201, http.Header{"Content-Type": {"application/json"}}, []byte(dataset)))
	require.Nil(t, req.Body)
}
