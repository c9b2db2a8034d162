package stack

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"text/template"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// ClusterOptions say which Temporal cluster to start: Temporal's own server on Postgres, set up by the scripts of deploy/.
type ClusterOptions struct {
	// Bin is the folder with temporal-server and temporal-sql-tool, Temporal the CLI, Postgres the folder of FindPostgres.
	Bin, Temporal, Postgres string
	// Account is whom Postgres runs as: see PostgresAccount.
	Account *Account
	// Root is the project's.
	Root string
	// Folder is an empty one for database and configuration. It becomes the account's; the caller removes it.
	Folder string
}

// clusterPrograms are Temporal's own, as make builds them.
var clusterPrograms = []string{"temporal-server", "temporal-sql-tool"}

// Cluster is a running Temporal cluster.
type Cluster struct {
	Server   *Server
	Postgres *Postgres

	stack *Stack
}

// StartCluster makes a database, both of Temporal's schemas in it, starts the server, and makes the namespace
// "default" with the search attributes.
func (s *Stack) StartCluster(ctx context.Context, o ClusterOptions) (*Cluster, error) {
	for _, name := range clusterPrograms {
		if _, err := exec.LookPath(filepath.Join(o.Bin, name)); err != nil {
			return nil, fmt.Errorf("%w; run `make cluster`, which builds it", err)
		}
	}
	postgres, err := s.startPostgres(ctx, o.Postgres, o.Folder, o.Account)
	if err != nil {
		return nil, err
	}
	// The scripts find their tools on PATH, as in the image that runs them.
	tools := filepath.Join(o.Folder, "tools")
	if err := os.Mkdir(tools, 0o700); err != nil {
		return nil, err
	}
	for name, path := range map[string]string{"temporal": o.Temporal, "temporal-sql-tool": filepath.Join(o.Bin, "temporal-sql-tool")} {
		if err := os.Symlink(path, filepath.Join(tools, name)); err != nil {
			return nil, err
		}
	}
	script := func(name string, env ...string) error {
		return finish(ctx, Spec{
			Name: name, Path: "/bin/sh", Args: []string{filepath.Join(o.Root, "deploy", "temporal", name)},
			Env: Environment(append(env, "PATH="+tools+string(filepath.ListSeparator)+os.Getenv("PATH"))...),
		})
	}
	if err := script("schema.sh", "SQL_PLUGIN=postgres12", "SQL_HOST=127.0.0.1", "SQL_PORT="+strconv.Itoa(postgres.Port),
		"SQL_USER="+postgresUserName, "SQL_PASSWORD="+postgres.Password); err != nil {
		return nil, err
	}
	server, err := s.startTemporalServer(ctx, o, postgres)
	if err != nil {
		return nil, fmt.Errorf("start Temporal's server: %w", err)
	}
	if err := script("namespace.sh", "TEMPORAL_ADDRESS="+server.Address, "TEMPORAL_NAMESPACE="+client.DefaultNamespace, "RETENTION=30d"); err != nil {
		return nil, err
	}
	server.namespaces = []string{client.DefaultNamespace}
	return &Cluster{Server: server, Postgres: postgres, stack: s}, server.awaitServing(ctx, server.namespaces)
}

// startTemporalServer starts the server and waits until it answers with the cluster's name: another one that has taken its
// port in the meantime has a different name.
func (s *Stack) startTemporalServer(ctx context.Context, o ClusterOptions, postgres *Postgres) (*Server, error) {
	c, err := newClusterConfig(postgres, filepath.Join(o.Root, "deploy", "temporal", "dynamicconfig.yaml"))
	if err != nil {
		return nil, err
	}
	text, err := c.render()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(o.Folder, "development.yaml"), []byte(text), 0o600); err != nil {
		return nil, err
	}
	server := &Server{Address: c.Address, program: Spec{
		Name: "temporal-server", Path: filepath.Join(o.Bin, "temporal-server"), Env: Environment(),
		Args: []string{"--root", o.Folder, "--config", ".", "--env", "development", "--allow-no-auth", "start"},
	}}
	if err := s.launch(ctx, server); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("not serving within a minute"))
	defer cancel()
	return server, server.await(ctx, "its name", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		client, err := server.Client(ctx, client.DefaultNamespace)
		if err != nil {
			return err
		}
		defer client.Close()
		info, err := client.WorkflowService().GetClusterInfo(ctx, &workflowservice.GetClusterInfoRequest{})
		if err == nil && info.GetClusterName() != c.Name {
			err = Permanent(fmt.Errorf("%s is the address of another cluster, %s", c.Address, info.GetClusterName()))
		}
		return err
	})
}

// KillServer ends Temporal's server as `kill -9` does, and starts it again on its address.
func (c *Cluster) KillServer(ctx context.Context) error {
	c.Server.Kill()
	return c.stack.Restart(ctx, c.Server)
}

// RestartDatabase is `pg_ctl restart -m immediate`, as after a crash of the database.
func (c *Cluster) RestartDatabase(ctx context.Context) error {
	return c.stack.restartPostgres(ctx, c.Postgres)
}

// Kill ends server and database at once, when nothing in them is needed any more: the server may take longer to stop by
// itself than a stack waits. The stack's Close waits for the database.
func (c *Cluster) Kill() {
	c.Server.Kill()
	c.Postgres.signal(syscall.SIGQUIT)
}

//go:embed cluster.yaml
var clusterYAML string

// clusterConfig is what the server's configuration depends on.
type clusterConfig struct {
	// Name is this cluster's alone; Address is the frontend's.
	Name, Address string
	// Postgres is host:port; Databases are those of schema.sh, by store.
	Postgres, User, Password string
	Databases                map[string]string
	Services                 []clusterService
	// Dynamic is the file that the server reads again every minute.
	Dynamic string
}

// clusterService is one of the services that a server consists of.
type clusterService struct {
	Name             string
	Port, Membership int
}

func newClusterConfig(postgres *Postgres, dynamic string) (clusterConfig, error) {
	c := clusterConfig{
		Name: "cluster-" + uuid.NewString()[:8], Postgres: postgres.Address(), User: postgresUserName, Password: postgres.Password,
		Databases: map[string]string{"default": "temporal", "visibility": "temporal_visibility"}, Dynamic: dynamic,
	}
	for _, name := range []string{"frontend", "history", "matching", "worker"} {
		port, err := lowPort()
		membership, membershipErr := lowPort()
		if err = errors.Join(err, membershipErr); err != nil {
			return c, err
		}
		c.Services = append(c.Services, clusterService{name, port, membership})
	}
	c.Address = net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Services[0].Port))
	return c, nil
}

func (c clusterConfig) render() (string, error) {
	var text strings.Builder
	t, err := template.New("cluster.yaml").Parse(clusterYAML)
	if err == nil {
		err = t.Execute(&text, c)
	}
	return text.String(), err
}
