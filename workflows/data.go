package workflows

import (
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// entriesOf lists the data of a request, training first.
func entriesOf(request lifecycle.Request) []entry {
	var entries []entry
	for i, d := range request.Training {
		entries = append(entries, entry{path: fmt.Sprintf("training[%d]", i), data: d})
	}
	for i, t := range request.Tests {
		entries = append(entries, entry{path: fmt.Sprintf("tests[%d]", i), data: t.Data})
	}
	return entries
}

// trainingEntries are the entries to train on; testEntry is that of a test.
func (r *run) trainingEntries() []entry { return r.entries[:len(r.request.Training)] }

func (r *run) testEntry(i int) entry { return r.entries[len(r.request.Training)+i] }

// prepareData makes sure that every data set of the request is an imported dataset that may be used.
func (r *run) prepareData(ctx workflow.Context) error {
	created := 0
	for i := range r.entries {
		dataset, err := r.ensureDataset(ctx, i)
		if err != nil {
			return err
		}
		if dataset.Created {
			created++
			r.entries[i].createdAt = workflow.Now(ctx)
		}
		r.entries[i].found.ID = dataset.ID
		r.report.Datasets = append(r.report.Datasets, r.datasetReport(i, dataset.Created))
	}
	if err := r.awaitDatasets(ctx); err != nil {
		return err
	}
	if err := r.settleDatasets(ctx); err != nil {
		return err
	}
	r.say("%s", dataNote(created, len(r.entries)-created))
	return r.checkRejected()
}

func (r *run) ensureDataset(ctx workflow.Context, i int) (activities.EnsuredDataset, error) {
	found := r.entries[i].found
	if found.ID != "" {
		return activities.EnsuredDataset{ID: found.ID}, nil
	}
	return do(ctx, r, fmt.Sprintf("ensure-dataset-%d", i), "Find or create "+found.DisplayName, a.EnsureDataset, r.ensureInput(i))
}

func (r *run) ensureInput(i int) activities.EnsureDatasetInput {
	input := activities.EnsureDatasetInput{DataInput: r.dataInput(i), Found: r.entries[i].found}
	if r.report.ProjectID != nil {
		input.ProjectID = *r.report.ProjectID
	}
	return input
}

func (r *run) dataInput(i int) activities.DataInput {
	return activities.DataInput{Scope: r.scope, Path: r.entries[i].path, Data: r.entries[i].data}
}

func (r *run) datasetReport(i int, created bool) lifecycle.DatasetReport {
	found := r.entries[i].found
	report := lifecycle.DatasetReport{ID: found.ID, DisplayName: found.DisplayName, Kind: found.Kind, Created: created}
	if found.Marked {
		report.Content = &found.Content
	}
	return report
}

// awaitDatasets waits for all imports side by side; the first that fails ends the others' waits.
func (r *run) awaitDatasets(ctx workflow.Context) error {
	limit := r.request.Limits.Import
	ends, stop := workflow.WithCancel(ctx)
	defer stop()
	imports := make([]pending[activities.DatasetReady], 0, len(r.entries))
	for i, e := range r.entries {
		w := waiting{
			id: fmt.Sprintf("await-dataset-%d", i), summary: "Await the import of " + e.found.DisplayName, of: "the import of " + e.found.DisplayName,
			limit: limit, field: "limits.import",
		}
		input := activities.AwaitInput{Scope: r.scope, ID: e.found.ID, Label: fmt.Sprintf("dataset %q", e.found.DisplayName)}
		if from := e.data.ContentURLFrom; from != nil {
			input.Env = from.Env
		}
		imports = append(imports, wait(ends, r, w, a.AwaitDataset, input))
	}
	var failure error
	selector := workflow.NewSelector(ctx)
	open := make([]bool, len(imports))
	for i, one := range imports {
		open[i] = true
		selector.AddFuture(one.future, func(workflow.Future) {
			open[i] = false
			ready, err := one.get(ctx)
			if err != nil {
				failure = err
				return
			}
			r.report.Datasets[i].Accepted, r.report.Datasets[i].Rejected = ready.Accepted, ready.Rejected
		})
	}
	for range imports {
		if id := r.entries[slices.Index(open, true)].found.ID; r.report.WaitingFor == nil || *r.report.WaitingFor.ID != id {
			r.await(ctx, lifecycle.WaitsForDataset, id, limit)
		}
		selector.Select(ctx)
		if failure != nil {
			return failure
		}
	}
	return nil
}

// settleDatasets lists each created dataset once more: a twin is found here, and the earliest counts.
func (r *run) settleDatasets(ctx workflow.Context) error {
	for i := range r.report.Datasets {
		if !r.report.Datasets[i].Created {
			continue
		}
		found := &r.entries[i].found
		settled, err := do(ctx, r, fmt.Sprintf("settle-dataset-%d", i), "Look for twins of "+found.DisplayName, a.SettleDataset,
			activities.SettleDatasetInput{EnsureDatasetInput: r.ensureInput(i), CreatedAt: r.entries[i].createdAt})
		if err != nil {
			return err
		}
		if settled.ID != "" && settled.ID != found.ID {
			r.note("dataset %s was created twice: %s is used", found.DisplayName, settled.ID)
			found.ID, r.report.Datasets[i].ID, r.report.Datasets[i].Created = settled.ID, settled.ID, false
		}
	}
	return nil
}

// checkRejected refuses data of which the service rejected too much.
func (r *run) checkRejected() error {
	for i, d := range r.report.Datasets {
		fault, warning := lifecycle.JudgeRejected(d.Accepted, d.Rejected, r.entries[i].data.RejectedLimit())
		label := fmt.Sprintf("dataset %q", d.DisplayName)
		if warning != "" {
			r.note("%s: %s", label, warning)
		}
		if fault == "" {
			continue
		}
		return &failed{failure: lifecycle.Failure{
			Type: lifecycle.DatasetFailed, Message: label + ": " + fault, Object: &label,
			Next: lifecycle.Ptr(fmt.Sprintf("read the dataset's report in the portal and correct the data, or raise %s.maxRejected, then start "+
				"the run again", r.entries[i].path)),
			Problems: []lifecycle.Problem{{Path: r.entries[i].path, Message: fault}},
		}}
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
