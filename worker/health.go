package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"go.uber.org/zap"

	"speech-retrainer/internal/visible"
)

type state int

const (
	stateConnecting state = iota
	stateReady
	stateStopping
)

// readiness is what the worker knows of itself, for /readyz.
type readiness struct {
	mu    sync.Mutex
	state state
	why   string
	check func(context.Context) error
	// refused is why the Speech service takes no request of this worker; "" when it does, or was not asked yet.
	refused func() string
}

func (s *readiness) set(state state, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.why = state, why
}

// ask makes check the proof that the connection to Temporal still works.
func (s *readiness) ask(check func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.check = check
}

// listen makes refused what tells whether the Speech service takes the worker's requests.
func (s *readiness) listen(refused func() string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = refused
}

// checkTimeout is how long Temporal has to answer before the worker counts as not ready.
const checkTimeout = 3 * time.Second

// ready returns nil when the worker polls, Temporal answers and the Speech service has not refused the key or token,
// else what is missing.
func (s *readiness) ready(ctx context.Context) error {
	s.mu.Lock()
	state, why, check, refused := s.state, s.why, s.check, s.refused
	s.mu.Unlock()
	if state != stateReady {
		return errors.New(why)
	}
	if why := refused(); why != "" {
		return errors.New(why)
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if err := check(ctx); err != nil {
		return fmt.Errorf("temporal does not answer: %w", err)
	}
	return nil
}

// newMux serves /healthz (this process is alive), /readyz (connected, polling for work, and not refused by the Speech
// service) and /metrics.
func newMux(s *readiness, metrics http.Handler) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.ready(r.Context()); err != nil {
			answer(w, http.StatusServiceUnavailable, "not ready: "+err.Error())
			return
		}
		answer(w, http.StatusOK, "ready")
	})
	mux.Handle("GET /metrics", metrics)
	return mux
}

func answer(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	fmt.Fprintln(w, visible.Line(text))
}

// serve starts the HTTP server and returns the function that stops it. It returns an error when the
// address cannot be bound.
func (m *Main) serve(s *readiness, metrics http.Handler) (stop func(), err error) {
	if m.Flags.HTTP == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", m.Flags.HTTP)
	if err != nil {
		return nil, fmt.Errorf("serve /healthz, /readyz and /metrics: %w; choose another address with --http, or turn it off with --http ''", err)
	}
	server := &http.Server{
		Handler:           newMux(s, metrics),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          zap.NewStdLog(m.logger),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			m.logger.Error("the health server ended: /healthz, /readyz and /metrics no longer answer", zap.Error(err))
		}
	}()
	m.logger.Info("serving /healthz, /readyz and /metrics", zap.Stringer("address", listener.Addr()))
	if m.Listening != nil {
		m.Listening(listener.Addr())
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			_ = server.Close() // what Shutdown could not end in time is cut off; nobody is left to tell
		}
		<-done
	}, nil
}
