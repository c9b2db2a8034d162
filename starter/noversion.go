package main

import (
	"context"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/schedules"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// noVersion is the failure of a command that needs versions of a model which has none. Of a model that has a schedule, or a run, it
// says what comes next; of any other it is unknown, with the name that was probably meant. known tells that the name is there, if only
// in another locale.
func noVersion(ctx context.Context, s follow.Session, name, locale string, unknown *exit.Failure) (none error, known bool) {
	scheduled, err := schedules.Standings(ctx, s, []string{name})
	if err != nil {
		return err, false
	}
	of := scheduled[name]
	mine := of.Checks() && (locale == "" || of.Locale == "" || lifecycle.SameLocale(of.Locale, locale))
	run := follow.Run{Session: s, ID: workflows.RetrainID(name), Name: name}
	running, err := run.Look(ctx)
	if err != nil && !follow.Missing(err) {
		return s.Unreachable(err), false
	}
	// What another locale's schedule or run does tells nothing of this one.
	ran := err == nil && (mine || locale == "")
	yet := exit.New(exit.Failed, exit.NotFound, "%s has no version yet", words.Model(name, locale))
	switch {
	case ran && running:
		return yet.Next("a retrain of it goes on; follow it with: %s", s.Hint("watch", name)), true
	case ran:
		return yet.Next("its latest retrain has ended without one; see why with: %s", s.Hint("report", name)), true
	case mine && of.Paused:
		return yet.Next("its checks are paused; let them go on with: %s", s.Hint("resume", name)), true
	case mine && of.Next != nil:
		return yet.Next("its schedule checks it next on %s, and that trains the first; to check it now: %s",
			words.Minute(*of.Next), s.Hint("trigger", name)), true
	case mine:
		return yet.Next("the next check of its schedule trains the first; to check it now: %s", s.Hint("trigger", name)), true
	case of.Checks():
		return unknown.Next("its schedule is of %s: check --locale", of.Locale), true
	}
	return schedules.Meant(ctx, s, name, unknown), err == nil
}
