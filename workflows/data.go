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

// prepareData makes sure that every data set of the request is an imported dataset that may be used. A second dataset of
// one content, as two runs may make it at the same moment, is harmless: the sweep deletes it when nothing refers to it.
func (r *run) prepareData(ctx workflow.Context) error {
	if err := r.ensureDatasets(ctx); err != nil {
		return err
	}
	if err := r.awaitDatasets(ctx); err != nil {
		return err
	}
	created := 0
	for i := range r.report.Datasets {
		if r.report.Datasets[i].Created {
			created++
		}
	}
	r.say("%s", dataNote(created, len(r.entries)-created))
	return r.checkRejected()
}

// ensureDatasets finds or creates the datasets that do not exist yet, side by side.
func (r *run) ensureDatasets(ctx workflow.Context) error {
	made := make([]pending[activities.EnsuredDataset], len(r.entries))
	for i, e := range r.entries {
		if e.found.ID == "" {
			made[i] = begin(ctx, r, fmt.Sprintf("ensure-dataset-%d", i), "Find or create "+e.found.DisplayName, a.EnsureDataset, r.ensureInput(i))
		}
	}
	for i := range r.entries {
		found, created := &r.entries[i].found, false
		if found.ID == "" {
			dataset, err := made[i].get(ctx)
			if err != nil {
				return err
			}
			found.ID, found.Ready, created = dataset.ID, dataset.Ready, dataset.Created
		}
		report := r.datasetReport(i, created)
		if found.Ready != nil {
			report.Accepted, report.Rejected = found.Ready.Accepted, found.Ready.Rejected
		}
		r.report.Datasets = append(r.report.Datasets, report)
	}
	return nil
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

// awaitDatasets waits for the imports that go on, side by side; the first that fails ends the others' waits.
func (r *run) awaitDatasets(ctx workflow.Context) error {
	limit := r.request.Limits.Import
	ends, stop := workflow.WithCancel(ctx)
	defer stop()
	imports := make([]pending[activities.DatasetReady], len(r.entries))
	for i, e := range r.entries {
		if e.found.Ready != nil {
			continue
		}
		w := waiting{
			id: fmt.Sprintf("await-dataset-%d", i), summary: "Await the import of " + e.found.DisplayName, of: "the import of " + e.found.DisplayName,
			limit: limit, field: "limits.import",
		}
		input := activities.AwaitInput{Scope: r.scope, ID: e.found.ID, Label: fmt.Sprintf("dataset %q", e.found.DisplayName)}
		if from := e.data.ContentURLFrom; from != nil {
			input.Env = from.Env
		}
		imports[i] = wait(ends, r, w, a.AwaitDataset, input)
	}
	var failure error
	selector := workflow.NewSelector(ctx)
	open := make([]bool, len(imports))
	for i, one := range imports {
		if one.future == nil {
			continue
		}
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
	for slices.Contains(open, true) {
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
