package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/google/uuid"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"
)

// DefaultPort is the port on which every Temporal tool looks first.
const DefaultPort = 7233

// SearchAttributes are the ones of the contract, with their types as the Temporal CLI writes them.
var SearchAttributes = []string{
	"SpeechModel=Keyword", "SpeechLocale=Keyword", "SpeechStage=Keyword",
	"SpeechOutcome=Keyword", "SpeechAlarm=Keyword", "SpeechExpiry=Datetime",
}

// ServerOptions say which Temporal dev server to start.
type ServerOptions struct {
	// Binary is the Temporal CLI.
	Binary string
	// UI starts the web UI too.
	UI bool
	// Database is a file that outlives the server; empty = in memory.
	Database string
	// PreferDefaultPort takes port 7233 (and 8233 for the UI) when it is free.
	PreferDefaultPort bool
	// Namespaces are created beside "default".
	Namespaces []string
	// Retention is how long each of them keeps what has ended; 0 = as a dev server does, 24 hours.
	Retention time.Duration
}

// Server is a running Temporal server: a dev server, or that of a Cluster.
type Server struct {
	*Process
	// Address is host:port of the gRPC service.
	Address string
	// UI is the address of the web UI, empty without one.
	UI string

	program    Spec
	namespaces []string
	retention  time.Duration
}

// Client connects to the server. Its log is dropped: what matters comes back as an error.
func (s *Server) Client(ctx context.Context, namespace string) (client.Client, error) {
	return client.DialContext(ctx, client.Options{
		HostPort: s.Address, Namespace: namespace,
		Logger: log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil))),
	})
}

// StartServer starts a dev server and waits until it serves. It tries again with other ports when one
// of them was taken in the meantime.
func (s *Stack) StartServer(ctx context.Context, opts ServerOptions) (*Server, error) {
	var errs []error
	for attempt := range 3 {
		server, err := s.startServer(ctx, opts, attempt)
		if err == nil {
			return server, nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, fmt.Errorf("start the Temporal dev server: %w", errors.Join(errs...))
}

func (s *Stack) startServer(ctx context.Context, opts ServerOptions, attempt int) (*Server, error) {
	var wish, wishUI []int
	if opts.PreferDefaultPort && attempt == 0 {
		wish, wishUI = []int{DefaultPort}, []int{DefaultPort + 1000}
	}
	port, err := FreePort(wish...)
	if err != nil {
		return nil, err
	}
	return s.startServerOn(ctx, opts, port, wishUI)
}

// startServerOn starts a dev server on a port that was free a moment ago. It fails when another program has
// taken the port since, also when that is another dev server, which would answer in this one's place.
func (s *Stack) startServerOn(ctx context.Context, opts ServerOptions, port int, wishUI []int) (*Server, error) {
	server := &Server{Address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	args := []string{
		"server", "start-dev", "--ip", "127.0.0.1", "--port", strconv.Itoa(port), "--log-level", "error",
	}
	if opts.UI {
		uiPort, err := FreePort(wishUI...)
		if err != nil {
			return nil, err
		}
		args = append(args, "--ui-port", strconv.Itoa(uiPort))
		server.UI = "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(uiPort))
	} else {
		args = append(args, "--headless")
	}
	if opts.Database != "" {
		args = append(args, "--db-filename", opts.Database)
	}
	for _, a := range SearchAttributes {
		args = append(args, "--search-attribute", a)
	}
	// Only this server has a namespace of this name: whoever knows it is this server.
	namespaces := append([]string{"stack-" + uuid.NewString()[:8]}, opts.Namespaces...)
	for _, n := range namespaces {
		args = append(args, "--namespace", n)
	}
	server.program = Spec{Name: "temporal", Path: opts.Binary, Args: args, Env: Environment(
		"TEMPORAL_VERSION_CHECK_DISABLED=1", // it would ask the internet for newer versions
	)}
	server.namespaces = append([]string{client.DefaultNamespace}, namespaces...)
	server.retention = opts.Retention
	if err := s.launch(ctx, server); err != nil {
		return nil, err
	}
	return server, nil
}

// launch starts the server's program and waits until it serves.
func (s *Stack) launch(ctx context.Context, server *Server) error {
	var err error
	if server.Process, err = s.start(server.program); err != nil {
		return err
	}
	err = server.awaitServing(ctx, server.namespaces)
	if err == nil && server.retention != 0 {
		err = server.retain(ctx)
	}
	if err != nil {
		server.Kill()
	}
	return err
}

// retain has each namespace keep what has ended for as long as is wanted: no flag of the dev server does.
func (s *Server) retain(ctx context.Context) error {
	c, err := s.Client(ctx, client.DefaultNamespace)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, n := range s.namespaces {
		_, err := c.WorkflowService().UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
			Namespace: n, Config: &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(s.retention)},
		})
		if err != nil {
			return fmt.Errorf("retention of namespace %s: %w", n, err)
		}
	}
	return nil
}

// Restart starts a server again that was killed or stopped, with its database and on its address.
func (s *Stack) Restart(ctx context.Context, server *Server) error {
	if err := s.launch(ctx, server); err != nil {
		return fmt.Errorf("start the Temporal server again: %w", err)
	}
	return nil
}

// awaitServing waits until each namespace answers: the server opens its port before it has made them.
func (s *Server) awaitServing(ctx context.Context, namespaces []string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("not serving within a minute"))
	defer cancel()
	return s.await(ctx, "serving", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		for _, n := range namespaces {
			if err := s.describe(ctx, n); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Server) describe(ctx context.Context, namespace string) error {
	c, err := s.Client(ctx, namespace)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.DescribeTaskQueue(ctx, "any", 0)
	if err != nil {
		return fmt.Errorf("namespace %s: %w", namespace, err)
	}
	return nil
}
