package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

const (
	// fleetFile is what the story is played with: a fleet of one model.
	fleetFile = "examples/demo.yaml"
	model     = "wind-desk"
	locale    = "en-US"
	// neglected is an endpoint that serves the first version, too, and that nobody looks after.
	neglected = model + " left alone"

	// Base models that come out, by the share of words that they recognise untrained. The best one of the local
	// service's own recognises 0.92.
	worse, better = 0.80, 0.93
	aMonth        = 30 * 24 * time.Hour
	aDay          = 24 * time.Hour
)

// story is the running product, and what has happened so far.
type story struct {
	*scene
	temporal client.Client
	verbose  bool
	// first is the report of the first version, last that of the one which took its place.
	first, last lifecycle.Report
	// alone is the address of the endpoint that is left alone.
	alone string
}

// tell tells the story of one model: the first version, a base model that is worse, a renewal before the expiry, and
// what became of an endpoint that nobody renewed. All that it prints was read from reports and from the service.
func tell(ctx context.Context, s *scene, verbose bool) error {
	temporal, err := s.server.Client(ctx, client.DefaultNamespace)
	if err != nil {
		return err
	}
	defer temporal.Close()
	t := &story{scene: s, temporal: temporal, verbose: verbose}
	began := time.Now()
	t.say("A local Temporal and a local Speech service: nothing leaves this machine. The\n" +
		"dates are those of the Speech service, whose clock jumps from part to part.\n")
	t.say("  Temporal  %s\n  Speech    %s  (the emulator)\n  worker    %s/readyz", s.server.Address, s.emulator.URL, s.worker.Health)
	for _, part := range []func(context.Context) error{t.begins, t.refuses, t.renews, t.compares} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	t.say("\nThat took %s. What to try next:\n", time.Since(began).Round(time.Second))
	t.say(`  bin/demo --verbose  the same with stages and model cards: every reason
  make dev            the same parts, left running, with the fleet page
  examples/           requests to copy; for a real resource see README.md
`)
	return nil
}

// begins makes the first version.
func (t *story) begins(ctx context.Context) error {
	if err := t.heading(ctx, "The first version of a model, "+model); err != nil {
		return err
	}
	if err := t.starter(ctx, "uploads the data, then checks daily", "apply", "--file", fleetFile); err != nil {
		return err
	}
	report, err := t.check(ctx, lifecycle.Succeeded)
	if err != nil {
		return err
	}
	if report.Dates == nil || report.Dates.DueAt == nil || report.Version.ExpiresAt == nil {
		return fmt.Errorf("the report of %s does not say until when it lives, and when it is due", model)
	}
	t.first = report
	t.alone, err = t.emulator.Create(ctx, "endpoints", map[string]any{
		"displayName": neglected, "locale": locale, "model": map[string]string{"self": report.Version.URL},
	})
	return err
}

// refuses brings out a base model that is worse.
func (t *story) refuses(ctx context.Context) error {
	if err := t.emulator.Advance(ctx, aMonth); err != nil {
		return err
	}
	if err := t.release(ctx, worse); err != nil {
		return err
	}
	if err := t.heading(ctx, "Microsoft releases a new base model, and it is worse"); err != nil {
		return err
	}
	_, err := t.check(ctx, lifecycle.Rejected)
	return err
}

// renews comes to the day on which the first version is due for its expiry; another base model is there by then.
func (t *story) renews(ctx context.Context) error {
	if err := t.until(ctx, *t.first.Dates.DueAt); err != nil {
		return err
	}
	if err := t.release(ctx, better); err != nil {
		return err
	}
	if err := t.heading(ctx, "The expiry comes near, and another base model is there"); err != nil {
		return err
	}
	var err error
	t.last, err = t.check(ctx, lifecycle.Succeeded)
	return err
}

// compares comes to the day after the first version's expiry, and sees who answers the calls of both endpoints.
func (t *story) compares(ctx context.Context) error {
	if err := t.until(ctx, t.first.Version.ExpiresAt.Add(aDay)); err != nil {
		return err
	}
	if err := t.heading(ctx, "The day after the first version's expiry: with the renewal, without"); err != nil {
		return err
	}
	kept, err := t.emulator.Serving(ctx, t.last.Endpoint.ID)
	if err != nil {
		return err
	}
	left, err := t.emulator.Serving(ctx, idOf(t.alone))
	if err != nil {
		return err
	}
	rates, err := t.measure(ctx, left.ServingID, kept.ServingID)
	if err != nil {
		return err
	}
	facts, err := afterwards(t.last, kept, left, rates)
	t.show(facts)
	return err
}

// measure has the service evaluate a base model and a version on the audio of the test.
func (t *story) measure(ctx context.Context, base, version string) (rates measured, err error) {
	self := func(path string) map[string]string { return map[string]string{"self": t.emulator.Address(path)} }
	made, err := t.emulator.Create(ctx, "evaluations", map[string]any{
		"displayName": "who answers", "locale": locale, "dataset": self("datasets/" + t.last.Tests[0].DatasetID),
		"model1": self("models/base/" + base), "model2": self("models/" + version),
	})
	if err != nil {
		return rates, err
	}
	for {
		if err := t.emulator.Read(ctx, "evaluations/"+idOf(made), &rates); err != nil || rates.Status == succeeded {
			return rates, err
		}
		if rates.Status == "Failed" {
			return rates, errors.New("the service could not evaluate who answers")
		}
		if err := pause(ctx, pace); err != nil {
			return rates, err
		}
	}
}

// idOf is the ID in the address of an object.
func idOf(self string) string {
	before, _, _ := strings.Cut(self, "?")
	return path.Base(before)
}

// release brings out a base model, and waits until no look of the worker is older than that.
func (t *story) release(ctx context.Context, quality float64) error {
	if _, err := t.emulator.Release(ctx, stack.BaseModel{Locale: locale, Quality: quality}); err != nil {
		return err
	}
	return pause(ctx, lookAge)
}

// until moves the service's clock forward to a time.
func (t *story) until(ctx context.Context, at time.Time) error {
	now, err := t.emulator.Now(ctx)
	if err != nil {
		return err
	}
	return t.emulator.Advance(ctx, max(at.Sub(now), 0))
}

// heading begins a part of the story with the service's date.
func (t *story) heading(ctx context.Context, text string) error {
	now, err := t.emulator.Now(ctx)
	if err != nil {
		return err
	}
	t.say("\n%s  %s", words.Day(now), text)
	return nil
}

func (t *story) say(format string, args ...any) { fmt.Fprintf(t.out, format+"\n", args...) }

// show prints facts, each as lines of 80 columns.
func (t *story) show(facts []fact) {
	for _, f := range facts {
		for i, line := range words.Wrap(visible.Line(f.says), words.Width-12) {
			label := f.about
			if i > 0 {
				label = ""
			}
			t.say("  %-9s %s", label, line)
		}
	}
}
