package workflows

import (
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// prepareData makes sure that every training data set is an imported dataset.
func (r *retrain) prepareData(ctx workflow.Context) error {
	created := 0
	for i := range r.training {
		dataset, err := r.ensureDataset(ctx, i)
		if err != nil {
			return err
		}
		if dataset.Created {
			created++
		}
		r.training[i].ID = dataset.ID
		r.report.Datasets = append(r.report.Datasets, r.datasetReport(i, dataset.Created))
	}
	if err := r.awaitDatasets(ctx); err != nil {
		return err
	}
	if err := r.settleDatasets(ctx); err != nil {
		return err
	}
	r.say("%s", dataNote(created, len(r.training)-created))
	return nil
}

func (r *retrain) ensureDataset(ctx workflow.Context, i int) (activities.EnsuredDataset, error) {
	if r.training[i].ID != "" {
		return activities.EnsuredDataset{ID: r.training[i].ID}, nil
	}
	var dataset activities.EnsuredDataset
	err := r.call(ctx, fmt.Sprintf("ensure-dataset-%d", i), "Find or create "+r.training[i].DisplayName, a.EnsureDataset, r.ensureInput(i), &dataset)
	return dataset, err
}

func (r *retrain) ensureInput(i int) activities.EnsureDatasetInput {
	input := activities.EnsureDatasetInput{DataInput: r.dataInput(i), Found: r.training[i]}
	if r.report.ProjectID != nil {
		input.ProjectID = *r.report.ProjectID
	}
	return input
}

func (r *retrain) datasetReport(i int, created bool) lifecycle.DatasetReport {
	found := r.training[i]
	report := lifecycle.DatasetReport{ID: found.ID, DisplayName: found.DisplayName, Kind: found.Kind, Created: created}
	if found.Marked {
		report.Content = &found.Content
	}
	return report
}

// awaitDatasets waits for all imports side by side; the first that fails ends the others' waits.
func (r *retrain) awaitDatasets(ctx workflow.Context) error {
	limit := r.request.Limits.Import
	waiting, stop := workflow.WithCancel(ctx)
	defer stop()
	futures := make([]workflow.Future, 0, len(r.training))
	for i, found := range r.training {
		label := fmt.Sprintf("dataset %q", found.DisplayName)
		options := workflow.WithActivityOptions(waiting, long(limit.Std(), fmt.Sprintf("await-dataset-%d", i), "Await the import of "+found.DisplayName))
		futures = append(futures, workflow.ExecuteActivity(options, a.AwaitDataset, activities.AwaitInput{Scope: r.scope, ID: found.ID, Label: label}))
	}
	var failure error
	selector := workflow.NewSelector(ctx)
	open := make([]bool, len(futures))
	for i, future := range futures {
		open[i] = true
		selector.AddFuture(future, func(f workflow.Future) {
			open[i] = false
			var ready activities.DatasetReady
			if err := f.Get(ctx, &ready); err != nil {
				failure = stepError(ctx, err, "the import of "+r.training[i].DisplayName, activities.Budget{Limit: limit, Field: "limits.import", Wait: true})
				return
			}
			r.report.Datasets[i].Accepted, r.report.Datasets[i].Rejected = ready.Accepted, ready.Rejected
		})
	}
	for range futures {
		if next := slices.Index(open, true); r.report.WaitingFor == nil || *r.report.WaitingFor.ID != r.training[next].ID {
			r.await(ctx, "dataset", r.training[next].ID, limit)
		}
		selector.Select(ctx)
		if failure != nil {
			return failure
		}
	}
	return nil
}

// settleDatasets lists each created dataset once more: a twin is found here, and the earliest counts.
func (r *retrain) settleDatasets(ctx workflow.Context) error {
	for i := range r.report.Datasets {
		if !r.report.Datasets[i].Created {
			continue
		}
		var settled activities.EnsuredDataset
		err := r.call(ctx, fmt.Sprintf("settle-dataset-%d", i), "Look for twins of "+r.training[i].DisplayName, a.SettleDataset, r.ensureInput(i), &settled)
		if err != nil {
			return err
		}
		if settled.ID != "" && settled.ID != r.training[i].ID {
			r.note("dataset %s was created twice: %s is used", r.training[i].DisplayName, settled.ID)
			r.training[i].ID, r.report.Datasets[i].ID, r.report.Datasets[i].Created = settled.ID, settled.ID, false
		}
	}
	return nil
}

// dataNote tells what came of the data in a few words.
func dataNote(created, reused int) string {
	switch {
	case reused == 0:
		return fmt.Sprintf("imported %d", created)
	case created == 0:
		return fmt.Sprintf("reused %d", reused)
	}
	return fmt.Sprintf("imported %d, reused %d", created, reused)
}
