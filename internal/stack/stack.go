// Package stack runs the whole product on one machine from its built programs: a Temporal dev server,
// a local Speech service (the emulator) and workers, each on a free loopback port, each ready before it
// is handed over, each stopped at the end. The demo and the end-to-end tests stand on it.
package stack

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
)

// stopGrace is how long a program may take to end by itself before it is killed.
const stopGrace = 10 * time.Second

// Stack owns the processes started through it and their logs.
type Stack struct {
	logDir string

	mu        sync.Mutex
	processes []*Process
	names     map[string]int
}

// New returns an empty stack whose logs go to the folder logDir, made when missing.
func New(logDir string) (*Stack, error) {
	if err := os.MkdirAll(logDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for logs: %w", err)
	}
	return &Stack{logDir: logDir, names: map[string]int{}}, nil
}

// start starts a program under a name that is unique in the stack and remembers to stop it.
func (s *Stack) start(spec Spec) (*Process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[spec.Name]++
	if n := s.names[spec.Name]; n > 1 {
		spec.Name = fmt.Sprintf("%s-%d", spec.Name, n)
	}
	spec.LogDir = s.logDir
	p, err := Start(spec)
	if err != nil {
		return nil, err
	}
	s.processes = append(s.processes, p)
	return p, nil
}

// Crashed reports the processes that ended without being asked to.
func (s *Stack) Crashed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, p := range s.processes {
		errs = append(errs, p.crashed())
	}
	return errors.Join(errs...)
}

// Close stops everything, the last started first, and says what had ended before or had to be killed.
// Closing twice is harmless.
func (s *Stack) Close() error {
	errs := []error{s.Crashed()}
	s.mu.Lock()
	processes := slices.Clone(s.processes)
	s.mu.Unlock()
	for _, p := range slices.Backward(processes) {
		errs = append(errs, p.Stop(stopGrace))
	}
	return errors.Join(errs...)
}

// Tails returns the last n lines of every log, each under its process's name: what a person needs to
// see after a failure.
func (s *Stack) Tails(n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out string
	for _, p := range s.processes {
		if tail := p.Tail(n); tail != "" {
			out += fmt.Sprintf("--- %s, last lines of %s\n%s\n", p.Name(), p.LogPath(), tail)
		}
	}
	return out
}
