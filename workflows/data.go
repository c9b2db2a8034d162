package workflows

import (
	"fmt"
	"strings"

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

// ensureDatasets finds or creates the datasets that do not exist yet.
func (r *run) ensureDatasets(ctx workflow.Context) error {
	input := activities.EnsureDatasetsInput{Scope: r.scope}
	if r.report.ProjectID != nil {
		input.ProjectID = *r.report.ProjectID
	}
	var names []string
	for _, e := range r.entries {
		if e.found.ID == "" {
			input.Wanted = append(input.Wanted, activities.Wanted{Path: e.path, Data: e.data, Found: e.found})
			names = append(names, e.found.DisplayName)
		}
	}
	var made []activities.EnsuredDataset
	if len(input.Wanted) > 0 {
		ensured, err := do(ctx, r, "ensure-datasets", "Find or create "+strings.Join(names, ", "), a.EnsureDatasets, input)
		if err != nil {
			return err
		}
		made = ensured.Datasets
	}
	for i := range r.entries {
		found, created := &r.entries[i].found, false
		if found.ID == "" {
			found.ID, found.Ready, created = made[0].ID, made[0].Ready, made[0].Created
			made = made[1:]
		}
		report := r.datasetReport(i, created)
		if found.Ready != nil {
			report.Accepted, report.Rejected = found.Ready.Accepted, found.Ready.Rejected
		}
		r.report.Datasets = append(r.report.Datasets, report)
	}
	return nil
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

// awaitDatasets waits for the imports that go on; the first that fails ends the wait.
func (r *run) awaitDatasets(ctx workflow.Context) error {
	input := activities.AwaitDatasetsInput{Scope: r.scope}
	var names []string
	var waited []int
	for i, e := range r.entries {
		if e.found.Ready != nil {
			continue
		}
		one := activities.Importing{ID: e.found.ID, Label: fmt.Sprintf("dataset %q", e.found.DisplayName)}
		if from := e.data.ContentURLFrom; from != nil {
			one.Env = from.Env
		}
		input.Datasets, names, waited = append(input.Datasets, one), append(names, e.found.DisplayName), append(waited, i)
	}
	if len(waited) == 0 {
		return nil
	}
	of := "the import of " + strings.Join(names, ", ")
	w := waiting{id: "await-datasets", summary: "Await " + of, of: of, limit: r.request.Limits.Import, field: "limits.import"}
	r.await(ctx, lifecycle.WaitsForDataset, input.Datasets[0].ID, w.limit)
	imported, err := wait(ctx, r, w, a.AwaitDatasets, input).get(ctx)
	if err != nil {
		return err
	}
	for n, i := range waited {
		r.report.Datasets[i].Accepted, r.report.Datasets[i].Rejected = imported.Ready[n].Accepted, imported.Ready[n].Rejected
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
func dataNote(created, there int) string {
	switch {
	case there == 0:
		return fmt.Sprintf("imported %d", created)
	case created == 0:
		return fmt.Sprintf("%d there already", there)
	}
	return fmt.Sprintf("imported %d, %d there already", created, there)
}
