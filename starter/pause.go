package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/document"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/schedules"
	"speech-retrainer/internal/secret"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

type pauseFlags struct {
	connection   connectionFlags
	note         string
	all, yes     bool
	locale, file string
}

func (a *app) pauseCommand() *cobra.Command {
	return a.operateCommand(&cobra.Command{
		Use: "pause [NAME...]", Short: "Stop the checks of models until they are resumed",
		Long: `A run that goes on is not touched. While a model is paused nobody hears of an
expiry that comes near. One that is paused already keeps its note.

Models are named, or picked by --all, --locale or --file; what is picked is
listed, and needs a yes.`,
		Example: `  starter pause support-calls --note "waiting for new recordings"
  starter pause --locale de-DE --note "the data move" --yes
  starter pause -f fleet.yaml --note "maintenance until Monday"`,
	}, true)
}

func (a *app) resumeCommand() *cobra.Command {
	return a.operateCommand(&cobra.Command{
		Use: "resume [NAME...]", Short: "Let the checks of models go on",
		Long: `The next one comes at its time; to check now: starter trigger. The note of the
pause is told, since the new one takes its place; a model that is not paused
keeps its note.

Models are named, or picked by --all, --locale or --file; what is picked is
listed, and needs a yes.`,
		Example: `  starter resume support-calls
  starter resume --all --note "maintenance is over" --yes`,
	}, false)
}

// operateCommand completes a command on the schedules of models.
func (a *app) operateCommand(cmd *cobra.Command, pause bool) *cobra.Command {
	var f pauseFlags
	cmd.Long = cmd.Short + ".\n\n" + cmd.Long
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.operate(cmd.Context(), f, args, pause) }
	cmd.Flags().StringVar(&f.note, "note", "", "Why, for whoever finds it so")
	cmd.Flags().BoolVar(&f.all, "all", false, "All models that have a schedule")
	cmd.Flags().StringVar(&f.locale, "locale", "", "All models of this locale, like en-US")
	cmd.Flags().StringVarP(&f.file, "file", "f", "", "The models of this fleet or request; - reads it from standard input")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "Do it without asking")
	addOutput(cmd, a.out)
	f.connection.add(cmd)
	return cmd
}

// picked tells that models are picked by a flag.
func (f pauseFlags) picked() bool { return f.all || f.locale != "" || f.file != "" }

func (f pauseFlags) refuse(names []string) error {
	ways := 0
	for _, used := range []bool{len(names) > 0, f.all, f.locale != "", f.file != ""} {
		if used {
			ways++
		}
	}
	switch {
	case ways != 1:
		return exit.Refuse(lifecycle.InvalidRequest, "say which models are meant, in one way: NAME..., --all, --locale or --file")
	case decode.Locale(f.locale) != "" && f.locale != "":
		return exit.Refuse(lifecycle.InvalidRequest, "--locale %s, not %q", decode.Locale(f.locale), f.locale)
	case secret.HoldsSignedURL(f.note):
		return exit.Refuse(lifecycle.InvalidRequest, "--note must hold no URL with a signature or a password: it is kept")
	}
	return nil
}

func (a *app) operate(ctx context.Context, f pauseFlags, names []string, pause bool) error {
	if err := f.refuse(names); err != nil {
		return err
	}
	for i, target := range names {
		var err error
		if _, names[i], err = follow.ParseTarget(target); err != nil {
			return err
		}
	}
	if f.file != "" {
		given, err := namesIn(f.file, a.Stdin)
		if err != nil {
			return err
		}
		names = append(names, given...)
	}
	s, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer s.Close()
	verb, asked := "resume", "Let the checks of %s go on?"
	if pause {
		verb, asked = "pause", "Stop the checks of %s? Nobody hears of an expiry while they are paused."
	}
	chosen, err := f.choose(ctx, s, verb, names)
	if err != nil {
		return err
	}
	change := slices.DeleteFunc(slices.Clone(chosen), func(of fleet.Standing) bool { return of.Paused == pause })
	if f.picked() && len(change) > 0 {
		for _, of := range change {
			a.out.Tell("%s: %s", of.Model, of.State())
		}
		question := fmt.Sprintf(asked, words.Count(len(change), "model"))
		if err := a.out.Confirm(ctx, f.yes, question); err != nil {
			return err
		}
	}
	done, err := schedules.Pause(ctx, s, chosen, pause, f.note)
	if err == nil || !a.out.JSON {
		a.showOperated(done)
	}
	return err
}

// choose are the schedules that are meant.
func (f pauseFlags) choose(ctx context.Context, s follow.Session, verb string, names []string) ([]fleet.Standing, error) {
	if !f.all && f.locale == "" {
		slices.Sort(names)
		return schedules.Found(ctx, s, verb, slices.Compact(names))
	}
	all, err := schedules.Models(ctx, s)
	if err != nil {
		return nil, err
	}
	standings, err := schedules.Standings(ctx, s, all)
	if err != nil {
		return nil, err
	}
	var chosen []fleet.Standing
	for _, name := range all {
		of, there := standings[name]
		if there && of.Checks() && (f.all || lifecycle.SameLocale(of.Locale, f.locale)) {
			chosen = append(chosen, of)
		}
	}
	if len(chosen) == 0 {
		return nil, exit.New(exit.Failed, exit.NotFound, "cannot %s: no model that is meant has a schedule", verb).
			Next("see those that are there: starter status")
	}
	return chosen, nil
}

// showOperated tells what was done to each schedule.
func (a *app) showOperated(done []schedules.Operated) {
	if a.out.JSON {
		a.out.Value(done)
		return
	}
	for _, o := range done {
		a.out.PrintLines(words.Wrap(visible.Line(operated(o)), words.Width))
	}
}

// operated says what was done to a schedule, and what its note was: a note that a person wrote never goes without a word.
func operated(o schedules.Operated) string {
	before := ""
	if o.NoteBefore != nil {
		before = *o.NoteBefore
	}
	switch {
	case !o.Changed && o.Paused:
		now := ""
		if o.Note != nil {
			now = *o.Note
		}
		return o.Model + " was " + strings.Replace(words.Paused(now), "paused", "paused already", 1)
	case !o.Changed:
		return o.Model + " was not paused"
	case o.Paused && words.Written(before):
		return "paused " + o.Model + "; the note before was: " + before
	case o.Paused:
		return "paused " + o.Model
	case words.PauseNote(before) != "":
		return "resumed " + o.Model + "; it was " + words.Paused(before)
	}
	return "resumed " + o.Model
}

// namesIn are the models of a fleet file, or of a request.
func namesIn(path string, stdin io.Reader) (names []string, err error) {
	file, err := document.Read(path, stdin)
	if err != nil {
		return nil, err
	}
	given, err := fleet.ReadAny(file, "", time.Now())
	if err != nil {
		return nil, err
	}
	for _, m := range given.Models {
		names = append(names, m.Name)
	}
	return names, nil
}
