package emulator

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// The kinds of Fault.
const (
	FaultStatus      = "status"      // answers with a status, nothing is done
	FaultStatusAfter = "statusAfter" // does what was asked for, and answers with a status all the same
	FaultDelay       = "delay"       // waits, then answers as always
	FaultDropBefore  = "dropBefore"  // closes the connection, nothing is done
	FaultDropAfter   = "dropAfter"   // does what was asked for and closes the connection without an answer
	FaultTruncate    = "truncate"    // breaks off in the middle of the body
	FaultGarbage     = "garbage"     // sends a whole body that ends in the middle of the JSON
	FaultHTML        = "html"        // answers with a page, as a gateway does
	FaultThrottle    = "throttle"    // 429 with Retry-After
	FaultContentType = "contentType" // answers as always under another media type
)

var faultKinds = []string{
	FaultStatus, FaultStatusAfter, FaultDelay, FaultDropBefore, FaultDropAfter, FaultTruncate, FaultGarbage, FaultHTML,
	FaultThrottle, FaultContentType,
}

// Fault is something that goes wrong on purpose. Empty match fields match everything. Every exchange that it hits is
// marked deliberate, and its violations of the contract are not counted.
type Fault struct {
	ID        int    `json:"id"`                  // given by the emulator
	Method    string `json:"method,omitempty"`    // GET, POST, ...
	Path      string `json:"path,omitempty"`      // pattern of path.Match over the URL path: * stands for one segment
	Operation string `json:"operation,omitempty"` // operation ID of openapi.yaml
	Contains  string `json:"contains,omitempty"`  // text that URL or body holds

	Skip  int `json:"skip,omitempty"`  // matches that pass unharmed before the first
	Count int `json:"count,omitempty"` // matches that are hit, default 1, -1 for all
	Hits  int `json:"hits"`            // so far

	Kind string `json:"kind"`
	// Status of the kinds status, statusAfter and html, default 503; Code and Message go with the first two.
	Status  int    `json:"status,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	// RetryAfter is the header's value as it is: seconds, an HTTP date, or nonsense. Kind throttle has "2" by default.
	RetryAfter string `json:"retryAfter,omitempty"`
	// Delay comes before everything else, in real time; it goes with every kind.
	Delay Duration `json:"delay,omitempty"`
	// ContentType is the media type of kind contentType, default text/plain.
	ContentType string `json:"contentType,omitempty"`
}

// prepare fills the defaults in and refuses what makes no sense.
func (f *Fault) prepare() error {
	if !slices.Contains(faultKinds, f.Kind) {
		return fmt.Errorf("fault kind %q does not exist: use one of %s", f.Kind, strings.Join(faultKinds, ", "))
	}
	if _, err := path.Match(f.Path, "/"); err != nil {
		return fmt.Errorf("fault path %q: %w", f.Path, err)
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return fmt.Errorf("fault status %d: use 200 to 599", f.Status)
	}
	if f.Count == 0 {
		f.Count = 1
	}
	if f.Status == 0 {
		f.Status = http.StatusServiceUnavailable
	}
	if f.Kind == FaultThrottle {
		f.Status = http.StatusTooManyRequests
		if f.RetryAfter == "" {
			f.RetryAfter = "2"
		}
		f.Code, f.Message = "TooManyRequests", "The rate limit has been reached. The timeout in seconds can be found in the Retry-After header."
	}
	if f.Code == "" {
		f.Code = "ServiceUnavailable"
	}
	if f.Message == "" {
		f.Message = "The service is not available."
	}
	if f.ContentType == "" {
		f.ContentType = "text/plain"
	}
	return nil
}

// InjectFault adds a fault and returns its ID. Faults are tried in the order of their IDs; the first that matches hits.
func (s *Server) InjectFault(f Fault) (int, error) {
	if err := f.prepare(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastFault++
	f.ID, f.Hits = s.lastFault, 0
	s.faults = append(s.faults, &f)
	return f.ID, nil
}

// Faults lists the faults, the used-up ones too.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Fault{}
	for _, f := range s.faults {
		out = append(out, *f)
	}
	return out
}

// ClearFaults removes the fault with this ID, or all of them with ID 0.
func (s *Server) ClearFaults(id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = slices.DeleteFunc(s.faults, func(f *Fault) bool { return id == 0 || f.ID == id })
}

func (s *Server) takeFault(r *http.Request, operation string, body []byte) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if !f.matches(r, operation, body) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Count > 0 && f.Hits >= f.Count {
			continue
		}
		f.Hits++
		hit := *f
		return &hit
	}
	return nil
}

func (f *Fault) matches(r *http.Request, operation string, body []byte) bool {
	if f.Path != "" {
		if found, _ := path.Match(f.Path, r.URL.Path); !found {
			return false
		}
	}
	return (f.Method == "" || f.Method == r.Method) && (f.Operation == "" || f.Operation == operation) &&
		(f.Contains == "" || strings.Contains(string(body), f.Contains) || strings.Contains(r.URL.String(), f.Contains))
}

// instead is the answer in place of the service's, nil when the service has to do its work.
func (f *Fault) instead() *answer {
	if f == nil {
		return nil
	}
	switch f.Kind {
	case FaultStatus, FaultThrottle:
		return f.failure()
	case FaultHTML:
		page := fmt.Sprintf("<html><head><title>%d %s</title></head><body><center><h1>%[1]d %[2]s</h1></center></body></html>\r\n",
			f.Status, http.StatusText(f.Status))
		return &answer{status: f.Status, header: http.Header{"Content-Type": {"text/html"}}, body: []byte(page)}
	case FaultDropBefore:
		return &answer{header: http.Header{}}
	}
	return nil
}

func (f *Fault) failure() *answer {
	a := &answer{status: f.Status, header: http.Header{}}
	a.json((&refusal{code: f.Code, message: f.Message}).wire(false))
	if f.RetryAfter != "" {
		a.header.Set("Retry-After", f.RetryAfter)
	}
	return a
}

// spoil changes the service's answer.
func (f *Fault) spoil(a *answer) *answer {
	if f == nil {
		return a
	}
	switch f.Kind {
	case FaultStatusAfter:
		object, after := a.object, a.after
		a = f.failure()
		a.object, a.after = object, after
	case FaultContentType:
		a.header.Set("Content-Type", f.ContentType)
	case FaultGarbage:
		a.body = a.body[:len(a.body)/2]
	}
	return a
}

// write sends the answer, or what the fault leaves of it.
func (f *Fault) write(w http.ResponseWriter, a *answer) {
	if f == nil {
		a.write(w)
		return
	}
	switch f.Kind {
	case FaultDropBefore, FaultDropAfter:
		panic(http.ErrAbortHandler)
	case FaultTruncate:
		for name, values := range a.header {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)+1))
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	a.write(w)
}
