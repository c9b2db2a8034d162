// Command mutants takes the guards of the product out, one at a time, and tells whether a test notices: each entry of
// mutants.jsonl is a change of one source that must make a test fail. Nothing in the tree is written.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"speech-retrainer/internal/table"
)

const usage = `Take guards out of the product, one at a time, and see whether a test notices.

Usage:
  mutants [flags] [ID ...]    all mutations of internal/mutants/mutants.jsonl, or those named

Examples:
  mutants
  mutants --jobs 4 A01 A05

Flags:
`

// errSurvives ends a run in which some mutation was not noticed, or could not be tried.
var errSurvives = errors.New("not every mutation was noticed")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	flags := flag.NewFlagSet("mutants", flag.ExitOnError)
	flags.Usage = func() { fmt.Fprint(flags.Output(), usage); flags.PrintDefaults() }
	p := program{tell: os.Stderr}
	flags.IntVar(&p.jobs, "jobs", 2, "mutations that are tried side by side")
	flags.StringVar(&p.root, "root", ".", "root of the module")
	_ = flags.Parse(os.Args[1:])
	mutants, err := readList(filepath.Join(p.root, listFile), flags.Args())
	if err == nil {
		err = p.run(ctx, mutants, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// program tries mutations on the module at root.
type program struct {
	root string
	jobs int
	// tell is where progress goes.
	tell io.Writer
}

// outcome is what became of one mutation.
type outcome struct {
	mutant
	answer
	fault error
}

// noticed says by which test, or what is wrong.
func (o outcome) noticed() string {
	switch {
	case o.fault != nil:
		return "ERROR"
	case o.failed == "":
		return "SURVIVES"
	}
	return o.failed
}

// run tries the mutations and prints what became of them, in their order. The error is errSurvives when one was not
// noticed or could not be tried.
func (p program) run(ctx context.Context, mutants []mutant, out io.Writer) error {
	outcomes := make([]outcome, len(mutants))
	if err := p.sound(ctx, mutants); err != nil {
		return err
	}
	p.each(len(mutants), func(i int) {
		outcomes[i] = p.try(ctx, mutants[i])
		if ctx.Err() != nil {
			return
		}
		fmt.Fprintf(p.tell, "%s %s: %s\n", mutants[i].ID, mutants[i].What, outcomes[i].noticed())
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	shown := table.New("ID", "WHAT", "NOTICED BY")
	survivors, faults := 0, 0
	for _, o := range outcomes {
		shown.AppendRow(table.Row{o.ID, o.What, o.noticed()})
		switch {
		case o.fault != nil:
			faults++
		case o.failed == "":
			survivors++
		}
	}
	fmt.Fprintf(out, "%s\n\n%d mutations: %d survive, %d errors\n", shown.Render(), len(outcomes), survivors, faults)
	for _, o := range outcomes {
		if o.fault != nil {
			fmt.Fprintf(out, "%s: %v\n", o.ID, o.fault)
		}
	}
	if survivors+faults > 0 {
		return errSurvives
	}
	return nil
}

// sound runs the same tests without any mutation: a test that fails then would seem to notice everything.
func (p program) sound(ctx context.Context, mutants []mutant) error {
	patterns := map[string][]string{}
	for _, m := range mutants {
		s, err := m.suite()
		if err != nil {
			continue // try says so
		}
		key := strings.Join(s.packages, " ")
		if !slices.Contains(patterns[key], s.run) {
			patterns[key] = append(patterns[key], s.run)
		}
	}
	for packages, runs := range patterns {
		s := suite{packages: strings.Fields(packages), run: strings.Join(runs, "|")}
		if slices.Contains(runs, "") {
			s.run = ""
		}
		said, err := test(ctx, p.root, s, mutant{}, nil)
		if err != nil {
			return fmt.Errorf("the tests of %s without any mutation: %w", packages, err)
		}
		if said.failed != "" {
			return fmt.Errorf("%s of %s fails without any mutation: mend it first", said.failed, packages)
		}
	}
	return nil
}

// try runs the tests of one mutation.
func (p program) try(ctx context.Context, m mutant) outcome {
	o := outcome{mutant: m}
	s, err := m.suite()
	if err == nil {
		var mutated []byte
		if mutated, err = m.apply(p.root); err == nil {
			o.answer, err = test(ctx, p.root, s, m, mutated)
		}
	}
	o.fault = err
	return o
}

// each calls do for 0 to n-1, p.jobs side by side.
func (p program) each(n int, do func(int)) {
	var lanes sync.WaitGroup
	next := make(chan int)
	for range cmp.Or(max(p.jobs, 0), 1) {
		lanes.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	lanes.Wait()
}
