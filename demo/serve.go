package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// written is the emulator's default address, which the example request names.
const written = "http://127.0.0.1:8090"

// serve says where everything is and waits for Ctrl-C or for a part to end by itself.
func serve(ctx context.Context, s *scene) error {
	fmt.Fprintf(s.out, `Running until Ctrl-C; runs are forgotten then.

  web UI     %s
  Temporal   %s
  Speech     %s  (the emulator; its admin API is under /admin/)
  files      %s  (the folder examples/data)
  worker     %s/readyz
  logs       %s

In another terminal:

  export TEMPORAL_ADDRESS=%s
  bin/starter run -f examples/request.yaml
`, s.server.UI, s.server.Address, s.emulator.URL, s.emulator.File(""), s.worker.Health, filepath.Dir(s.server.LogPath()),
		s.server.Address)
	if s.emulator.URL != written {
		fmt.Fprintf(s.out, "\nPort %s is taken, so put %s into a copy of the request first.\n",
			written[strings.LastIndex(written, ":")+1:], s.emulator.URL)
	}
	fmt.Fprintln(s.out)
	select {
	case <-ctx.Done():
		return nil
	case <-s.server.Done():
	case <-s.emulator.Done():
	case <-s.worker.Done():
	}
	return errors.New("a part ended by itself")
}
