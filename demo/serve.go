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

// serve says where everything is and waits for Ctrl-C or for a part to end by itself.
func serve(ctx context.Context, s *scene) error {
	fmt.Fprint(s.out, s.board().text())
	select {
	case <-ctx.Done():
		return nil
	case <-s.server.Done():
	case <-s.emulator.Done():
	case <-s.worker.Done():
	}
	return errors.New("a part ended by itself")
}

// board is what a person is told who is to try things: where everything is, and what to type.
type board struct {
	// page, ui and speech are addresses for a browser, server is where Temporal's tools find it.
	page, ui, speech, server, health string
	// logs and bin are folders: absolute, or below the project's folder.
	logs, bin string
	// settings are what starter needs here: it uploads local files by itself.
	settings []string
}

func (s *scene) board() board {
	b := board{
		page: s.page, ui: s.server.UI, speech: s.emulator.URL, server: s.server.Address, health: s.worker.Health,
		logs: s.below(filepath.Dir(s.server.LogPath())), bin: s.below(filepath.Dir(s.binaries.Starter)),
	}
	for _, setting := range append(s.server.Environment(), s.emulator.Environment(listLag)...) {
		name, _, _ := strings.Cut(setting, "=")
		if slices.Contains([]string{"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "SPEECH_ENDPOINT", "SPEECH_KEY"}, name) {
			b.settings = append(b.settings, setting)
		}
	}
	return b
}

// below is a folder as it is named from the project's folder; one that is elsewhere stays as it is.
func (s *scene) below(folder string) string {
	path, err := filepath.Rel(s.root, folder)
	if err != nil || !filepath.IsLocal(path) {
		return folder
	}
	return path
}

// text is what is printed. Each command is there to be typed as it stands, in this order.
func (b board) text() string {
	var text strings.Builder
	bin := b.bin
	if !filepath.IsAbs(bin) {
		bin = "$PWD/" + bin
	}
	fmt.Fprintf(&text, `Running until Ctrl-C, which stops all of it; what ran here is forgotten then.

  fleet page  http://%s/
  Temporal    %s  (web UI; its server is %s)
  Speech      %s  (the emulator: docs/emulator.md)
  worker      %s/readyz
  logs        %s

Try it in another terminal, in this folder:

`, b.page, b.ui, b.server, b.speech, b.health, b.logs)
	for pair := range slices.Chunk(b.settings, 2) {
		fmt.Fprintf(&text, "  export %s\n", strings.Join(pair, " "))
	}
	fmt.Fprintf(&text, `  export PATH="%s:$PATH"
  starter plan -f examples/request-full.yaml  # what would be done, and why
  starter run -f examples/request-full.yaml   # train, test and deploy one model
  starter apply -f examples/fleet.yaml        # check three models every day
  starter status                              # what serves, and until when
  starter doctor                              # is everything set up?

`, bin)
	if b.speech != written {
		fmt.Fprintf(&text, "Port %s is taken: for examples/request.yaml put %s\ninto a copy first.\n\n", written[strings.LastIndex(written, ":")+1:], b.speech)
	}
	return text.String()
}
