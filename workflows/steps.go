package workflows

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
)

// validate reads the request, checks it against the service, clears away what earlier runs abandoned,
// and looks every data set up. Nothing is created.
func (r *run) validate(ctx workflow.Context, input json.RawMessage) error {
	request, problems := decode.Request(input)
	r.take(request)
	problems = append(problems, localFiles(request)...)
	if len(problems) > 0 {
		return invalidRequest(problems)
	}
	if err := r.checkID(ctx); err != nil {
		return err
	}
	if err := r.checkCron(ctx); err != nil {
		return err
	}
	r.scope = r.newScope(ctx)
	r.upsert(ctx, AttributeModel.ValueSet(r.request.Name), AttributeLocale.ValueSet(r.request.Locale), AttributeStage.ValueSet(string(*r.report.Stage)))
	r.learnCause(ctx)
	seen, err := do(ctx, r, "survey", "Look at what the run needs, and clear away what earlier runs left", a.Survey,
		activities.SurveyInput{Scope: r.scope, Request: r.request, Cause: r.cause})
	if err != nil {
		return err
	}
	r.met(seen.Service)
	r.heedCause()
	r.lead, r.passedOver = seen.Lead, seen.PassedOver
	if seen.Dates.Known() {
		r.report.Dates = &seen.Dates
	}
	r.cleared(seen.Swept)
	r.found(ctx, seen.Champion)
	if seen.DataFault != nil {
		return &failed{failure: *seen.DataFault}
	}
	r.foundData(seen.Data)
	if err := r.checkKinds(); err != nil {
		return err
	}
	r.alarmData(ctx)
	if seen.Room != nil {
		return &failed{failure: *seen.Room}
	}
	r.baseFault = seen.BaseFault
	if seen.Base != nil {
		r.chose(*seen.Base)
	}
	if r.request.BaseModel.Choose == lifecycle.Latest {
		return nil
	}
	// What the request names is looked at before anything is made, as its data are.
	return r.refuseBase()
}

// alarmData tells that the run goes on with datasets that stand for data whose servers do not tell their content.
func (r *run) alarmData(ctx workflow.Context) {
	var alarms []lifecycle.Alarm
	for _, e := range r.entries {
		if e.found.Unknown != "" {
			alarms = append(alarms, lifecycle.StandInAlarm(e.data.Label(), e.found.Unknown, e.found.DisplayName, r.lives(ctx), r.request.Name))
		}
	}
	if len(alarms) > 0 {
		r.send(ctx, lifecycle.EventExpiring, r.request.Title()+": "+alarms[0].Message, alarms[0].Next, alarms)
	}
}

// take makes a request the run's own.
func (r *run) take(request lifecycle.Request) {
	r.request, r.asked = request, request.Approval.When
	r.entries = entriesOf(request)
	r.report.Name, r.report.Locale = request.Name, request.Locale
	if request.Name != "" {
		r.title = request.Title()
	}
}

// newScope is the scope of a run that does not know its resource yet.
func (r *run) newScope(ctx workflow.Context) activities.Scope {
	return activities.Scope{Model: r.request.Name, Run: runOf(ctx), Locale: r.request.Locale, Began: beganAt(ctx)}
}

// meetService learns which resource the run works on, and that it can train the locale.
func (r *run) meetService(ctx workflow.Context) error {
	r.scope = r.newScope(ctx)
	r.upsert(ctx, AttributeModel.ValueSet(r.request.Name), AttributeLocale.ValueSet(r.request.Locale), AttributeStage.ValueSet(string(*r.report.Stage)))
	service, err := do(ctx, r, "check-service", "Read what the service can train", a.CheckService, r.scope)
	if err != nil {
		return err
	}
	r.met(service)
	return nil
}

// met takes what is known of the service.
func (r *run) met(service activities.Service) {
	r.scope.Resource = service.Resource
	// In a history from before homes were written there is none: that run goes on under its old mark.
	r.scope.Run = lifecycle.RunMark(service.Home, r.scope.Run)
	r.began = service.ObservedAt
	r.report.Resource = &service.Resource
	if text := lifecycle.ClockNote(service.ObservedAt, service.WorkerAt, service.LocalClock); text != "" {
		r.note("%s", text)
	}
}

// invalidRequest is the failure of a request that cannot be used, with everything that is wrong.
func invalidRequest(problems []lifecycle.Problem) error {
	lines := make([]string, 0, len(problems))
	next := "correct the request and start the run again"
	for _, p := range problems {
		lines = append(lines, p.String())
		if p.Secret {
			next = "the signed URL is now kept in Temporal's history: revoke it at once; then correct the request and start the run again"
		}
	}
	return &failed{failure: lifecycle.Failure{
		Type: lifecycle.InvalidRequest, Message: "the request cannot be used: " + strings.Join(lines, "; "),
		Object: lifecycle.Ptr("request"), Next: &next, Problems: problems,
	}}
}

// clear removes what earlier runs abandoned, and puts marks right that they could not write, without waiting.
func (r *run) clear(ctx workflow.Context) error {
	heal := &activities.HealInput{Deploy: r.request.Limits.Deploy}
	if r.request.Deploy != nil {
		heal.Endpoint = r.request.Deploy.Endpoint
	}
	input := activities.SweepInput{Scope: r.scope, Heal: heal, Request: lifecycle.Ptr(lifecycle.LiveOf(r.request))}
	swept, err := do(ctx, r, "sweep", "Remove abandoned versions", a.SweepPass, input)
	if err != nil {
		return err
	}
	r.cleared(swept)
	return nil
}

// cleared tells what was cleared away of earlier runs.
func (r *run) cleared(swept activities.SweepResult) {
	r.report.Deleted = append(r.report.Deleted, swept.Deleted...)
	for _, m := range swept.Healed {
		r.note("version %s is marked %s now: %s", m.DisplayName, m.State, m.Reason)
	}
	r.report.Notes = append(r.report.Notes, swept.Notes...)
	for _, refused := range swept.Refused {
		r.note("abandoned version %s (%s) stays: %s", refused.DisplayName, refused.ID, refused.Reason)
	}
}

// localFiles names the data that only the starter can upload.
func localFiles(request lifecycle.Request) []lifecycle.Problem {
	var problems []lifecycle.Problem
	for _, e := range entriesOf(request) {
		if e.data.File != "" {
			problems = append(problems, lifecycle.Problem{
				Path: e.path + ".file",
				Message: fmt.Sprintf("a worker cannot read local files: upload it with \"starter data upload FILE --name %q --kind %s --locale %s\" "+
					"and name the dataset that it prints, or start the run with \"starter run\"",
					e.data.Name, e.data.Kind, request.Locale),
			})
		}
	}
	return problems
}

// findData looks every data set of the request up, side by side.
func (r *run) findData(ctx workflow.Context) error {
	looks := make([]pending[activities.DataFound], 0, len(r.entries))
	for i, e := range r.entries {
		looks = append(looks, begin(ctx, r, fmt.Sprintf("find-data-%d", i), "Look up "+e.data.Label(), a.FindData, r.dataInput(i)))
	}
	data := make([]activities.DataFound, 0, len(looks))
	for _, look := range looks {
		found, err := look.get(ctx)
		if err != nil {
			return err
		}
		data = append(data, found)
	}
	r.foundData(data)
	return r.checkKinds()
}

// foundData takes what the data of the request turned out to be.
func (r *run) foundData(data []activities.DataFound) {
	for i, found := range data {
		r.entries[i].found = found
		if text := found.Note; text != "" {
			r.note("%s", text)
		}
	}
}

// checkKinds refuses training data that cannot be combined and test data that cannot be tested with: the kind of a
// dataset given by reference is known only now.
func (r *run) checkKinds() error {
	var problems []lifecycle.Problem
	kinds := make([]lifecycle.DatasetKind, 0, len(r.trainingEntries()))
	for _, e := range r.trainingEntries() {
		kinds = append(kinds, e.found.Kind)
	}
	if i, reason := lifecycle.RefuseCombination(kinds); reason != "" {
		problems = append(problems, lifecycle.Problem{Path: r.entries[i].path, Message: reason})
	}
	for i, t := range r.request.Tests {
		if fault := lifecycle.RefuseTestKind(r.testEntry(i).found.Kind, t.Inspect); fault != "" {
			problems = append(problems, lifecycle.Problem{Path: r.testEntry(i).path, Message: fault})
		}
	}
	if len(problems) > 0 {
		return invalidRequest(problems)
	}
	return nil
}

func (r *run) ensureProject(ctx workflow.Context) error {
	if r.request.Project == "" {
		r.say("no project")
		return nil
	}
	project, err := do(ctx, r, "ensure-project", "Find or create the project", a.EnsureProject,
		activities.ProjectInput{Scope: r.scope, Project: r.request.Project})
	if err != nil {
		return err
	}
	if project.Note != "" {
		r.note("%s", project.Note)
	}
	switch {
	case project.ID == "":
		r.say("no projects in this API version")
		return nil
	case project.Created:
		r.madeProject = true
		r.say("created %s", r.request.Project)
	default:
		r.say("found %s", r.request.Project)
	}
	r.report.ProjectID = &project.ID
	return nil
}

func (r *run) chooseBase(workflow.Context) error {
	if err := r.refuseBase(); err != nil {
		return err
	}
	r.say("%s", r.base.Report.DisplayName)
	if text := lifecycle.RegionNote(r.scope.Resource); text != "" {
		r.note("%s", text)
	}
	return nil
}

// findBase asks which model to train from. What the service would not train from a moment ago is passed over.
func (r *run) findBase(ctx workflow.Context, id string) error {
	input := activities.BaseInput{
		Scope: r.scope, Spec: r.request.BaseModel, Kinds: r.trainingKinds(), Deploy: r.request.Deploy != nil,
		Family: lifecycle.WantedFamily(r.request.BaseModel, r.serving.Base), PassedOver: r.passedOver,
	}
	base, err := do(ctx, r, id, "Choose the base model", a.ChooseBase, input)
	if err != nil {
		return err
	}
	r.chose(base)
	return nil
}

// chose takes the model to train from.
func (r *run) chose(base activities.BaseResult) {
	r.base = base
	r.report.BaseModel, r.report.BaseModelsRefused = &r.base.Report, r.base.Refused
}

// refuseBase is why there is no model to train from; nil when there is one.
func (r *run) refuseBase() error {
	if r.baseFault == nil {
		return nil
	}
	return &failed{failure: *r.baseFault}
}

// trainingKinds are the kinds of the training data.
func (r *run) trainingKinds() []lifecycle.DatasetKind {
	kinds := make([]lifecycle.DatasetKind, 0, len(r.entries))
	for _, e := range r.trainingEntries() {
		kinds = append(kinds, e.found.Kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
