// Command fetch brings the Temporal CLI that tools/go.mod pins to this machine, for make: from temporal.download, in
// seconds, in place of a build of minutes. It does so for people only, never where CI is set, and nothing it says is
// taken on trust but the certificate of the site: see SECURITY.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"speech-retrainer/internal/web"
	"speech-retrainer/internal/words"
)

// Exit codes, which the Makefile reads: it builds the CLI after notFetched, and ends after all others.
const (
	wrongSetting = 2
	notFetched   = 3
	interrupted  = 130
)

const (
	// variable is the setting of where the CLI comes from: an address, off, or empty for site.
	variable = "TEMPORAL_DOWNLOAD"
	site     = "https://temporal.download"
	off      = "off"
	// module is the CLI's, as tools/go.mod names it.
	module = "github.com/temporalio/cli"
)

func main() {
	to := flag.String("to", "bin/temporal", "file that the program becomes")
	pins := flag.String("pins", "tools/go.mod", "go.mod that pins the version")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Stderr, os.Getenv, *pins, *to))
}

// run fetches the pinned CLI to a file, says on tell what it does, and returns the exit code.
func run(ctx context.Context, tell io.Writer, getenv func(string) string, pins, to string) int {
	say := func(format string, args ...any) {
		for _, line := range words.Wrap(fmt.Sprintf(format, args...), words.Width) {
			fmt.Fprintln(tell, line)
		}
	}
	at := strings.TrimRight(getenv(variable), "/")
	switch {
	case getenv("CI") != "":
		say("Temporal CLI: not fetched: CI is set.")
		return notFetched
	case at == off:
		say("Temporal CLI: not fetched: %s=%s.", variable, off)
		return notFetched
	case at == "":
		at = site
	}
	if err := web.CheckURL(at); err != nil {
		say("%s: %v; or %q, to build the Temporal CLI", variable, err, off)
		return wrongSetting
	}
	version, err := pinned(pins)
	if err != nil {
		say("%v", err)
		return wrongSetting
	}
	say("Fetching the Temporal CLI %s from %s: some seconds. %s=%s builds it instead.", version, at, variable, off)
	got, err := here(at, version).fetch(ctx, to)
	switch {
	case ctx.Err() != nil:
		return interrupted
	case err != nil:
		say("Not fetched: %v.", err)
		return notFetched
	}
	say("Fetched %s (%d MB): %s.", to, got.bytes>>20, got.says)
	say("SHA-256 of its archive, which nothing was compared with:")
	say("%s", got.sum)
	return 0
}

// pinned is the version of the CLI that a go.mod requires, like v1.5.1.
func pinned(path string) (string, error) {
	content, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return "", fmt.Errorf("which version of the Temporal CLI is wanted: %w", err)
	}
	for line := range strings.Lines(string(content)) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) >= 2 && fields[0] == module {
			return fields[1], nil
		}
	}
	return "", fmt.Errorf("which version of the Temporal CLI is wanted: %s does not require %s", path, module)
}
