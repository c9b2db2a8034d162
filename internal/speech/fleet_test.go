package speech_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

// fleet is a Speech resource in memory with models that end at times fixed beforehand, for tests on
// a virtual clock: it is the transport of a client, without a network.
type fleet struct {
	mu      sync.Mutex
	jobs    map[string]*job
	order   []string
	page    int           // objects in a page of a list
	lag     time.Duration // by how much lists are behind
	skew    time.Duration // by how much the clock of every other job is behind
	fail    func(*http.Request) *http.Response
	headers http.Header // of every answer

	gets, changes, sweeps, pages int
}

// job is one training.
type job struct {
	created, ends time.Time
	end           speech.Status
	deleted       time.Time
	skew          time.Duration
	odd           bool // has a status that no client knows while it lasts
}

func newFleet() *fleet {
	return &fleet{jobs: map[string]*job{}, page: 100, headers: http.Header{}}
}

// client is a client of the fleet.
func (f *fleet) client(t *testing.T) *speech.Client {
	t.Helper()
	c, err := speech.New(speech.Config{Access: resource.Access{Endpoint: "https://calls.example", Key: testKey}, Transport: f})
	require.NoError(t, err)
	return c
}

// add starts a training that lasts, and gives its ID.
func (f *fleet) add(lasts time.Duration, end speech.Status) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := fmt.Sprintf("ABCDEF00-0000-4000-8000-%012d", len(f.jobs))
	f.jobs[id] = &job{created: time.Now(), ends: time.Now().Add(lasts), end: end}
	if len(f.jobs)%2 == 0 {
		f.jobs[id].skew = f.skew
	}
	f.order = append(f.order, id)
	return id
}

// count is the requests so far.
func (f *fleet) count() (gets, changes, sweeps int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.gets, f.changes, f.sweeps
}

func (j *job) at(now time.Time) (speech.Status, time.Time) {
	switch {
	case !now.Before(j.ends):
		return j.end, j.ends.Add(-j.skew)
	case j.odd:
		return "Paused", j.created
	}
	return speech.StatusRunning, j.created
}

func (f *fleet) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		if response := f.fail(r); response != nil {
			return response, nil
		}
	}
	collection := "/speechtotext/models"
	if r.URL.Path != collection {
		f.gets++
		id := path.Base(r.URL.Path)
		j := f.jobs[id]
		if j == nil || !j.deleted.IsZero() && !time.Now().Before(j.deleted) {
			return f.answer(404, map[string]any{"code": "NotFound", "message": "The specified entity cannot be found."}), nil
		}
		return f.answer(200, f.model(id, j, time.Now())), nil
	}
	filter := r.URL.Query().Get("filter")
	text, changed := strings.CutPrefix(filter, "lastActionDateTime gt ")
	since, err := time.Parse(time.RFC3339, text)
	switch {
	case changed && err == nil:
		f.changes++
	case filter == "status eq 'NotStarted' or status eq 'Running'":
		f.sweeps++
	default:
		return f.answer(400, map[string]any{"code": "InvalidRequest", "message": "filter " + filter}), nil
	}
	now := time.Now().Add(-f.lag)
	found := []any{}
	for _, id := range f.order {
		j := f.jobs[id]
		if now.Before(j.created) || !j.deleted.IsZero() && !now.Before(j.deleted) {
			continue
		}
		status, at := j.at(now)
		if changed && at.After(since) || !changed && status == speech.StatusRunning {
			found = append(found, f.model(id, j, now))
		}
	}
	skip, _ := strconv.Atoi(r.URL.Query().Get("skip"))
	if skip > 0 {
		f.pages++
	}
	size := f.page
	if top, err := strconv.Atoi(r.URL.Query().Get("top")); err == nil {
		size = min(size, top)
	}
	end := min(skip+size, len(found))
	body := map[string]any{"values": found[min(skip, end):end]}
	if end < len(found) {
		query := url.Values{"skip": {strconv.Itoa(end)}, "filter": {filter}, "api-version": {"2025-10-15"}}
		body["@nextLink"] = "https://calls.example" + collection + "?" + query.Encode()
	}
	return f.answer(200, body), nil
}

func (f *fleet) model(id string, j *job, now time.Time) map[string]any {
	status, at := j.at(now)
	m := modelJSON("https://calls.example", id, "m", "status", status, "createdDateTime", j.created, "lastActionDateTime", at)
	if status == speech.StatusFailed {
		m["properties"] = map[string]any{"error": map[string]any{"code": "InvalidData", "message": "no usable data"}}
	}
	return m
}

func (f *fleet) answer(status int, body any) *http.Response {
	h := f.headers.Clone()
	h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	h.Set("Content-Type", "application/json")
	data, _ := json.Marshal(body)
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(bytes.NewReader(data)), ContentLength: int64(len(data))}
}
