package workflows

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/metric"
)

// stages keeps the report of a run and shows it: to the query, in the web UI and as search attributes.
type stages struct {
	report     *lifecycle.Report
	attributes bool
	taskQueue  string
	// title is what the run is called on screens.
	title string
}

// newStages begins a report, records whether search attributes may be set, and answers the query.
func newStages(ctx workflow.Context, o Options) (*stages, error) {
	info := workflow.GetInfo(ctx)
	report := lifecycle.NewReport("", "")
	report.WorkflowID = lifecycle.Ptr(info.WorkflowExecution.ID)
	report.RunID = lifecycle.Ptr(info.WorkflowExecution.RunID)
	s := &stages{report: &report, taskQueue: info.TaskQueueName, title: info.WorkflowExecution.ID}
	recorded := workflow.SideEffect(ctx, func(workflow.Context) any { return o.SearchAttributes() })
	if err := recorded.Get(&s.attributes); err != nil {
		return nil, err
	}
	return s, workflow.SetQueryHandlerWithOptions(ctx, QueryStatus, func() (lifecycle.Report, error) { return *s.report, nil },
		workflow.QueryHandlerOptions{Description: "the report so far"})
}

// runOf is the first run ID of a workflow: what its objects are marked with. The SDK's test environment
// knows no original run.
func runOf(ctx workflow.Context) string {
	info := workflow.GetInfo(ctx)
	if info.OriginalRunID != "" {
		return info.OriginalRunID
	}
	return info.WorkflowExecution.RunID
}

// beganAt is when a workflow began, which a reset keeps.
func beganAt(ctx workflow.Context) time.Time { return workflow.GetInfo(ctx).WorkflowStartTime }

// enter ends the stage before and begins the next.
func (s *stages) enter(ctx workflow.Context, stage lifecycle.Stage) {
	s.leave(ctx)
	s.report.Stage = &stage
	s.report.Stages = append(s.report.Stages, lifecycle.StageRecord{Name: stage, StartedAt: now(ctx)})
	if slices.Contains(lasting, stage) {
		s.upsert(ctx, AttributeStage.ValueSet(string(stage)))
	}
	s.show(ctx)
}

// lasting are the stages in which a run can stay: only they are written as search attributes, each an event of the
// history. The others pass within seconds, and the query tells them.
var lasting = []lifecycle.Stage{lifecycle.StageData, lifecycle.StageTrain, lifecycle.StageEvaluate, lifecycle.StageApproval, lifecycle.StageDeploy}

func (s *stages) leave(ctx workflow.Context) {
	s.report.WaitingFor = nil
	if n := len(s.report.Stages); n > 0 && s.report.Stages[n-1].FinishedAt == nil {
		of := &s.report.Stages[n-1]
		of.FinishedAt = lifecycle.Ptr(now(ctx))
		counted(ctx, "stage", string(of.Name)).Timer(metric.StageDuration).Record(of.FinishedAt.Sub(of.StartedAt))
	}
}

// say sets the note of the present stage.
func (s *stages) say(format string, args ...any) {
	s.report.Stages[len(s.report.Stages)-1].Note = lifecycle.Ptr(fmt.Sprintf(format, args...))
}

// note adds a note to the report.
func (s *stages) note(format string, args ...any) {
	s.report.Notes = append(s.report.Notes, fmt.Sprintf(format, args...))
}

func (s *stages) entered(stage lifecycle.Stage) bool {
	for _, record := range s.report.Stages {
		if record.Name == stage {
			return true
		}
	}
	return false
}

// await says what the run is waiting for, and until when.
func (s *stages) await(ctx workflow.Context, kind lifecycle.WaitingKind, id string, limit lifecycle.Duration) {
	since := now(ctx)
	s.report.WaitingFor = &lifecycle.Waiting{Kind: kind, ID: &id, Since: since, Deadline: lifecycle.Ptr(since.Add(limit.Std()))}
	s.show(ctx)
}

// finish closes the report.
func (s *stages) finish(ctx workflow.Context, outcome lifecycle.Outcome) {
	s.leave(ctx)
	s.report.Outcome = outcome
	countRun(ctx, string(outcome), s.report.Error)
	updates := []temporal.SearchAttributeUpdate{attributeOutcome.ValueSet(string(outcome))}
	if stage := s.report.Stage; stage != nil {
		updates = append(updates, AttributeStage.ValueSet(string(*stage)))
	}
	if v := s.report.Version; v != nil && v.ExpiresAt != nil {
		updates = append(updates, attributeExpiry.ValueSet(*v.ExpiresAt))
	}
	s.upsert(ctx, updates...)
	s.show(ctx)
}

func (s *stages) upsert(ctx workflow.Context, updates ...temporal.SearchAttributeUpdate) {
	if !s.attributes {
		return
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, updates...); err != nil {
		workflow.GetLogger(ctx).Warn("cannot set search attributes", "error", err)
	}
}

func (s *stages) show(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, details(s.title, *s.report))
}

// now is Temporal's clock: for the times of stages, never compared with a date of the service.
func now(ctx workflow.Context) time.Time { return workflow.Now(ctx).UTC() }

// noteOnce adds a note that is not there yet.
func (s *stages) noteOnce(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(s.report.Notes, text) {
		s.note("%s", text)
	}
}
