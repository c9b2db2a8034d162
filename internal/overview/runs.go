package overview

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/schedules"
	"speech-retrainer/workflows"
)

// ongoing is a retrain that goes on; its stage and locale are empty when Temporal does not tell.
type ongoing struct {
	runID, stage, locale, queue, cause string
	// trouble, report and onTimeout are asked for later: report only of one that waits for a person.
	trouble   []lifecycle.Trouble
	report    *lifecycle.Report
	onTimeout string
}

// Limits of what runs are asked for their report.
const (
	// statusTimeout bounds one query: a worker that does not answer must not hold up the overview.
	statusTimeout = 4 * time.Second
	// mostUntold is how many runs are asked whose stage Temporal does not tell.
	mostUntold = 64
	// listPage is how many runs one question to Temporal lists.
	listPage = 1000
)

// runningRetrains are the retrains that go on, by model.
func runningRetrains(ctx context.Context, s follow.Session) (map[string]ongoing, error) {
	runs := map[string]ongoing{}
	query := fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Running'", workflows.TypeRetrain)
	err := list(ctx, s, query, func(r *workflowservice.ListWorkflowExecutionsResponse) bool {
		for _, e := range r.GetExecutions() {
			if name, is := strings.CutPrefix(e.GetExecution().GetWorkflowId(), workflows.RetrainID("")); is && decode.Name(name) == "" {
				shown := e.GetSearchAttributes().GetIndexedFields()
				runs[name] = ongoing{
					runID: e.GetExecution().GetRunId(), queue: e.GetTaskQueue(), stage: fleet.MemoText(shown[workflows.AttributeStage.GetName()]),
					locale: fleet.MemoText(shown[workflows.AttributeLocale.GetName()]), cause: fleet.MemoText(e.GetMemo().GetFields()[workflows.MemoCause]),
				}
			}
		}
		return true
	})
	return runs, err
}

// list asks Temporal for the runs of a query, page by page, as long as more are wanted. The error is a *exit.Failure.
func list(ctx context.Context, s follow.Session, query string, page func(*workflowservice.ListWorkflowExecutionsResponse) (more bool)) error {
	request := &workflowservice.ListWorkflowExecutionsRequest{Namespace: s.Namespace, PageSize: listPage, Query: query}
	for {
		answer, err := s.ListWorkflow(ctx, request)
		if err != nil {
			return s.Unreachable(err)
		}
		if !page(answer) || len(answer.GetNextPageToken()) == 0 {
			return nil
		}
		request.NextPageToken = answer.GetNextPageToken()
	}
}

// asks tells that a run waits for a person.
func (o ongoing) asks() bool {
	if o.report == nil {
		return o.stage == string(lifecycle.StageApproval)
	}
	return o.report.WaitingFor != nil && o.report.WaitingFor.Kind == lifecycle.WaitsForApproval
}

// askRetrains asks each retrain of the models to show for its trouble, and those that wait for a person for what they ask.
func (l *look) askRetrains(ctx context.Context) {
	s, untold := l.session, 0
	var shown []string
	for _, name := range l.known() {
		if l.running[name].runID != "" {
			shown = append(shown, name)
		}
	}
	asked := make([]ongoing, len(shown))
	var group errgroup.Group
	group.SetLimit(schedules.AtOnce)
	for i, name := range shown {
		asked[i] = l.running[name]
		ask := asked[i].stage == string(lifecycle.StageApproval)
		if asked[i].stage == "" {
			untold++
			ask = untold <= mostUntold
		}
		group.Go(func() error {
			asked[i].trouble = s.Troubles(ctx, workflows.RetrainID(name), asked[i].runID)
			if ask {
				asked[i].report = status(ctx, s, name, asked[i].runID)
			}
			if asked[i].asks() {
				asked[i].onTimeout = onTimeout(ctx, s, name, asked[i].runID)
			}
			return nil
		})
	}
	_ = group.Wait() // what cannot be learnt is left out
	for i, name := range shown {
		l.running[name] = asked[i]
	}
}

// status is what a run says of itself; nil when no worker answers for it.
func status(ctx context.Context, s follow.Session, name, runID string) *lifecycle.Report {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	answer, err := s.QueryWorkflow(ctx, workflows.RetrainID(name), runID, workflows.QueryStatus)
	var report lifecycle.Report
	if err != nil || answer.Get(&report) != nil {
		return nil
	}
	return &report
}

// onTimeout is what becomes of a question that nobody answers, by the request of the run; empty when that cannot be read.
func onTimeout(ctx context.Context, s follow.Session, name, runID string) string {
	run := follow.Run{Session: s, ID: workflows.RetrainID(name), RunID: runID}
	raw, err := run.Input(ctx)
	if err != nil {
		return ""
	}
	request, problems := decode.Request(raw)
	if len(problems) > 0 {
		return ""
	}
	return request.Approval.OnTimeout
}
