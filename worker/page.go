package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"go.uber.org/zap"

	"speech-retrainer/activities"
	"speech-retrainer/internal/build"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/page"
	"speech-retrainer/internal/screen"
)

// pageServer serves the fleet page: until the worker has reached Temporal, only that it has not.
type pageServer struct {
	pages  atomic.Pointer[page.Page]
	warmed chan struct{}
	cool   context.CancelFunc
	stop   func()
}

// servePage binds the address of the fleet page. It returns nil when no page is asked for, and an error when the address
// cannot be bound.
func (m *Main) servePage() (*pageServer, error) {
	if m.Flags.Page == "" {
		return nil, nil
	}
	listener, err := net.Listen("tcp", m.Flags.Page)
	if err != nil {
		return nil, fmt.Errorf("serve the fleet page: %w; choose another address with --page, or leave it out", err)
	}
	p := &pageServer{}
	p.stop = m.serveOn(listener, p, "the fleet page")
	m.logger.Info("serving the fleet page", zap.Stringer("address", listener.Addr()))
	if m.PageListening != nil {
		m.PageListening(listener.Addr())
	}
	return p, nil
}

func (p *pageServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if pages := p.pages.Load(); pages != nil {
		pages.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Retry-After", "5")
	answer(w, http.StatusServiceUnavailable, "the worker has not reached Temporal yet: see its log and /readyz")
}

// open begins to show the fleet.
func (p *pageServer) open(m *Main, c connection, s settings, doing *activities.Activities) {
	if p == nil {
		return
	}
	source := page.NewSource(page.SourceOptions{
		Session: follow.Session{
			Temporal: c.client, Server: s.temporal.HostPort, Namespace: s.temporal.Namespace, Screen: &screen.Screen{Out: io.Discard, Err: io.Discard},
		},
		TaskQueue: m.Flags.TaskQueue,
		Glance: func(ctx context.Context, scheduled []lifecycle.ScheduledEndpoint, atAll bool) (activities.Glance, error) {
			return activities.GlanceAt(ctx, doing, scheduled, atAll)
		},
	})
	var warming context.Context
	warming, p.cool = context.WithCancel(context.Background())
	p.warmed = make(chan struct{})
	go func() {
		defer close(p.warmed)
		source.Warm(warming)
	}()
	p.pages.Store(page.New(page.Options{
		Source: source, Hosts: m.Flags.PageHosts, TemporalUI: strings.TrimRight(m.Flags.TemporalUI, "/"), Version: build.Read().Version, Logger: m.logger,
	}))
}

// close ends the page.
func (p *pageServer) close() {
	if p == nil {
		return
	}
	if p.cool != nil {
		p.cool()
		<-p.warmed
	}
	p.stop()
}

// checkPage tells what is wrong with the flags of the fleet page.
func (f *Flags) checkPage() error {
	if f.TemporalUI == "" {
		return nil
	}
	u, err := url.Parse(f.TemporalUI)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("--temporal-ui must be an address like http://127.0.0.1:8233, without user, query or fragment")
	}
	return nil
}
