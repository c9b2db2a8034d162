package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"speech-retrainer/internal/visible"
)

const healthcheckHead = `Ask a running worker whether it is ready: for containers, whose images hold no
other HTTP client. Ends with 0 when the answer is 200, else with 1.

Usage:
  worker healthcheck [flags]

Examples:
  worker healthcheck
  worker healthcheck --url http://127.0.0.1:8080/healthz --timeout 2s

Flags:
`

func (m *Main) healthcheck(ctx context.Context, args []string) int {
	fs := newFlagSet("healthcheck")
	url := fs.String("url", "http://"+defaultHTTP+"/readyz", "What to ask")
	timeout := fs.Duration("timeout", 5*time.Second, "How long the answer may take")
	switch err := fs.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprint(m.Stdout, healthcheckHead, fs.FlagUsagesWrapped(80))
		return exitStopped
	case err != nil:
		fmt.Fprintf(m.Stderr, "worker healthcheck: %v\n", err)
		return exitUsage
	case fs.NArg() > 0:
		fmt.Fprintf(m.Stderr, "worker healthcheck: takes no argument, not %q\n", fs.Arg(0))
		return exitUsage
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	text, err := probe(ctx, *url)
	if err != nil {
		fmt.Fprintln(m.Stderr, visible.Line(fmt.Sprintf("worker healthcheck: %v", err)))
		return exitFailed
	}
	fmt.Fprintln(m.Stdout, visible.Line(text))
	return exitStopped
}

// probe returns what url answers with 200, and an error for any other answer. It goes there directly:
// a proxy of the environment is not for the neighbour process.
func probe(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", fmt.Errorf("--url: %w", err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	if err != nil {
		return "", fmt.Errorf("read the answer of %s: %w", url, err)
	}
	text := strings.TrimSpace(string(body))
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answered %s: %s", url, response.Status, text)
	}
	return text, nil
}
