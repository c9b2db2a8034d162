package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"speech-retrainer/workflows"
)

// Short names of how a retrain ended.
const (
	wasGood     = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	wasFailed   = enumspb.WORKFLOW_EXECUTION_STATUS_FAILED
	wasCanceled = enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED
)

// retrained adds a retrain that has ended then, with the error that it ended with, and why a check started it; empty when a person did.
func (f *fakeTemporal) retrained(name, cause string, status enumspb.WorkflowExecutionStatus, ended time.Time, err error) {
	info := &workflowpb.WorkflowExecutionInfo{
		Execution: &commonpb.WorkflowExecution{WorkflowId: workflows.RetrainID(name), RunId: name + " " + ended.Format(time.RFC3339)},
		Status:    status, CloseTime: timestamppb.New(ended), Memo: &commonpb.Memo{Fields: map[string]*commonpb.Payload{}},
	}
	if cause != "" {
		info.Memo.Fields[workflows.MemoCause] = payload(cause)
	}
	if f.ends == nil {
		f.ends = map[string]answered{}
	}
	f.ends[info.GetExecution().GetRunId()] = answered{err: asServer(err)}
	f.ended = append(f.ended, info)
	slices.SortStableFunc(f.ended, func(a, b *workflowpb.WorkflowExecutionInfo) int {
		return cmp.Compare(b.GetCloseTime().AsTime().Unix(), a.GetCloseTime().AsTime().Unix())
	})
}

// listedEnded are the retrains that have ended, as a query asks for them; is tells that it asks for such.
func (f *fakeTemporal) listedEnded(query string) (all []*workflowpb.WorkflowExecutionInfo, is bool) {
	of, completed := strings.CutPrefix(query, "WorkflowType IN ('Retrain', 'Adopt') AND ExecutionStatus = 'Completed' AND CloseTime > '")
	bad := strings.HasPrefix(query, "WorkflowType = 'Retrain' AND ExecutionStatus IN ('Failed', 'Canceled', 'TimedOut', 'Terminated')")
	var since time.Time
	if completed {
		at, _, _ := strings.Cut(of, "'")
		var err error
		if since, err = time.Parse(time.RFC3339Nano, at); err != nil {
			panic(err)
		}
	}
	_, ids, bounded := strings.Cut(query, " AND WorkflowId IN (")
	for _, e := range f.ended {
		asked := !bounded || strings.Contains(ids, "'"+e.GetExecution().GetWorkflowId()+"'")
		if asked && (e.GetStatus() == wasGood) == completed && e.GetCloseTime().AsTime().After(since) {
			all = append(all, e)
		}
	}
	return all, bad || completed
}
