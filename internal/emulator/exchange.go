package emulator

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"speech-retrainer/internal/contract"
)

const (
	maxBlock = 8 << 20 // bytes (operation Datasets_UploadBlock)
	maxBody  = maxBlock + 1<<20
	jsonType = "application/json; charset=utf-8"
	// deliberateHeader marks a request that a test makes wrong on purpose: its violations are not counted.
	deliberateHeader = "X-Deliberate"
)

// answer is a response before it is written, so that it can be checked, logged and spoilt.
type answer struct {
	status int
	header http.Header
	body   []byte
	object string // ID of the entity made, for the log
	after  *After // what a write left of the object, for the log
}

// serveAPI handles one exchange: fault, answer, contract check, log, in this order.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return // the client went away
	}
	operation, params, _ := s.checker.Operation(r)
	f := s.takeFault(r, operation, body)
	entry := Exchange{
		Time: s.clock.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Operation: operation,
		Arrived: began.UTC(), Object: params["id"], Deliberate: f != nil || r.Header.Get(deliberateHeader) == "true",
	}
	key, token := credentials(r)
	entry.Caller = CallerOf(cmp.Or(key, token))
	if f != nil {
		entry.Fault = f.Kind
		if !pause(r.Context(), time.Duration(f.Delay)) {
			return
		}
	}
	a := f.instead()
	if a == nil {
		a = s.answer(r, operation, params, body)
	}
	a = f.spoil(a)
	entry.Status = a.status
	if a.object != "" {
		entry.Object = a.object
	}
	var violations []contract.Violation
	if !entry.Deliberate {
		violations = append(s.checker.Check(r, body, a.status, a.header, a.body), lacks(r, operation)...)
	}
	entry.After = a.after
	entry.Milliseconds = time.Since(began).Milliseconds()
	s.mu.Lock()
	s.journal.add(entry, violations)
	s.mu.Unlock()
	f.write(w, a)
}

// lacks is the violation of asking for an operation that the contract has and the emulator does not: the service
// would answer it, so what is tested here must not build on it.
func lacks(r *http.Request, operation string) []contract.Violation {
	if operation == "" || operations[operation] != nil {
		return nil
	}
	return []contract.Violation{{Method: r.Method, Path: r.URL.Path, Side: contract.SideRequest, Message: lacking(operation)}}
}

func lacking(operation string) string {
	return "The emulator does not have the operation " + operation + "."
}

func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// answer does what the request asks for.
func (s *Server) answer(r *http.Request, operation string, params map[string]string, body []byte) *answer {
	settings := s.Settings()
	strict, nulls := body, map[string]bool(nil)
	if r.Method == http.MethodPatch && settings.PatchNull != "refuse" {
		strict, nulls = withoutNulls(body)
	}
	malformed := s.checker.CheckRequest(r, strict)

	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	c := &call{
		Server: s, request: r, operation: operation, params: params, body: strict, settings: s.settings,
		now: s.clock.Now(), version: r.URL.Query().Get("api-version"),
	}
	if settings.PatchNull == "remove" {
		c.nulls = nulls
	}
	reply, err := c.do(malformed)
	if err == nil && r.Method != http.MethodGet {
		// Time that is due at once (a queue of no length) is spent before the next request, not before this answer.
		s.save()
	}
	a := c.encode(reply, err)
	if r.Method != http.MethodGet {
		a.after = s.after(cmp.Or(a.object, params["id"]))
	}
	return a
}

// encode turns the outcome of a handler into the wire form.
func (c *call) encode(re *reply, err error) *answer {
	a := &answer{header: http.Header{}}
	var no *refusal
	switch {
	case errors.As(err, &no):
		a.status = no.status
		for name, values := range no.header {
			a.header[name] = values
		}
		a.json(no.wire(c.settings.ErrorNulls))
	case err != nil:
		a.status = http.StatusInternalServerError
		a.json((&refusal{code: "InternalServerError", message: err.Error()}).wire(false))
	default:
		a.status, a.object = re.status, re.object
		if re.location != "" {
			a.header.Set(re.locationHeader(), re.location)
		}
		if re.wait && c.settings.RetryAfter > 0 {
			a.header.Set("Retry-After", strconv.Itoa(c.settings.RetryAfter))
		}
		if re.body != nil {
			a.json(re.body)
		}
	}
	return a
}

func (a *answer) json(v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		a.status, b = http.StatusInternalServerError, bytes.Buffer{}
		_ = e.Encode(map[string]string{"code": "InternalServerError", "message": err.Error()})
	}
	a.body = bytes.TrimRight(b.Bytes(), "\n")
	a.header.Set("Content-Type", jsonType)
}

func (a *answer) write(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if len(a.body) > 0 || a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}
