package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// written is the emulator's default address, which examples/request.yaml names.
const written = "http://127.0.0.1:8090"

// example is the request that is named for a first try: local files, a test, an endpoint.
const example = "examples/request-full.yaml"

// exampleFleet is the fleet that is named for a second try.
const exampleFleet = "examples/fleet.yaml"

// serve says where everything is and waits for Ctrl-C or for a part to end by itself.
func serve(ctx context.Context, s *scene) error {
	fmt.Fprintf(s.out, `Running until Ctrl-C; runs are forgotten then.

  fleet      http://%s/  (the fleet page)
  web UI     %s  (Temporal's)
  Temporal   %s
  Speech     %s  (the emulator; its admin API is under /admin/)
  files      %s  (the folder examples/data)
  worker     %s/readyz
  logs       %s

In another terminal, in this folder:

%s  %[9]s run -f %[10]s
  %[9]s apply -f %[11]s
`, s.page, s.server.UI, s.server.Address, s.emulator.URL, s.emulator.File(""), s.worker.Health, filepath.Dir(s.server.LogPath()),
		s.exports(), s.starterHere(), example, exampleFleet)
	if s.emulator.URL != written {
		fmt.Fprintf(s.out, "\nPort %s is taken: for examples/request.yaml put %s\ninto a copy first.\n",
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

// exports are the settings that starter needs here, as lines for a shell: it uploads local files by itself.
func (s *scene) exports() string {
	var b strings.Builder
	for _, setting := range append(s.server.Environment(), s.emulator.Environment(listLag)...) {
		name, _, _ := strings.Cut(setting, "=")
		if slices.Contains([]string{"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "SPEECH_ENDPOINT", "SPEECH_KEY"}, name) {
			fmt.Fprintf(&b, "  export %s\n", setting)
		}
	}
	return b.String()
}

// starterHere is how starter is called from the project's folder.
func (s *scene) starterHere() string {
	path, err := filepath.Rel(s.root, s.binaries.Starter)
	if err != nil || strings.HasPrefix(path, "..") {
		return s.binaries.Starter
	}
	return path
}
