package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"speech-retrainer/internal/build"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/meant"
)

// Main is the program, so that tests can run it in process: Stdout gets the one line with the address, Stderr the log.
type Main struct {
	Stdout, Stderr io.Writer

	listen      string
	files       string
	state       string
	key         string
	publicURL   string
	now         string
	speed       float64
	allowRemote bool
	settings    emulator.SettingFlags
}

// Run serves until the context ends, then lets running requests finish. Args are those after the program's name.
func (m *Main) Run(ctx context.Context, args []string) error {
	c := m.command()
	c.SetArgs(args)
	c.SetOut(m.Stdout)
	c.SetErr(m.Stderr)
	return c.ExecuteContext(ctx)
}

func (m *Main) command() *cobra.Command {
	c := &cobra.Command{
		Use:   "emulator",
		Short: "Run a local Speech service",
		Long: `Run a local Speech service: the custom-speech part of the REST API, in memory, on a virtual clock.

It imports datasets, trains models, evaluates them and serves them on endpoints as the service does, only
faster, and with errors on demand. Any key is accepted unless --key names one. The API is under
/speechtotext, the admin API (clock, faults, outcomes, request log, violations) under /admin/.

The address is printed on stdout as one line, "listening on http://...", as soon as requests are answered;
everything else goes to stderr. Stop it with Ctrl-C.`,
		Example: `  # Serve examples/data at /files/, on a port of the system's choosing
  emulator --listen 127.0.0.1:0 --files examples/data

  # A day in a minute, and answers that are harder to take
  emulator --speed 1440 --profile awkward

  # Move the clock a year ahead
  curl -d '{"advance": "365d"}' http://127.0.0.1:8090/admin/clock

  # Fail the next training
  curl -d '{"kind": "training", "code": "InvalidDataset", "message": "no"}' http://127.0.0.1:8090/admin/outcomes`,
		Args:          cobra.NoArgs,
		Version:       build.Read().Line("emulator"),
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(c *cobra.Command, _ []string) error { return m.serve(c.Context()) },
	}
	c.SetVersionTemplate("{{.Version}}\n")
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return meant.Flag(c.Flags(), err) })
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&m.listen, "listen", "127.0.0.1:8090", "`address` to listen on; port 0 takes a free one")
	f.StringVar(&m.files, "files", "", "`folder` served at /files/")
	f.StringVar(&m.state, "state", "", "`file` that keeps the state beyond the process; content goes beside it")
	f.StringVar(&m.key, "key", "", "the only `key` that is accepted, any if not set")
	f.StringVar(&m.publicURL, "public-url", "", "scheme and host of links, if not those of the request, as a `URL`")
	f.StringVar(&m.now, "now", "", "`time` at which the virtual clock starts, RFC 3339 (now)")
	f.Float64Var(&m.speed, "speed", 1, "virtual seconds in a real one; 0 stops the clock")
	f.BoolVar(&m.allowRemote, "allow-remote", false, "allow --listen and contentUrl beyond this machine")
	settings := pflag.NewFlagSet("settings", pflag.ContinueOnError)
	settings.SortFlags = false
	m.settings.AddFlags(settings)
	f.AddFlagSet(settings)
	return c
}

func (m *Main) options() (emulator.Options, error) {
	logger := log.New(m.Stderr, "", log.LstdFlags)
	o := emulator.Options{
		Speed: m.speed, Frozen: m.speed == 0, Key: m.key, Files: m.files, StateFile: m.state, AllowRemote: m.allowRemote,
		PublicURL: strings.TrimRight(m.publicURL, "/"), Log: logger.Printf,
	}
	var err error
	if o.Settings, err = m.settings.Settings(); err != nil {
		return o, err
	}
	if m.publicURL != "" {
		if u, err := url.Parse(m.publicURL); err != nil || u.Host == "" {
			return o, fmt.Errorf("--public-url %q is no scheme and host like https://speech.example", m.publicURL)
		}
	}
	if m.now != "" {
		if o.Now, err = time.Parse(time.RFC3339, m.now); err != nil {
			return o, fmt.Errorf("--now %q is no time like 2026-02-01T11:00:00Z", m.now)
		}
	}
	return o, nil
}

func (m *Main) serve(ctx context.Context) error {
	if err := m.checkListen(); err != nil {
		return err
	}
	o, err := m.options()
	if err != nil {
		return err
	}
	service, err := emulator.New(o)
	if err != nil {
		return err
	}
	err = m.listenAndServe(ctx, service)
	return errors.Join(err, service.Close())
}

// checkListen refuses to offer a service without real authentication, and an admin API without any, to the network.
func (m *Main) checkListen() error {
	host, _, err := net.SplitHostPort(m.listen)
	if err != nil {
		return fmt.Errorf("--listen %q is no address like 127.0.0.1:8090", m.listen)
	}
	ip, err := netip.ParseAddr(host)
	if m.allowRemote || host == "localhost" || err == nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("--listen %s reaches beyond this machine: use 127.0.0.1, or add --allow-remote", m.listen)
}

func (m *Main) listenAndServe(ctx context.Context, handler http.Handler) error {
	l, err := net.Listen("tcp", m.listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w: choose another --listen, port 0 takes a free one", m.listen, err)
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(m.Stderr, "", log.LstdFlags),
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		patience, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		err := server.Shutdown(patience)
		if err != nil {
			err = errors.Join(fmt.Errorf("requests under way were cut off: %w", err), server.Close())
		}
		stopped <- err
	}()
	fmt.Fprintf(m.Stdout, "listening on http://%s\n", l.Addr())
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return <-stopped
}
