package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
	"speech-retrainer/internal/table"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// unusedName stands for the model in a sweep that deletes datasets which belong to none.
const unusedName = "unused"

type unusedFlags struct {
	connection connectionFlags
	output     outputFlags
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
	f.add(cmd, "List those that nothing uses (required)")
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
	f.add(cmd, "Delete those that nothing uses (required)")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "Delete without a question")
	return cmd
}

func (f *unusedFlags) add(cmd *cobra.Command, unused string) {
	cmd.Flags().BoolVar(&f.unused, "unused", false, unused)
	addTaskQueue(cmd, &f.taskQueue, workflows.DefaultTaskQueue)
	f.output.add(cmd)
	f.connection.add(cmd)
}

// findUnused checks the flags and asks a worker for the datasets that nothing uses, by locale and name. The error is a
// *exit.Failure. The caller closes the server, which is nil with an error.
func (a *app) findUnused(ctx context.Context, f *unusedFlags, verb string) (follow.Session, []lifecycle.UnusedDataset, error) {
	if err := f.output.choose(a.out); err != nil {
		return follow.Session{}, nil, err
	}
	if !f.unused {
		return follow.Session{}, nil, exit.Refuse(lifecycle.InvalidRequest, "only the datasets that nothing uses can be %sed here", strings.TrimSuffix(verb, "e")).
			Next("type: %s; all others are in the Speech portal", f.connection.Hint("data", verb, "--unused"))
	}
	f.taskQueue = cmp.Or(f.taskQueue, workflows.DefaultTaskQueue)
	s, err := a.connect(ctx, f.connection)
	if err != nil {
		return follow.Session{}, nil, err
	}
	var seen workflows.Observed
	err = s.Ask(ctx, follow.Question{
		ID: "observe/" + unusedName, TaskQueue: f.taskQueue, Workflow: workflows.TypeObserve, Input: workflows.ObserveInput{Names: []string{}, Datasets: true},
		About: "find what nothing uses",
	}, &seen)
	if err != nil {
		s.Close()
		return follow.Session{}, nil, err
	}
	screen.Present(&seen.Datasets)
	slices.SortFunc(seen.Datasets, func(a, b lifecycle.UnusedDataset) int {
		byLocale := strings.Compare(strings.ToLower(a.Locale), strings.ToLower(b.Locale))
		return cmp.Or(byLocale, strings.Compare(a.DisplayName, b.DisplayName), strings.Compare(a.ID, b.ID))
	})
	return s, seen.Datasets, nil
}

func (a *app) dataList(ctx context.Context, f unusedFlags) error {
	s, unused, err := a.findUnused(ctx, &f, "list")
	if err != nil {
		return err
	}
	defer s.Close()
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
		w.AppendRow(table.Row{words.Fit(visible.Line(d.DisplayName), 32), visible.Line(string(d.Kind)), visible.Line(d.Locale), words.Day(d.CreatedAt), by})
		lines := []string{visible.Line(d.ID)}
		if d.Reason != "" {
			lines = append(lines, words.Wrap(visible.Line(d.Reason), words.Width-2)...)
		}
		below = append(below, lines)
	}
	return table.Lines(w, below)
}

func (a *app) dataDelete(ctx context.Context, f unusedFlags) error {
	s, unused, err := a.findUnused(ctx, &f, "delete")
	if err != nil {
		return err
	}
	defer s.Close()
	result := workflows.SweepReport{Deleted: []lifecycle.Disposed{}, Waiting: []lifecycle.Disposed{}}
	if len(unused) > 0 {
		a.out.TellLines(unusedLines(unused))
		question := fmt.Sprintf("delete %s? What a person uploaded is gone then, but for the file that it came from", words.Count(len(unused), "dataset"))
		if err := a.confirm(ctx, f.yes, question); err != nil {
			return err
		}
		if result, err = deleteUnused(ctx, s, f, unused); err != nil {
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

// deleteUnused runs a sweep for each locale, since that is what a sweep is of, and waits for all. The error is the
// first *exit.Failure, with what was deleted until then.
func deleteUnused(ctx context.Context, s follow.Session, f unusedFlags, unused []lifecycle.UnusedDataset) (workflows.SweepReport, error) {
	result := workflows.SweepReport{Deleted: []lifecycle.Disposed{}, Waiting: []lifecycle.Disposed{}}
	var broken *exit.Failure
	sweeps := []*follow.Run{}
	asked := map[string][]lifecycle.UnusedDataset{}
	for start := 0; start < len(unused) && broken == nil; {
		locale := unused[start].Locale
		of := unused[start:]
		if end := slices.IndexFunc(of, func(d lifecycle.UnusedDataset) bool { return !lifecycle.SameLocale(d.Locale, locale) }); end > 0 {
			of = of[:end]
		}
		start += len(of)
		in := workflows.SweepInput{Name: unusedName, Locale: locale}
		for _, d := range of {
			in.Unused = append(in.Unused, d.ID)
		}
		run := s.Sweeper(unusedName+"-"+strings.ToLower(locale), locale, f.taskQueue)
		if err := run.BeginSweep(ctx, in); err != nil {
			broken = exit.As(err)
			break
		}
		sweeps, asked[run.ID] = append(sweeps, run), of
	}
	for _, run := range sweeps {
		swept, err := run.Swept(ctx)
		if err != nil {
			if why := exit.As(err); broken == nil {
				broken = why
			}
			continue
		}
		result.Deleted = append(result.Deleted, swept.Deleted...)
		result.Waiting = append(result.Waiting, accounted(asked[run.ID], swept)...)
	}
	if broken == nil {
		return result, nil
	}
	if len(sweeps) > 0 && broken.Code == exit.Refused {
		// Something was started, so it is no refusal.
		broken.Code = exit.Failed
	}
	report := broken.Report()
	report.Deleted = slices.Concat(result.Deleted, report.Deleted)
	broken.Last = &report
	for _, d := range result.Deleted {
		broken.Lines = append(broken.Lines, fmt.Sprintf("deleted %s %s before that: %s", d.Kind, d.DisplayName, d.ID))
	}
	return result, broken
}

// accounted is what a sweep left, and what it says nothing of: that stays, too.
func accounted(asked []lifecycle.UnusedDataset, swept workflows.SweepReport) []lifecycle.Disposed {
	left := slices.Clone(swept.Waiting)
	for _, d := range asked {
		is := func(other lifecycle.Disposed) bool { return other.ID == d.ID }
		if !slices.ContainsFunc(swept.Deleted, is) && !slices.ContainsFunc(swept.Waiting, is) {
			left = append(left, lifecycle.Disposed{Kind: lifecycle.ObjectDataset, ID: d.ID, DisplayName: d.DisplayName, Reason: "it is gone already, or in use by now"})
		}
	}
	return left
}
