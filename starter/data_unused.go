package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/table"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

type unusedFlags struct {
	connection connectionFlags
	unused     bool
	yes        bool
	taskQueue  string
}

func (a *app) dataListCommand() *cobra.Command {
	var f unusedFlags
	cmd := &cobra.Command{
		Use:   "list --unused",
		Short: "List the datasets that nothing uses",
		Long: `List the datasets that nothing uses.

Of the datasets that this installation or a person by "starter data upload" has
made, those that no version, evaluation, retrain that goes on or schedule of
this namespace names. A worker looks; nothing is changed. All others are in the
Speech portal.`,
		Example: `  starter data list --unused
  starter data list --unused --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.dataList(cmd.Context(), f) },
	}
	a.addUnused(cmd, &f, "list")
	return cmd
}

func (a *app) dataDeleteCommand() *cobra.Command {
	var f unusedFlags
	cmd := &cobra.Command{
		Use:   "delete --unused",
		Short: "Delete the datasets that nothing uses, after a question",
		Long: `Delete the datasets that nothing uses, after a question.

Lists them first, as: starter data list --unused. The worker looks once more
before each is deleted: one that is used by then stays, and the reason is told.
What retrains have made is deleted by itself when it is unused for a week; what
a person has uploaded only by this command.`,
		Example: `  starter data delete --unused
  starter data delete --unused --yes --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.dataDelete(cmd.Context(), f) },
	}
	a.addUnused(cmd, &f, "delete")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "Delete without a question")
	return cmd
}

// addUnused adds the flags of a command that does verb with what nothing uses, and with nothing else.
func (a *app) addUnused(cmd *cobra.Command, f *unusedFlags, verb string) {
	addOutput(cmd, a.out)
	cmd.Flags().BoolVar(&f.unused, "unused", false, strings.ToUpper(verb[:1])+verb[1:]+" those that nothing uses (required)")
	before(cmd, func() error {
		if f.unused {
			return nil
		}
		return exit.Refuse(lifecycle.InvalidRequest, "only the datasets that nothing uses can be %sed here", strings.TrimSuffix(verb, "e")).
			Next("type: %s; all others are in the Speech portal", f.connection.Hint("data", verb, "--unused"))
	})
	addTaskQueue(cmd, &f.taskQueue, "")
	f.connection.add(cmd)
}

func (a *app) dataList(ctx context.Context, f unusedFlags) error {
	s, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer s.Close()
	unused, err := s.Unused(ctx, f.taskQueue)
	if err != nil {
		return err
	}
	if a.out.JSON {
		a.out.Value(unused)
		return nil
	}
	if len(unused) == 0 {
		a.out.Print("every dataset that was made here is used")
		return nil
	}
	a.out.PrintLines(unusedLines(unused))
	a.out.Print("")
	a.out.Print("%s", words.Count(len(unused), "dataset"))
	a.out.Tell("delete them with: %s", f.connection.Hint("data delete --unused"))
	return nil
}

// unusedLines are the datasets as a table, the ID and the reason of each below its line.
func unusedLines(unused []lifecycle.UnusedDataset) []string {
	w := table.New("DATASET", "KIND", "LOCALE", "CREATED", "MADE BY")
	var below [][]string
	for _, d := range unused {
		by := "a run"
		if d.Uploaded {
			by = "a person"
		}
		w.AppendRow(table.Row{
			words.Fit(visible.Line(d.DisplayName), 32), visible.Line(string(d.Kind)), visible.Line(d.Locale), words.Day(d.CreatedAt), by,
		})
		lines := []string{visible.Line(d.ID)}
		if d.Reason != "" {
			lines = append(lines, words.Wrap(visible.Line(d.Reason), words.Width-2)...)
		}
		below = append(below, lines)
	}
	return table.Lines(w, below)
}

func (a *app) dataDelete(ctx context.Context, f unusedFlags) error {
	s, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer s.Close()
	unused, err := s.Unused(ctx, f.taskQueue)
	if err != nil {
		return err
	}
	result := workflows.SweepReport{Deleted: []lifecycle.Disposed{}, Waiting: []lifecycle.Disposed{}}
	if len(unused) > 0 {
		a.out.TellLines(unusedLines(unused))
		question := fmt.Sprintf("delete %s? What a person uploaded is gone then, but for the file that it came from",
			words.Count(len(unused), "dataset"))
		if err := a.out.Confirm(ctx, f.yes, question); err != nil {
			return err
		}
		if result, err = s.SweepUnused(ctx, f.taskQueue, unused); err != nil {
			return err
		}
	}
	if a.out.JSON {
		a.out.Value(result)
		return nil
	}
	a.out.Disposed("deleted", result.Deleted)
	a.out.Disposed("left", result.Waiting)
	if len(unused) == 0 {
		a.out.Print("every dataset that was made here is used: nothing was deleted")
		return nil
	}
	a.out.Print("%d deleted, %d left", len(result.Deleted), len(result.Waiting))
	return nil
}
