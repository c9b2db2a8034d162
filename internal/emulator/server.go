// Package emulator is a local Speech service: the custom-speech part of the REST API as openapi.yaml and NOTES.md
// describe it, in memory, on a virtual clock. It is written from that contract alone and imports no client of ours,
// so that it cannot share a client's mistakes.
package emulator

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"speech-retrainer/internal/contract"
)

// Options make a Server. The zero value is a service with the plain profile whose clock starts now.
type Options struct {
	// Settings of the service; the zero value means Plain.
	Settings Settings
	// Now is where the virtual clock starts, default the real time (or the state file's).
	Now time.Time
	// Speed is the number of virtual seconds in a real one, default 1. Frozen stops the clock: only the admin API and
	// Advance move it.
	Speed  float64
	Frozen bool
	// Ahead lets a job that would end within that time of now end at once, at the date it was planned for: a clock that
	// stands still holds nobody up, and what lasts a day is seen to have lasted one.
	Ahead time.Duration
	// Key is the only key that is accepted; "" accepts any.
	Key string
	// PublicURL is the scheme and host of the links in answers, default those of the request.
	PublicURL string
	// Files is a folder served at /files/, "" for none.
	Files string
	// StateFile keeps the state beyond the process, "" for none. The content of datasets goes to a folder beside it.
	StateFile string
	// AllowRemote lets contentUrl point beyond this machine.
	AllowRemote bool
	// Log receives what an operator should know; default nothing.
	Log func(format string, args ...any)
	// RealNow is the real clock, for tests of what passes in real time; default time.Now.
	RealNow func() time.Time
}

// Server is the service. It is an http.Handler; see Options.
type Server struct {
	checker   *contract.Checker
	clock     *clock
	ahead     time.Duration
	key       string
	publicURL string
	stateFile string
	content   string // folder of uploaded and fetched content
	temporary bool   // content goes away with the server
	remote    bool
	log       func(format string, args ...any)
	handler   http.Handler
	signKey   []byte
	files     *os.Root // nil = none

	background sync.WaitGroup
	ctx        context.Context
	stop       context.CancelFunc

	mu        sync.Mutex // guards all below
	settings  Settings
	state     *state
	faults    []*Fault
	lastFault int
	outcomes  []*Outcome
	journal   journal
	recent    []time.Duration // steady times of the requests in the window of the rate limit
	imports   map[string]chan struct{}
	lastPage  int // counts last pages, for the setting nextLink alternate
}

// sharedChecker is made once: reading the contract takes longer than all else in New, and tests make many servers.
var sharedChecker = sync.OnceValues(contract.New)

// New makes a service and, unless a state file has one, its catalogue of base models. Close it.
func New(o Options) (*Server, error) {
	checker, err := sharedChecker()
	if err != nil {
		return nil, err
	}
	if o.Settings == (Settings{}) {
		o.Settings = Plain()
	}
	if err := o.Settings.validate(); err != nil {
		return nil, err
	}
	s := &Server{
		checker: checker, ahead: o.Ahead, key: o.Key, publicURL: o.PublicURL, stateFile: o.StateFile, remote: o.AllowRemote,
		log: o.Log, settings: o.Settings, imports: map[string]chan struct{}{}, signKey: newSignKey(),
	}
	if o.RealNow == nil {
		o.RealNow = time.Now
	}
	if err := s.restore(o); err != nil {
		return nil, err
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if s.handler, err = s.routes(o.Files); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resumeImports()
	s.settle()
	s.save()
	return s, nil
}

// restore sets state, clock and the folder of content.
func (s *Server) restore(o Options) error {
	start, err := o.Now, error(nil)
	if s.stateFile == "" {
		s.temporary = true
		s.content, err = os.MkdirTemp("", "speech-emulator-")
	} else {
		s.content = s.stateFile + ".content"
		err = os.MkdirAll(s.content, 0o700)
		if err == nil {
			s.state, err = loadState(s.stateFile)
		}
	}
	if err != nil {
		return fmt.Errorf("prepare storage: %w", err)
	}
	if s.state != nil && start.IsZero() {
		// While the emulator was away, its world went on at the pace of real time.
		start = s.state.Now.Add(max(0, o.RealNow().Sub(s.state.Written)))
	}
	if start.IsZero() {
		start = o.RealNow()
	}
	speed := o.Speed
	if speed == 0 && !o.Frozen {
		speed = 1
	}
	if speed < 0 {
		return fmt.Errorf("the speed %g is negative: use 0 to stop the clock, 1 for real time", speed)
	}
	s.clock = newClock(start, speed, o.RealNow)
	if s.state == nil {
		s.state = newState()
		s.seed(s.clock.Now())
	}
	return nil
}

func (s *Server) routes(files string) (http.Handler, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("/", s.serveAPI)
	mux.HandleFunc("GET /content/{entity}/{name}", s.serveContent)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	s.adminRoutes(mux)
	if files != "" {
		root, err := os.OpenRoot(files)
		if err != nil {
			return nil, fmt.Errorf("serve folder: %w", err)
		}
		s.files = root
		mux.Handle("GET /files/", http.StripPrefix("/files/", filesHandler(root)))
	}
	return mux, nil
}

// ServeHTTP answers the service's API under /speechtotext, the admin API under /admin/, the files under /files/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	omit := s.settings.OmitDate
	s.mu.Unlock()
	if omit {
		w.Header()["Date"] = nil // keeps net/http from adding it
	} else {
		w.Header().Set("Date", s.clock.Now().Format(http.TimeFormat))
	}
	s.handler.ServeHTTP(w, r)
}

// Close ends imports under way and removes temporary content. The state file, if any, is up to date then.
func (s *Server) Close() error {
	s.stop()
	s.background.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.save()
	if s.files != nil {
		_ = s.files.Close()
	}
	if !s.temporary {
		return nil
	}
	if err := os.RemoveAll(s.content); err != nil {
		return fmt.Errorf("remove content: %w", err)
	}
	return nil
}

func (s *Server) logf(format string, args ...any) {
	if s.log != nil {
		s.log(format, args...)
	}
}

func (s *Server) contentPath(entity, name string) string {
	return filepath.Join(s.content, entity+"."+name)
}

// next is the next number in the order of creation. The lock is held.
func (s *Server) next() int64 {
	s.state.Seq++
	return s.state.Seq
}
