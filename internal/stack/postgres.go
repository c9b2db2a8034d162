package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/google/uuid"
)

// postgresUserName is the database's own administrator, as whom Temporal connects.
const postgresUserName = "temporal"

// debianPostgres is where Debian and Ubuntu keep Postgres's programs, a folder for each version; none is on PATH there.
const debianPostgres = "/usr/lib/postgresql"

// FindPostgres returns the folder with the programs of Postgres's server: that of PATH, else the newest where Debian keeps
// them. The error says how to install them.
func FindPostgres() (string, error) {
	return findPostgres(filepath.SplitList(os.Getenv("PATH")), debianPostgres)
}

func findPostgres(path []string, debian string) (string, error) {
	versions, err := filepath.Glob(filepath.Join(debian, "*", "bin"))
	if err != nil {
		return "", err
	}
	slices.SortStableFunc(versions, func(a, b string) int { return cmp.Compare(postgresVersion(b), postgresVersion(a)) })
	for _, dir := range slices.Concat(path, versions) {
		if holds(dir, "initdb") && holds(dir, "postgres") {
			return dir, nil
		}
	}
	return "", fmt.Errorf("missing: Postgres's server, of which the programs initdb and postgres are neither on PATH nor in %s. "+
		"Install it with `apt-get install postgresql` (Debian, Ubuntu), `dnf install postgresql-server` (Fedora) or "+
		"`brew install postgresql` (macOS). A database of its own is made in a temporary folder: one that you have is not touched",
		filepath.Join(debian, "*", "bin"))
}

// postgresVersion is the version in a path of Debian's, 0 for another one.
func postgresVersion(bin string) float64 {
	v, err := strconv.ParseFloat(filepath.Base(filepath.Dir(bin)), 64)
	if err != nil {
		return 0
	}
	return v
}

func holds(dir, program string) bool {
	_, err := exec.LookPath(filepath.Join(dir, program))
	return err == nil && filepath.IsAbs(dir)
}

// Account is a user of this machine.
type Account struct {
	Name     string
	UID, GID uint32
}

// PostgresAccount is whom Postgres runs as. It refuses root, for whom it is another user of this machine; nil means
// whoever runs this program.
func PostgresAccount() (*Account, error) { return postgresAccount(os.Geteuid(), user.Lookup) }

func postgresAccount(uid int, lookup func(string) (*user.User, error)) (*Account, error) {
	if uid != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := lookup(name)
		if err != nil {
			continue
		}
		u, err := strconv.ParseUint(found.Uid, 10, 32)
		g, groupErr := strconv.ParseUint(found.Gid, 10, 32)
		if err = errors.Join(err, groupErr); err != nil {
			return nil, fmt.Errorf("user %s of this machine: %w", name, err)
		}
		return &Account{name, uint32(u), uint32(g)}, nil
	}
	return nil, errors.New("missing: a user for Postgres, which refuses to run as root; this machine has neither postgres nor nobody. " +
		"Run this as another user than root, or add one with `useradd --system postgres`")
}

// Postgres is a running database server on loopback, with a folder of its own.
type Postgres struct {
	*Process
	Port     int
	Password string

	programs, folder string
	as               *Account
}

// startPostgres makes a database in an empty folder, which becomes the account's, and starts its server.
func (s *Stack) startPostgres(ctx context.Context, programs, folder string, as *Account) (*Postgres, error) {
	p := &Postgres{Password: uuid.NewString(), programs: programs, folder: folder, as: as}
	secret := filepath.Join(folder, "password")
	if err := os.WriteFile(secret, []byte(p.Password+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("make a database: %w", err)
	}
	if as != nil {
		for _, path := range []string{folder, secret} {
			if err := os.Chown(path, int(as.UID), int(as.GID)); err != nil {
				return nil, fmt.Errorf("make a database: give its folder to user %s: %w", as.Name, err)
			}
		}
	}
	if err := finish(ctx, p.spec("initdb", "--pgdata", p.data(), "--username", postgresUserName, "--pwfile", secret,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C")); err != nil {
		return nil, fmt.Errorf("make a database: %w", err)
	}
	var err error
	if p.Port, err = lowPort(); err != nil {
		return nil, err
	}
	return p, s.launchPostgres(ctx, p)
}

func (p *Postgres) data() string { return filepath.Join(p.folder, "data") }

// Address is host:port.
func (p *Postgres) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.Port)) }

// spec is one of Postgres's programs, run where and as whom the database lives.
func (p *Postgres) spec(program string, args ...string) Spec {
	// The working directory of root may be closed to the account, and Postgres wants to know where it is.
	return Spec{Name: program, Path: filepath.Join(p.programs, program), Args: args, Env: Environment(), Dir: p.folder, As: p.as}
}

func (s *Stack) launchPostgres(ctx context.Context, p *Postgres) error {
	process, err := s.start(p.spec("postgres", "-D", p.data(), "-p", strconv.Itoa(p.Port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200"))
	if err != nil {
		return err
	}
	p.Process = process
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("not ready within a minute"))
	defer cancel()
	if _, err := p.awaitLine(ctx, "database system is ready to accept connections"); err != nil {
		p.Kill()
		return fmt.Errorf("start Postgres: %w", err)
	}
	return nil
}

// restartPostgres is `pg_ctl restart -m immediate`: the server ends without a word to anybody, and recovers from its log
// when it starts again. The signal is the one that pg_ctl sends (PostgreSQL: "Shutting Down the Server").
func (s *Stack) restartPostgres(ctx context.Context, p *Postgres) error {
	p.signal(syscall.SIGQUIT)
	select {
	case <-p.Done():
		return s.launchPostgres(ctx, p)
	case <-ctx.Done():
		return fmt.Errorf("restart Postgres: it did not end: %w", context.Cause(ctx))
	}
}
