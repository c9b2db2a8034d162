package mirror_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/mirror"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

const host = "http://localhost:1"

// state is one object from a moment on.
type state struct {
	from   time.Time
	exists bool
	name   string
	status speech.Status
	since  time.Time
	marks  map[string]string
}

// fake is a service that shows in its lists what was, and answers by ID what is. It speaks of models; all other lists are
// empty. It is an http.RoundTripper, so that time can be a test's own.
type fake struct {
	mu       sync.Mutex
	born     []string // IDs by creation
	past     map[string][]state
	pageSize int
	// behind is how far the next list lies back.
	behind func() time.Duration
	// fail is asked before each answer, after the request was done.
	fail func(*http.Request) error
	// header is added to each answer.
	header http.Header
	// takes is how long an exchange takes.
	takes    time.Duration
	noDate   bool
	requests []string
}

func newFake() *fake {
	return &fake{past: map[string][]state{}, pageSize: 100, behind: func() time.Duration { return 0 }, fail: func(*http.Request) error { return nil }}
}

func (f *fake) mirror(t testing.TB, o mirror.Options) *mirror.Mirror {
	client, err := speech.New(speech.Config{Access: resource.Access{Endpoint: host, Key: "k"}, Transport: f, NoQuota: true})
	require.NoError(t, err)
	return mirror.New(client, o)
}

// at is what an object was at a moment.
func (f *fake) at(id string, when time.Time) state {
	s := state{}
	for _, p := range f.past[id] {
		if !p.from.After(when) {
			s = p
		}
	}
	return s
}

func (f *fake) change(id string, change func(*state)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changeLocked(id, change)
}

func (f *fake) changeLocked(id string, change func(*state)) {
	s := f.at(id, time.Now())
	s.from, s.marks = time.Now(), maps.Clone(s.marks)
	change(&s)
	f.past[id] = append(f.past[id], s)
}

// create makes an object and returns its ID.
func (f *fake) create(name string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := fmt.Sprintf("%08d-0000-4000-8000-000000000000", len(f.born)+1)
	f.born = append(f.born, id)
	f.past[id] = []state{{from: time.Now(), exists: true, name: name, status: speech.StatusRunning, since: time.Now(), marks: map[string]string{}}}
	return id
}

func (f *fake) end(id string) {
	f.change(id, func(s *state) { s.status, s.since = speech.StatusSucceeded, time.Now() })
}

func (f *fake) remove(id string) { f.change(id, func(s *state) { s.exists = false }) }

func (f *fake) mark(id, key, value string) { f.change(id, func(s *state) { s.marks[key] = value }) }

func (f *fake) count(prefix string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, r := range f.requests {
		if strings.HasPrefix(r, prefix) {
			n++
		}
	}
	return n
}

func (f *fake) wire(id string, s state) map[string]any {
	return map[string]any{
		"self": host + "/speechtotext/models/" + id, "displayName": s.name, "locale": "en-US", "status": s.status, "customProperties": s.marks,
		"createdDateTime": f.past[id][0].from.UTC().Format(time.RFC3339), "lastActionDateTime": s.since.UTC().Format(time.RFC3339),
	}
}

var (
	changedAfter = regexp.MustCompile(`lastActionDateTime gt (\S+)`)
	nameIs       = regexp.MustCompile(`displayName eq '([^']*)'`)
)

// RoundTrip is one exchange.
func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(f.takes):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	query := r.URL.Query()
	id, one := strings.CutPrefix(r.URL.Path, "/speechtotext/models/")
	f.requests = append(f.requests, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/speechtotext/")+"?"+query.Get("filter"))
	now := time.Now()
	code, body := http.StatusOK, any(map[string]any{"values": []any{}})
	switch {
	case one && !f.at(id, now).exists:
		code, body = http.StatusNotFound, map[string]any{"code": "NotFound", "message": "no such model"}
	case one && r.Method == http.MethodDelete:
		f.changeLocked(id, func(s *state) { s.exists = false })
		code, body = http.StatusNoContent, nil
	case one && r.Method == http.MethodPatch:
		var update struct {
			CustomProperties map[string]string `json:"customProperties"`
		}
		if err := json.NewDecoder(r.Body).Decode(&update); err != nil {
			return nil, err
		}
		f.changeLocked(id, func(s *state) { s.marks = update.CustomProperties })
		body = f.wire(id, f.at(id, now))
	case one:
		body = f.wire(id, f.at(id, now))
	case strings.HasSuffix(r.URL.Path, "/models"):
		body = f.list(query.Get("filter"), query.Get("skip"), now.Add(-f.behind()))
	}
	if err := f.fail(r); err != nil {
		return nil, err
	}
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	header := http.Header{"Content-Type": {"application/json"}, "Date": {now.UTC().Format(http.TimeFormat)}}
	if f.noDate {
		header.Del("Date")
	}
	maps.Copy(header, f.header)
	return &http.Response{StatusCode: code, Header: header, Body: io.NopCloser(strings.NewReader(string(data))), Request: r}, nil
}

func (f *fake) list(filter, skip string, when time.Time) any {
	var values []any
	after, names := changedAfter.FindStringSubmatch(filter), nameIs.FindAllStringSubmatch(filter, -1)
	for _, id := range f.born {
		s := f.at(id, when)
		if !s.exists {
			continue
		}
		if after != nil && s.since.UTC().Format(time.RFC3339) <= after[1] {
			continue
		}
		if names != nil && !slices.ContainsFunc(names, func(n []string) bool { return n[1] == s.name }) {
			continue
		}
		values = append(values, f.wire(id, s))
	}
	from, _ := strconv.Atoi(cmp.Or(skip, "0"))
	from = min(from, len(values))
	to := min(from+f.pageSize, len(values))
	page := map[string]any{"values": append([]any{}, values[from:to]...)}
	if to < len(values) {
		page["@nextLink"] = fmt.Sprintf("%s/speechtotext/models?skip=%d&filter=%s&api-version=2025-10-15", host, to, strings.ReplaceAll(filter, " ", "%20"))
	}
	return page
}

// everything are the kinds of a View.
var everything = []speech.Kind{speech.KindEndpoint, speech.KindModel, speech.KindEvaluation, speech.KindDataset}
