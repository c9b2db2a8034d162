// Command demo shows the product at work on one machine: it starts a Temporal dev server, a local Speech
// service and a worker on free ports, tells the story of one model until after its expiry, and stops what it
// started. With --dev it leaves them running until Ctrl-C.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// interrupted is the exit code after Ctrl-C, as shells count it.
const interrupted = 130

func main() {
	dev := flag.Bool("dev", false, "start everything with the web UI and leave it running until Ctrl-C")
	verbose := flag.Bool("verbose", false, "show what the commands print, and the model card of each run")
	bin := flag.String("bin", "bin", "folder that holds worker, starter, emulator and, maybe, temporal")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once; on Linux the kernel then ends its children.
	context.AfterFunc(ctx, stop)

	show := func(ctx context.Context, s *scene) error { return tell(ctx, s, *verbose) }
	if *dev {
		show = serve
	}
	err := within(ctx, os.Stdout, *bin, *dev, show)
	switch {
	case ctx.Err() != nil && *dev:
		// Ctrl-C is how --dev is meant to end.
	case ctx.Err() != nil:
		os.Exit(interrupted)
	case err != nil:
		fmt.Fprintf(os.Stderr, "\ndemo: %v\n", err)
		os.Exit(1)
	}
}
