// Command campaign breaks the product on purpose, on this machine, and prints what became of it. It needs what
// `make crash`, `make chaos` and `make cluster` build.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"speech-retrainer/internal/campaign"
	"speech-retrainer/internal/stack"
)

const usage = `Break the product on purpose and check what is left.

Usage:
  campaign crash [flags]    kill workers at every point, reset runs, restart Temporal
  campaign chaos [flags]    random faults, kills and jumps of the clock, by seed
  campaign cluster [flags]  retrains on Temporal's server and Postgres, which die meanwhile, by seed
  campaign histories        record the histories that the replay test stands on

Examples:
  campaign crash --scenario first
  campaign chaos --seed 17 --runs 1
  campaign cluster --check

Flags:
`

// second is the namespace of a second installation.
const second = "second"

// errBroken ends a campaign that found something.
var errBroken = errors.New("rules were broken")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "campaign:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("campaign", flag.ExitOnError)
	flags.Usage = func() { fmt.Fprint(flags.Output(), usage); flags.PrintDefaults() }
	bin := flags.String("bin", "bin", "folder that holds worker, worker-crash, starter, emulator and, maybe, temporal")
	lanes := flags.Int("lanes", 16, "cases that run side by side: they wait for most of their time")
	only := flags.String("scenario", "", "crash: scenarios to run, separated by commas; all when empty")
	seed := flags.Uint64("seed", 1, "chaos: the first seed; cluster: the seed")
	runs := flags.Int("runs", 20, "chaos: how many seeds, one after the other")
	retrains := flags.Int("retrains", 50, "cluster: how many models are retrained at the same time")
	check := flags.Bool("check", false, "cluster: only say what this machine lacks")
	out := flags.String("out", "workflows/testdata/histories", "histories: folder to write to")
	keep := flags.Bool("keep-logs", false, "leave the logs of all cases where they are")
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		flags.Usage()
		return errors.New("say crash, chaos, cluster or histories")
	}
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if args[0] == "cluster" && *retrains < 1 {
		return errors.New("--retrains must be 1 or more")
	}
	if args[0] == "cluster" && *check {
		_, _, err := clusterNeeds()
		return err
	}
	logs, err := os.MkdirTemp("", "speech-retrainer-campaign-")
	if err != nil {
		return err
	}
	defer func() {
		if *keep || errors.Is(err, errBroken) {
			fmt.Fprintln(os.Stderr, "logs:", logs)
			return
		}
		_ = os.RemoveAll(logs)
	}()
	tell := func(line string) { fmt.Fprintln(os.Stderr, line) }
	if args[0] == "cluster" {
		return onCluster(ctx, *bin, logs, campaign.ClusterOptions{Seed: *seed, Retrains: *retrains, Progress: tell})
	}
	rig, done, err := setUp(ctx, *bin, logs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	switch args[0] {
	case "crash":
		o := campaign.CrashOptions{Lanes: *lanes, Progress: tell}
		if *only != "" {
			o.Scenarios = strings.Split(*only, ",")
		}
		found, err := rig.Crash(ctx, o)
		if err != nil {
			return err
		}
		found.Print(os.Stdout)
		if len(found.Broken()) > 0 {
			return errBroken
		}
	case "chaos":
		found := rig.Chaos(ctx, campaign.ChaosOptions{Seeds: campaign.Seeds(*seed, *runs), Lanes: *lanes, Progress: tell})
		found.Print(os.Stdout)
		if found.Broken() > 0 {
			return errBroken
		}
	case "histories":
		return rig.Record(ctx, *out, *lanes)
	default:
		return fmt.Errorf("%q is not a campaign, say crash, chaos, cluster or histories", args[0])
	}
	return nil
}

// setUp starts the Temporal server that the cases share.
func setUp(ctx context.Context, bin, logs string) (*campaign.Rig, func() error, error) {
	binaries, err := stack.FindBinaries(bin)
	if err != nil {
		return nil, nil, err
	}
	root, err := stack.Root()
	if err != nil {
		return nil, nil, err
	}
	crash, err := filepath.Abs(filepath.Join(bin, "worker-crash"))
	if err != nil {
		return nil, nil, err
	}
	if _, err := os.Stat(crash); err != nil {
		return nil, nil, fmt.Errorf("%w; run `make crash` or `make chaos`", err)
	}
	parts, err := stack.New(filepath.Join(logs, "server"))
	if err != nil {
		return nil, nil, err
	}
	rig := &campaign.Rig{Binaries: binaries, CrashWorker: crash, Data: filepath.Join(root, "examples", "data"), Logs: logs}
	if rig.Server, err = parts.StartServer(ctx, stack.ServerOptions{
		Binary: binaries.Temporal,
		// A database in memory is lost when the machine is so busy that the server lets go of it.
		Database:   filepath.Join(logs, "temporal.db"),
		Namespaces: []string{second},
	}); err != nil {
		return nil, nil, err
	}
	if rig.Client, err = rig.Server.Client(ctx, "default"); err != nil {
		return nil, nil, errors.Join(err, parts.Close())
	}
	rig.Second.Namespace = second
	if rig.Second.Client, err = rig.Server.Client(ctx, second); err != nil {
		rig.Client.Close()
		return nil, nil, errors.Join(err, parts.Close())
	}
	return rig, func() error {
		rig.Second.Client.Close()
		rig.Client.Close()
		return parts.Close()
	}, nil
}
