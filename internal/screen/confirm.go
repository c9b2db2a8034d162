package screen

import (
	"bufio"
	"context"
	"strings"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
)

// Confirm asks whether to do what was shown, unless yes says so already. Anything but a yes is a refusal, and so is
// that nobody can be asked: In or Err is no terminal. The error is a *exit.Failure that names --yes.
func (s *Screen) Confirm(ctx context.Context, yes bool, question string) error {
	if yes {
		return nil
	}
	if !s.InTerminal || !s.ErrTerminal {
		return exit.Refuse(lifecycle.InvalidRequest, "this needs a yes, and there is no terminal to ask on: nothing was changed").
			Next("with --yes it is done without asking")
	}
	s.TellWrapped(question + " [y/N]")
	answer := make(chan string, 1)
	// A read of a terminal cannot be broken off: when ctx ends, so does the program.
	go func() {
		line, _ := bufio.NewReader(s.In).ReadString('\n')
		answer <- line
	}()
	select {
	case <-ctx.Done():
		return exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted: nothing was changed")
	case line := <-answer:
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes":
			return nil
		}
		return exit.Refuse(lifecycle.InvalidRequest, "the answer was not yes: nothing was changed")
	}
}
