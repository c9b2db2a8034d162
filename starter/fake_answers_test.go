package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/types/known/timestamppb"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/workflows"
)

// observation is what one Observe was asked, and how.
type observation struct {
	client.StartWorkflowOptions
	workflows.ObserveInput
}

func (f *fakeTemporal) observe(o client.StartWorkflowOptions, raw []byte) (client.WorkflowRun, error) {
	asked := observation{StartWorkflowOptions: o}
	if err := json.Unmarshal(raw, &asked.ObserveInput); err != nil {
		return nil, err
	}
	f.observed = append(f.observed, asked)
	if f.rows == nil && f.row == nil && f.datasets == nil && f.observeErr == nil {
		return answered{}, nil
	}
	rows := slices.Clone(f.rows)
	if f.row != nil {
		names := asked.Names
		if len(names) == 0 {
			names = f.scheduledOn(o.TaskQueue)
		}
		for _, name := range names {
			rows = append(rows, f.row(name))
		}
	}
	seen := workflows.Observed{Rows: rows, Datasets: f.datasets}
	if f.perAnswer > 0 {
		seen.Rows, seen.Next = page(rows, asked.After, f.perAnswer)
	}
	return answered{value: seen, err: f.observeErr}, nil
}

// scheduledOn are the models that have a schedule on a queue: what that worker knows without names.
func (f *fakeTemporal) scheduledOn(queue string) (names []string) {
	for id, d := range f.kept {
		action := d.Schedule.Action.(*client.ScheduleWorkflowAction)
		if name, is := strings.CutPrefix(id, workflows.ScheduleID("")); is && action.TaskQueue == queue && decode.Name(name) == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// page are so many of the rows as one answer has, and what the next one is asked for with.
func page(rows []lifecycle.Row, after string, most int) (some []lifecycle.Row, next string) {
	slices.SortFunc(rows, func(a, b lifecycle.Row) int { return a.Key().Compare(b.Key()) })
	if last, is := lifecycle.ReadRowKey(after); is {
		rows = slices.DeleteFunc(rows, func(r lifecycle.Row) bool { return r.Key().Compare(last) <= 0 })
	}
	if len(rows) <= most {
		return rows, ""
	}
	return rows[:most], rows[most-1].Key().Token()
}

func (f *fakeTemporal) plans(o client.StartWorkflowOptions, raw []byte) (client.WorkflowRun, error) {
	requests, several, problems := decode.Plans(raw)
	if len(problems) > 0 {
		return nil, serviceerror.NewInvalidArgument(problems[0].String())
	}
	if !several {
		return f.onePlan(o, raw)
	}
	var plans []lifecycle.Plan
	for _, request := range requests {
		one, err := f.onePlan(o, request)
		if err != nil {
			return nil, err
		}
		answer := one.(answered)
		plan := answer.value.(lifecycle.Plan)
		if failed, is := errors.AsType[*temporal.ApplicationError](answer.err); is {
			plan.Error = &lifecycle.Failure{}
			if err := failed.Details(plan.Error); err != nil {
				return nil, err
			}
		} else if answer.err != nil {
			return answer, nil
		}
		plans = append(plans, plan)
	}
	return answered{value: plans}, nil
}

func (f *fakeTemporal) onePlan(o client.StartWorkflowOptions, raw []byte) (client.WorkflowRun, error) {
	request, problems := decode.Request(raw)
	if len(problems) > 0 {
		return nil, serviceerror.NewInvalidArgument(problems[0].String())
	}
	if f.planned == nil {
		f.planned = map[string]json.RawMessage{}
	}
	f.planned[o.TaskQueue+" "+request.Name] = raw
	plan, err := f.plan(request)
	return answered{value: plan, err: err}, nil
}

// answered is the client's handle of a question; one without an answer never ends.
type answered struct {
	client.WorkflowRun

	value any
	err   error
}

func (a answered) GetRunID() string { return "question-1" }

func (a answered) Get(ctx context.Context, target any) error {
	switch {
	case a.err != nil:
		return a.err
	case a.value == nil:
		<-ctx.Done()
		return ctx.Err()
	}
	return through(a.value, target)
}

// retrain is a retrain that goes on, as the listing of workflows shows it.
type retrain struct{ stage, locale string }

// check adds a check of a model, which ended then after all that were added before; alarm is the kind that it found.
func (f *fakeTemporal) check(name, alarm string, ended time.Time, report lifecycle.RenewReport, err error) {
	info := &workflowpb.WorkflowExecutionInfo{
		Execution: &commonpb.WorkflowExecution{
			WorkflowId: workflows.ScheduleID(name) + "-" + ended.Format(time.RFC3339), RunId: fmt.Sprintf("check-%d", len(f.checks)),
		},
		Status: enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, CloseTime: timestamppb.New(ended),
		SearchAttributes: &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{"SpeechModel": payload(name)}},
	}
	if alarm != "" {
		info.SearchAttributes.IndexedFields["SpeechAlarm"] = payload(alarm)
	}
	if f.ends == nil {
		f.ends = map[string]answered{}
	}
	f.ends[info.GetExecution().GetRunId()] = answered{value: report}
	if err != nil {
		info.Status = enumspb.WORKFLOW_EXECUTION_STATUS_FAILED
		f.ends[info.GetExecution().GetRunId()] = answered{err: asServer(err)}
	}
	f.checks = slices.Insert(f.checks, 0, info)
}

func (f *fakeTemporal) listed(query string) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	response := &workflowservice.ListWorkflowExecutionsResponse{}
	if strings.HasPrefix(query, "WorkflowType = 'Renew'") {
		response.Executions = f.checks
		return response, nil
	}
	if ended, is := f.listedEnded(query); is {
		response.Executions = ended
		return response, nil
	}
	if query != "WorkflowType = 'Retrain' AND ExecutionStatus = 'Running'" {
		return response, serviceerror.NewInvalidArgument("unknown query " + query)
	}
	for name, r := range f.retrains {
		shown := map[string]*commonpb.Payload{}
		if r.stage != "" {
			shown["SpeechStage"] = payload(r.stage)
		}
		if r.locale != "" {
			shown["SpeechLocale"] = payload(r.locale)
		}
		response.Executions = append(response.Executions, &workflowpb.WorkflowExecutionInfo{
			Execution:        &commonpb.WorkflowExecution{WorkflowId: workflows.RetrainID(name), RunId: sample.RunID},
			SearchAttributes: &commonpb.SearchAttributes{IndexedFields: shown},
		})
	}
	return response, nil
}

func (f *fakeTemporal) sweep(o client.StartWorkflowOptions, raw []byte) (client.WorkflowRun, error) {
	if slices.Contains(f.going, o.ID) {
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("already started", "", "run-7")
	}
	f.began, f.inputs = append(f.began, o), append(f.inputs, string(raw))
	return sweeping{f.sweeping(o.ID)}, nil
}

// sweeping is the client's handle of a sweep.
type sweeping struct{ answered }

func (sweeping) GetRunID() string { return "run-1" }

// sweeping is the handle of the sweep of an ID.
func (f *fakeTemporal) sweeping(id string) answered {
	if f.hangs {
		return answered{}
	}
	return answered{value: f.swept[id], err: f.failing[id]}
}
