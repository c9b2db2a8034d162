package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/upload"
	"speech-retrainer/internal/words"
)

func (a *app) dataCheckCommand() *cobra.Command {
	var f dataFlags
	var assumed assumedFlags
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Check files against the service's format rules",
		Long: `Check files against the service's format rules.

Reads the files and nothing else: neither the service nor Temporal is needed.
Prints every problem with file, line and rule. Ends with 2 when one is an error:
such a file would not be uploaded. Warnings are shown and end with 0.
Lines that the service discards are named and counted: more of them than
--max-rejected are an error, from 20 lines on.

With --test it counts the words of the transcripts and says which difference
between two models so many words can show, and how often the test would fail a
version that is just as good, at a word error rate and a limit that you name.`,
		Example: `  starter data check related-text.txt --kind Language --locale en-US
  starter data check calls.zip --kind Acoustic --locale en-US --test --wer 6%
  starter data check *.txt --kind Language --locale de-DE --output json`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.dataCheck(cmd.Context(), f, assumed, args) },
	}
	addOutput(cmd, a.out)
	f.add(cmd)
	assumed.add(cmd)
	return cmd
}

// assumedFlags say what to reckon with where nothing was measured.
type assumedFlags struct{ wer, maxRegression string }

func (f *assumedFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.wer, "wer", "10%", "With --test: word error rate that is assumed of both models, like 10% or 0.1")
	cmd.Flags().StringVar(&f.maxRegression, "max-regression", "0.5%", "With --test: the maxRegression that the request gives the test, like 1% or 0.01")
}

// rates are the flags as fractions. The error is a *exit.Failure with all that is wrong.
func (f assumedFlags) rates() (wer, maxRegression float64, err error) {
	var problems []lifecycle.Problem
	rate := func(flag, text string) float64 {
		value, fault := decode.Rate(text, !strings.HasSuffix(text, "%"))
		if fault != "" {
			problems = append(problems, lifecycle.Problem{Path: flag, Message: fault})
		}
		return value
	}
	wer, maxRegression = rate("--wer", f.wer), rate("--max-regression", f.maxRegression)
	if len(problems) == 0 {
		return wer, maxRegression, nil
	}
	texts := make([]string, 0, len(problems))
	for _, p := range problems {
		texts = append(texts, p.Path+" "+p.Message)
	}
	refused := exit.Refuse(lifecycle.InvalidRequest, "%s", strings.Join(texts, "; "))
	refused.Cause.Problems = problems
	return 0, 0, refused
}

func (a *app) dataCheck(ctx context.Context, f dataFlags, assumed assumedFlags, paths []string) error {
	limits, err := f.check("data")
	if err != nil {
		return err
	}
	wer, maxRegression, err := assumed.rates()
	if err != nil {
		return err
	}
	all := struct {
		Usable bool             `json:"usable"`
		Files  []upload.Checked `json:"files"`
	}{Usable: true}
	bad := 0
	for _, path := range paths {
		checked, err := upload.Check(ctx, path, f.kind, f.locale, limits)
		if err != nil {
			return err
		}
		if f.test {
			checked.Show(wer, maxRegression)
		}
		all.Files = append(all.Files, checked)
		if !checked.Usable {
			bad++
			all.Usable = false
		}
		if !a.out.JSON {
			a.out.PrintLines(slices.Concat(checked.Problems(), []string{checked.Summary()}, checked.Shows()))
		}
	}
	if a.out.JSON {
		a.out.Value(all)
	}
	if bad > 0 {
		a.code = exit.Refused
		a.out.Tell("starter: %d of %s cannot be uploaded; correct what is called an error", bad, words.Count(len(paths), "file"))
	}
	return nil
}
