// Command bench measures the product on this machine and writes docs/performance.md. It needs what `make bench` builds.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"speech-retrainer/internal/bench"
	"speech-retrainer/internal/stack"
)

const usage = `Measure the product and write docs/performance.md and docs/performance.json.

Usage:
  bench [flags] [ROW...]

Without a row all are measured. Rows: %s

Examples:
  bench
  bench wall lone

Flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), usage, strings.Join(bench.Rows(), " "))
		flags.PrintDefaults()
	}
	bin := flags.String("bin", "bin", "folder that holds worker, starter, emulator and, maybe, temporal")
	out := flags.String("out", "docs/performance", "where to write to, without .md and .json")
	within := flags.Duration("within", 30*time.Minute, "no row begins later than this")
	keep := flags.Bool("keep-logs", false, "leave the logs of all programs where they are")
	if err := flags.Parse(args); err != nil {
		return err
	}
	logs, err := os.MkdirTemp("", "speech-retrainer-bench-")
	if err != nil {
		return err
	}
	defer func() {
		if *keep || err != nil {
			fmt.Fprintln(os.Stderr, "logs:", logs)
			return
		}
		err = os.RemoveAll(logs)
	}()
	root, err := stack.Root()
	if err != nil {
		return err
	}
	commit, err := bench.Commit(ctx, root)
	if err != nil {
		return err
	}
	binaries, err := stack.FindBinaries(*bin)
	if err != nil {
		return err
	}
	began := time.Now()
	rig := &bench.Rig{
		Binaries: binaries, Files: filepath.Join(root, "examples", "data"), Logs: logs,
		Tell: func(format string, args ...any) {
			fmt.Fprintf(os.Stderr, "%6.0f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
		},
	}
	document, err := bench.Read(*out + ".json")
	if err != nil {
		return err
	}
	document.Machine = bench.ThisMachine()
	return rig.Measure(ctx, flags.Args(), commit, *within, func(r bench.Result) error {
		document.Put(r)
		return document.Write(*out+".json", *out+".md")
	})
}
