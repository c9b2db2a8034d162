package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/stack"
)

// listLag is longer than the emulator's lists lag behind by default: they do not.
const listLag = 100 * time.Millisecond

// speed is how many seconds of the emulator's clock pass in a real one.
const speed = 30

// day is a day of that clock.
const day = 24 * time.Hour

// story is a fleet that has lived for a while.
type story struct {
	root     string
	binaries stack.Binaries
	server   *stack.Server
	emulator *stack.Emulator
	worker   *stack.Worker
	page     string
	files    string
}

func (s *story) start(ctx context.Context, parts *stack.Stack) (err error) {
	if s.server, err = parts.StartServer(ctx, stack.ServerOptions{Binary: s.binaries.Temporal, UI: true}); err != nil {
		return err
	}
	s.emulator, err = parts.StartEmulator(ctx, stack.EmulatorOptions{
		Binary: s.binaries.Emulator, Files: filepath.Join(s.root, "examples", "data"), Speed: speed,
	})
	if err != nil {
		return err
	}
	port, err := stack.FreePort(8081)
	if err != nil {
		return err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	s.page = "http://" + address
	s.worker, err = parts.StartWorker(ctx, stack.WorkerOptions{
		Binary: s.binaries.Worker, Server: s.server, Emulator: s.emulator, ListLag: listLag, Args: []string{"--page", address, "--temporal-ui", s.server.UI},
	})
	if err != nil {
		return err
	}
	s.files, err = os.MkdirTemp("", "screens")
	return err
}

// request is what a model of the fleet is made from.
func (s *story) request(name, locale string, more map[string]any) map[string]any {
	r := map[string]any{
		"name": name, "locale": locale, "deploy": map[string]any{"endpoint": name}, "compare": map[string]any{"base": true},
		"training": []any{map[string]any{"name": "related text", "kind": "Language", "contentUrl": s.emulator.File("training/related-text.txt")}},
		"tests": []any{map[string]any{
			"name": "calls", "kind": "Acoustic", "contentUrl": s.emulator.File("testing/audio-and-trans.zip"), "maxRegression": 0.01, "maxDrift": 0.2,
		}},
	}
	for key, value := range more {
		r[key] = value
	}
	return r
}

// tell lets the fleet live: several versions of one model, a rejected one among them; a model whose version waits for an
// answer; one that has expired without anybody who renews it; one that is paused near its end; one in training; one whose only
// retrain has failed; and one name in two locales.
func (s *story) tell(ctx context.Context) error {
	firsts := []map[string]any{
		s.request("support-calls", "en-US", nil), s.request("broker-desk", "en-GB", nil), s.request("claims-hotline", "en-US", nil),
		s.request("radiology", "de-DE", nil), s.request("field-service", "en-US", nil), s.request("warehouse", "de-DE", nil),
	}
	unheard := s.request("night-desk", "en-US", map[string]any{"training": []any{
		map[string]any{"name": "moved away", "kind": "Language", "contentUrl": s.emulator.File("training/moved-away.txt")},
	}})
	abroad := s.request("field-service", "en-GB", map[string]any{"deploy": map[string]any{"endpoint": "field-service abroad"}})
	quality := func(locale string, q float64) error {
		_, err := s.emulator.Release(ctx, stack.BaseModel{Locale: locale, Quality: q})
		return err
	}
	for _, step := range []func() error{
		func() error { return s.runAll(ctx, firsts, 0) },
		func() error { return s.starter(ctx, 0, "run", "--file", s.write(abroad)) },
		func() error { return errors.Join(s.emulator.Advance(ctx, 110*day), quality("en-US", 0.93)) },
		func() error { return s.runAll(ctx, firsts[:1], 0) },
		func() error { return errors.Join(s.emulator.Advance(ctx, 96*day), quality("en-US", 0.70)) },
		func() error { return s.runAll(ctx, firsts[:1], 3) },
		func() error {
			return errors.Join(s.emulator.Advance(ctx, 61*day), quality("en-US", 0.97), quality("de-DE", 0.95))
		},
		func() error { return s.runAll(ctx, []map[string]any{firsts[0], firsts[4]}, 0) },
		func() error { return s.apply(ctx, append(firsts, unheard)) },
		func() error { return s.starter(ctx, 1, "run", "--file", s.write(unheard)) },
		func() error { return s.expire(ctx, "broker-desk", -2*day) },
		func() error { return s.expire(ctx, "claims-hotline", 12*day) },
		func() error {
			return s.starter(ctx, 0, "pause", "claims-hotline", "--note", "data is being relabelled, ask Mia")
		},
		func() error {
			return s.starter(ctx, 0, "run", "--detach", "--file", s.write(s.request("radiology", "de-DE", map[string]any{"approval": map[string]any{"when": "always"}})))
		},
		func() error { return s.awaitStage(ctx, "radiology", "approval") },
		func() error { return s.emulator.Plan(ctx, stack.Outcome{Kind: "training", Hang: true}) },
		func() error { return s.starter(ctx, 0, "run", "--detach", "--file", s.write(firsts[5])) },
		func() error { return s.awaitStage(ctx, "warehouse", "train") },
		func() error { return s.starter(ctx, 0, "trigger", "support-calls") },
		func() error { return s.starter(ctx, 0, "trigger", "field-service") },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// runAll runs requests side by side, each to its end.
func (s *story) runAll(ctx context.Context, requests []map[string]any, code int) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, r := range requests {
		group.Go(func() error { return s.starter(ctx, code, "run", "--file", s.write(r)) })
	}
	return group.Wait()
}

// apply makes schedules of all models but broker-desk.
func (s *story) apply(ctx context.Context, requests []map[string]any) error {
	models := []any{}
	for _, r := range requests {
		if r["name"] == "broker-desk" {
			continue
		}
		m := map[string]any{"schedule": map[string]any{"cron": "0 3 * * *"}}
		for key, value := range r {
			m[key] = value
		}
		models = append(models, m)
	}
	return s.starter(ctx, 0, "apply", "--file", s.write(map[string]any{"fleet": "voice", "models": models, "name": "fleet"}))
}

// write writes a request, or a fleet, into a file.
func (s *story) write(r map[string]any) string {
	file := filepath.Join(s.files, fmt.Sprint(r["name"])+".json")
	if r["fleet"] != nil {
		delete(r, "name")
	}
	text, err := json.Marshal(r)
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return err.Error() // starter will tell that there is no such file
	}
	return file
}

// expire moves the expiry of all versions of a model.
func (s *story) expire(ctx context.Context, model string, left time.Duration) error {
	now, err := s.emulator.Now(ctx)
	if err != nil {
		return err
	}
	all, err := s.emulator.Objects(ctx, stack.Models)
	for _, m := range all {
		if strings.HasPrefix(m.DisplayName, model+" ") && err == nil {
			err = s.emulator.Expire(ctx, m.ID, now.Add(left))
		}
	}
	return err
}

// awaitStage waits until the retrain of a model is in a stage.
func (s *story) awaitStage(ctx context.Context, model, stage string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return stack.Await(ctx, model+" in stage "+stage, func(ctx context.Context) error {
		c, err := s.server.Client(ctx, "default")
		if err != nil {
			return err
		}
		defer c.Close()
		answer, err := c.QueryWorkflow(ctx, "retrain/"+model, "", "status")
		if err != nil {
			return err
		}
		var report struct{ Stage string }
		if err := answer.Get(&report); err != nil {
			return err
		}
		if report.Stage != stage {
			return fmt.Errorf("it is in %s", report.Stage)
		}
		return nil
	})
}

// starter runs the operator's program, which has to end with a code.
func (s *story) starter(ctx context.Context, code int, args ...string) error {
	cmd := exec.CommandContext(ctx, s.binaries.Starter, args...)
	cmd.Env = append(s.server.Environment(), s.emulator.Environment(listLag)...)
	cmd.SysProcAttr = stack.DieWithParent()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	said, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return fmt.Errorf("starter %s: %w", args[0], err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		return fmt.Errorf("starter %s ended with %d, not %d:\n%s", strings.Join(args, " "), got, code, said)
	}
	return nil
}
