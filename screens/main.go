// Command screens shows the fleet page as an operator sees it: it starts a local stack, makes a small fleet with a story, and
// hands the address of the page to a program that looks at it in a browser (tools/screens). With --keep it leaves all that
// running until Ctrl-C. See: make test-screens.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"speech-retrainer/internal/stack"
)

func main() {
	bin := flag.String("bin", "bin", "folder that holds worker, starter, emulator and, maybe, temporal")
	keep := flag.Bool("keep", false, "leave everything running until Ctrl-C instead of looking at it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := show(ctx, *bin, *keep, flag.Args()); err != nil {
		fmt.Fprintf(os.Stderr, "screens: %v\n", err)
		os.Exit(1)
	}
}

// show makes the stack and its story, and runs the program that looks at it.
func show(ctx context.Context, bin string, keep bool, viewer []string) (err error) {
	root, err := stack.Root()
	if err != nil {
		return err
	}
	binaries, err := stack.FindBinaries(bin)
	if err != nil {
		return err
	}
	logs := filepath.Join(root, ".run", fmt.Sprintf("screens-%d", time.Now().Unix()))
	parts, err := stack.New(logs)
	if err != nil {
		return err
	}
	s := &story{root: root, binaries: binaries}
	defer func() {
		if err != nil {
			fmt.Fprint(os.Stderr, parts.Tails(15))
			err = fmt.Errorf("%w\n(whole logs: %s)", err, logs)
		}
		err = errors.Join(err, parts.Close(), os.RemoveAll(s.files))
		if err == nil {
			err = os.RemoveAll(logs)
		}
	}()
	if err := s.start(ctx, parts); err != nil {
		return err
	}
	if err := s.tell(ctx); err != nil {
		return err
	}
	fmt.Printf("the page: %s\nTemporal's web UI: %s\n", s.page, s.server.UI)
	if keep {
		<-ctx.Done()
		return nil
	}
	if len(viewer) == 0 {
		return errors.New("nobody looks: name the program after the flags, or use --keep")
	}
	cmd := exec.CommandContext(ctx, viewer[0], append(viewer[1:], s.page, s.server.UI)...)
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = os.Stdout, os.Stderr, stack.DieWithParent()
	return cmd.Run()
}
