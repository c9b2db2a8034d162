package stack

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// The emulator's profiles.
const (
	Plain   = "plain"
	Awkward = "awkward"
)

// EmulatorOptions say which local Speech service to start.
type EmulatorOptions struct {
	// Binary is our emulator.
	Binary string
	// Listen is the address; empty = a free loopback port.
	Listen string
	// Files is a folder served at /files/; empty = none.
	Files string
	// Profile is Plain or Awkward; empty = the emulator's default.
	Profile string
	// Speed is how many seconds of the virtual clock pass in a real one; 0 = the emulator's default.
	Speed float64
	// Key is the only key accepted; empty = any.
	Key string
	// Args are added to the command line.
	Args []string
}

// Emulator is a running local Speech service.
type Emulator struct {
	*Process
	// URL is scheme and host: what SPEECH_ENDPOINT is set to.
	URL string
	// Key is one that it accepts.
	Key string
}

// StartEmulator starts an emulator and waits until it serves.
func (s *Stack) StartEmulator(ctx context.Context, opts EmulatorOptions) (*Emulator, error) {
	if opts.Listen == "" {
		opts.Listen = "127.0.0.1:0"
	}
	args := []string{"--listen", opts.Listen}
	add := func(flag, value string) {
		if value != "" {
			args = append(args, flag, value)
		}
	}
	add("--files", opts.Files)
	add("--profile", opts.Profile)
	add("--key", opts.Key)
	if opts.Speed != 0 {
		add("--speed", strconv.FormatFloat(opts.Speed, 'f', -1, 64))
	}
	process, err := s.start(Spec{
		Name: "emulator", Path: opts.Binary,
		Args: append(args, opts.Args...), Env: Environment(),
	})
	if err != nil {
		return nil, err
	}
	e := &Emulator{Process: process, Key: opts.Key}
	if e.Key == "" {
		e.Key = "any"
	}
	ctx, cancel := context.WithTimeoutCause(ctx, 30*time.Second, errors.New("not listening within 30 s"))
	defer cancel()
	if e.URL, err = e.awaitLine(ctx, "listening on "); err != nil {
		e.Kill()
		return nil, fmt.Errorf("start the emulator: %w", err)
	}
	return e, nil
}

// File is the address of a file below the emulator's files folder.
func (e *Emulator) File(path string) string { return e.URL + "/files/" + path }
