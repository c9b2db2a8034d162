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
	var wer string
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
between two models so many words can show, at an assumed word error rate.`,
		Example: `  starter data check related-text.txt --kind Language --locale en-US
  starter data check calls.zip --kind Acoustic --locale en-US --test --wer 6%
  starter data check *.txt --kind Language --locale de-DE --output json`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.dataCheck(cmd.Context(), f, wer, args) },
	}
	addOutput(cmd, a.out)
	f.add(cmd)
	cmd.Flags().StringVar(&wer, "wer", "10%", "With --test: word error rate that is assumed of both models, like 10% or 0.1")
	return cmd
}

func (a *app) dataCheck(ctx context.Context, f dataFlags, wer string, paths []string) error {
	limits, err := f.check("data")
	if err != nil {
		return err
	}
	rate, fault := decode.Rate(wer, !strings.HasSuffix(wer, "%"))
	if fault != "" {
		refused := exit.Refuse(lifecycle.InvalidRequest, "--wer %s", fault)
		refused.Cause.Problems = []lifecycle.Problem{{Path: "--wer", Message: fault}}
		return refused
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
			checked.Show(rate)
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
