package follow

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
	"speech-retrainer/workflows"
)

// unusedName stands for the model in a sweep that deletes datasets which belong to none.
const unusedName = "unused"

// Unused asks a worker for the datasets that nothing uses, by locale and name. The error is a *exit.Failure.
func (s Session) Unused(ctx context.Context, taskQueue string) ([]lifecycle.UnusedDataset, error) {
	// The rows are of no interest: the first answer has all datasets.
	var seen workflows.Observed
	if err := s.Ask(ctx, Question{
		ID: "observe/" + unusedName, TaskQueue: taskQueue, Workflow: workflows.TypeObserve,
		Input: workflows.ObserveInput{Names: []string{}, Datasets: true}, About: "find what nothing uses", Passing: true,
	}, &seen); err != nil {
		return nil, err
	}
	screen.Present(&seen.Datasets)
	slices.SortFunc(seen.Datasets, func(a, b lifecycle.UnusedDataset) int {
		byLocale := strings.Compare(strings.ToLower(a.Locale), strings.ToLower(b.Locale))
		return cmp.Or(byLocale, strings.Compare(a.DisplayName, b.DisplayName), strings.Compare(a.ID, b.ID))
	})
	return seen.Datasets, nil
}

// SweepUnused deletes datasets that Unused gave: it runs a sweep for each locale, since that is what a sweep is of, and
// waits for all. The error is the first *exit.Failure, with all that was deleted.
func (s Session) SweepUnused(ctx context.Context, taskQueue string, unused []lifecycle.UnusedDataset) (workflows.SweepReport, error) {
	result := workflows.SweepReport{Deleted: []lifecycle.Disposed{}, Waiting: []lifecycle.Disposed{}}
	var broken *exit.Failure
	var sweeps []*Run
	locales := byLocale(unused)
	for _, of := range locales {
		in := workflows.SweepInput{Name: unusedName, Locale: of[0].Locale}
		for _, d := range of {
			in.Unused = append(in.Unused, d.ID)
		}
		run := s.Sweeper(unusedName+"-"+strings.ToLower(in.Locale), in.Locale, taskQueue)
		if err := run.BeginSweep(ctx, in); err != nil {
			broken = exit.As(err)
			break
		}
		sweeps = append(sweeps, run)
	}
	for i, run := range sweeps {
		swept, err := run.Swept(ctx)
		if err != nil {
			broken = cmp.Or(broken, exit.As(err))
			continue
		}
		result.Deleted = append(result.Deleted, swept.Deleted...)
		result.Waiting = append(result.Waiting, accounted(locales[i], swept)...)
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

// byLocale are datasets that lie in the order of their locales, those of each together.
func byLocale(unused []lifecycle.UnusedDataset) [][]lifecycle.UnusedDataset {
	var all [][]lifecycle.UnusedDataset
	for i, d := range unused {
		if last := len(all) - 1; i > 0 && lifecycle.SameLocale(all[last][0].Locale, d.Locale) {
			all[last] = append(all[last], d)
		} else {
			all = append(all, []lifecycle.UnusedDataset{d})
		}
	}
	return all
}

// accounted is what a sweep left, and what it says nothing of: that stays, too.
func accounted(asked []lifecycle.UnusedDataset, swept workflows.SweepReport) []lifecycle.Disposed {
	left := slices.Clone(swept.Waiting)
	for _, d := range asked {
		is := func(other lifecycle.Disposed) bool { return other.ID == d.ID }
		if !slices.ContainsFunc(swept.Deleted, is) && !slices.ContainsFunc(swept.Waiting, is) {
			left = append(left, lifecycle.Disposed{
				Kind: lifecycle.ObjectDataset, ID: d.ID, DisplayName: d.DisplayName, Reason: "it is gone already, or in use by now",
			})
		}
	}
	return left
}
