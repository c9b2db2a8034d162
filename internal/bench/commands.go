package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// fleetSize is how many models the row "fleet" has, each with a champion at an endpoint of its own.
const fleetSize = 1000

// command is one command of an operator.
type command struct {
	Args    string      `json:"args"`
	Seconds float64     `json:"seconds"`
	Ended   bool        `json:"ended"`
	Code    int         `json:"code"`
	Asked   stack.Tally `json:"asked"`
}

// measureFleet is the row "fleet".
func measureFleet(ctx context.Context, h *host) (figures []Figure, raw any, err error) {
	s, err := h.site(ctx, siteOptions{name: "fleet", emulator: []string{"--endpoint-quota", "0"}})
	if err != nil {
		return nil, nil, err
	}
	defer s.close(&err)
	file, err := s.settle(ctx, fleetSize)
	if err != nil {
		return nil, nil, err
	}
	var done []command
	for _, c := range []struct {
		name, was string
		goal      float64
		args      []string
		// codes are the exit codes that are no failure: 4 = something is due, 6 = something needs a person.
		codes []int
		limit time.Duration
	}{
		{"first apply", "265", 60, []string{"apply", "--file", file}, []int{0}, 5 * time.Minute},
		{"status", "69", 5, []string{"status", "--task-queue", s.queue}, []int{0, 6}, 90 * time.Second},
		{"plan", "about 1,200", 20, []string{"plan", "--file", file}, []int{0, 4}, 90 * time.Second},
	} {
		ran, err := s.starter(ctx, c.limit, c.args...)
		if err == nil && ran.Ended && !slices.Contains(c.codes, ran.Code) {
			err = fmt.Errorf("%s ended with exit code %d", c.name, ran.Code)
		}
		done = append(done, ran)
		if err != nil {
			return nil, done, err
		}
		name := fmt.Sprintf("%s of %d models", c.name, fleetSize)
		f := figure(name, ran.Seconds, "s")
		if !ran.Ended {
			f = missed(name, "s", "not ended in %.0f s, %d requests", ran.Seconds, ran.Asked.Requests)
		}
		figures = append(figures, f.atMost(c.goal).was(c.was))
	}
	return figures, done, nil
}

// settle makes what a fleet of n models has left behind: champions, and endpoints that serve them. It returns the fleet's
// file.
func (s *site) settle(ctx context.Context, n int) (file string, err error) {
	dataset, err := s.dataset(ctx)
	if err != nil {
		return "", err
	}
	base, err := s.emulator.Release(ctx, stack.BaseModel{Locale: locale})
	if err != nil {
		return "", err
	}
	seeds, entries := make([]stack.Seed, n), make([]object, n)
	for i := range seeds {
		name := fmt.Sprintf("model-%04d", i)
		seeds[i] = stack.Seed{
			DisplayName: name + " 2026-01-01 00000000", Locale: locale, BaseModel: base, Datasets: []string{dataset},
			CustomProperties: map[string]string{
				lifecycle.MarkOwner: owner, lifecycle.MarkModel: name, lifecycle.MarkRun: fmt.Sprintf("elsewhere/%d", i), lifecycle.MarkStep: lifecycle.StepTrain,
				lifecycle.MarkState: string(lifecycle.StateChampion), lifecycle.MarkInput: lifecycle.InputMark(base, []string{"id:" + dataset}),
			},
		}
		entries[i] = object{"name": name, "training": []object{{"dataset": dataset}}, "deploy": object{"endpoint": name}}
	}
	ids, err := s.emulator.SeedModels(ctx, seeds)
	if err != nil {
		return "", err
	}
	if err := s.unlimited(ctx, func() error { return s.endpoints(ctx, entries, ids) }); err != nil {
		return "", err
	}
	text, err := json.Marshal(object{
		"fleet": "bench", "models": entries,
		"defaults": object{
			"locale": locale, "taskQueue": s.queue, "untested": "promote", "schedule": object{"cron": "0 3 1 1 *"}, "renew": object{"onNewBaseModel": false},
		},
	})
	if err != nil {
		return "", err
	}
	file = filepath.Join(s.Logs, s.queue+".json")
	return file, os.WriteFile(file, text, 0o600)
}

// endpoints makes an endpoint of each entry's name for the version with the ID beside it.
func (s *site) endpoints(ctx context.Context, entries []object, ids []string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(startedAtOnce)
	for i, entry := range entries {
		name := entry["name"].(string)
		group.Go(func() error {
			_, err := s.emulator.Create(ctx, "endpoints", object{
				"displayName": name, "locale": locale, "model": object{"self": s.emulator.Address("models/" + ids[i])},
				"customProperties": map[string]string{lifecycle.MarkOwner: owner, lifecycle.MarkModel: name},
			})
			return err
		})
	}
	return group.Wait()
}

// starter runs the operator's program, for a time.
func (s *site) starter(ctx context.Context, limit time.Duration, args ...string) (c command, err error) {
	before, err := s.emulator.Tally(ctx, 0)
	if err != nil {
		return c, err
	}
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(within, s.Binaries.Starter, args...)
	cmd.Env = append(s.server.Environment(), s.emulator.Environment(listLag)...)
	cmd.SysProcAttr = stack.DieWithParent()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	var says bytes.Buffer
	cmd.Stderr = &says
	began := time.Now()
	err = cmd.Run()
	c.Args, c.Seconds, c.Ended = args[0], time.Since(began).Seconds(), within.Err() == nil
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = nil
	}
	if err != nil && c.Ended {
		return c, fmt.Errorf("%s: %w: %.300s", args[0], err, says.String())
	}
	if c.Code = cmd.ProcessState.ExitCode(); c.Ended && c.Code != 0 {
		s.Tell("%s ended with exit code %d: %.300s", args[0], c.Code, says.String())
	}
	c.Asked, err = s.emulator.Tally(ctx, before.Last)
	return c, err
}
