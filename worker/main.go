// Command worker runs the workflows and activities of Speech Retrainer: it takes tasks from one
// Temporal task queue and does them on one Speech resource.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once, for an operator who will not wait for a graceful stop.
	context.AfterFunc(ctx, stop)
	m := NewMain()
	m.Terminal = term.IsTerminal(int(os.Stderr.Fd()))
	os.Exit(m.Execute(ctx, os.Args[1:]))
}
