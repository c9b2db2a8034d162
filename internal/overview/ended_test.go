package overview

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/types/known/timestamppb"

	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

const (
	completed  = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	failed     = enumspb.WORKFLOW_EXECUTION_STATUS_FAILED
	canceled   = enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED
	terminated = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
	timedOut   = enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT
)

// remembers is a Temporal that remembers retrains that have ended, and endlessly many when asked for pages without end.
type remembers struct {
	follow.Temporal

	runs    []*workflowpb.WorkflowExecutionInfo
	ends    map[string]error
	endless bool
	queries []string
	pages   int
	read    atomic.Int32
}

// ran adds a retrain that ended so long ago: the newest is added last.
func (f *remembers) ran(name string, status enumspb.WorkflowExecutionStatus, ago time.Duration) {
	f.runs = slices.Insert(f.runs, 0, &workflowpb.WorkflowExecutionInfo{
		Execution: &commonpb.WorkflowExecution{
			WorkflowId: strings.TrimPrefix("retrain/"+name, "retrain/adopted:"), RunId: fmt.Sprint(name, " ", ago),
		},
		Status: status, CloseTime: timestamppb.New(sample.At(-ago)),
	})
}

func (f *remembers) ListWorkflow(_ context.Context, r *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	f.pages++
	if len(r.GetNextPageToken()) == 0 {
		f.queries = append(f.queries, r.GetQuery())
	}
	answer := &workflowservice.ListWorkflowExecutionsResponse{}
	if f.endless {
		answer.NextPageToken = []byte("more")
	}
	good := strings.Contains(r.GetQuery(), "'Completed'")
	for _, e := range f.runs {
		if good == (e.GetStatus() == completed) {
			answer.Executions = append(answer.Executions, e)
		}
	}
	return answer, nil
}

type endOf struct {
	client.WorkflowRun

	err error
}

func (e endOf) Get(context.Context, any) error { return e.err }

func (f *remembers) GetWorkflow(_ context.Context, _, runID string) client.WorkflowRun {
	f.read.Add(1)
	return endOf{err: f.ends[runID]}
}

// The newest retrain counts, and those before it that failed in a row.
func TestEndedRetrains(t *testing.T) {
	t.Parallel()
	f := &remembers{}
	for _, run := range []struct {
		name   string
		status enumspb.WorkflowExecutionStatus
		hours  time.Duration
	}{
		{"again", failed, 9},
		{"Not a name", failed, 9},
		{"again", completed, 8},
		{"once", completed, 8},
		{"again", failed, 7},
		{"stopped", failed, 7},
		{"mended", failed, 6},
		{"late", timedOut, 6},
		{"again", terminated, 5},
		{"once", failed, 5},
		{"stopped", canceled, 4},
		{"mended", completed, 4},
		{"given-up", failed, 9},
		{"given-up", canceled, 4},
		{"given-up", failed, 3},
		{"fine", completed, 1},
		{"taken", failed, 9},
		{"adopted:adopt/taken", completed, 8},
	} {
		f.ran(run.name, run.status, run.hours*time.Hour)
	}
	got, err := endedRetrains(t.Context(), follow.Session{Temporal: f}, nil)
	require.NoError(t, err)
	told := map[string]string{}
	for name, e := range got {
		if e.runID != "" {
			told[name] = fmt.Sprintf("%s, %d since %s", e.outcome, e.Failed, sample.At(0).Sub(e.Since))
			require.Contains(t, e.runID, sample.At(0).Sub(e.At).String(), "the newest one")
		}
	}
	require.Equal(t, map[string]string{
		"again": "failed, 2 since 7h0m0s", "once": "failed, 1 since 5h0m0s", "late": "failed, 1 since 6h0m0s", "stopped": "canceled, 0 since 4h0m0s",
		"given-up": "failed, 1 since 3h0m0s",
	}, told)
	require.Len(t, f.queries, 2)
	require.NotContains(t, f.queries[0], "WorkflowId")
	require.True(t, strings.HasPrefix(f.queries[1], "WorkflowType IN ('Retrain', 'Adopt') AND ExecutionStatus = 'Completed' AND "))
	require.Contains(t, f.queries[1], "'adopt/taken'")
	require.Contains(t, f.queries[1], "CloseTime > '"+sample.At(-9*time.Hour).UTC().Format(time.RFC3339Nano)+"' AND WorkflowId IN ('retrain/again', ")
}

// Nobody is asked more than once when nothing has failed, and not without end when much has.
func TestEndedRetrainsAreBounded(t *testing.T) {
	t.Parallel()
	f := &remembers{}
	f.ran("fine", completed, time.Hour)
	_, err := endedRetrains(t.Context(), follow.Session{Temporal: f}, []string{"fine", "desk"})
	require.NoError(t, err)
	require.Equal(t, []string{"WorkflowType = 'Retrain' AND ExecutionStatus IN ('Failed', 'Canceled', 'TimedOut', 'Terminated') " +
		"AND WorkflowId IN ('retrain/fine', 'retrain/desk')"}, f.queries)

	f = &remembers{endless: true}
	var shown []found
	for i := range mostFailures + 5 {
		name := fmt.Sprint("m-", i)
		f.ran(name, failed, time.Hour-time.Duration(i)*time.Second)
		shown = append(shown, found{Row: lifecycle.Row{Name: name}}, found{Row: lifecycle.Row{Name: name, Locale: "de-DE"}})
	}
	l := look{session: follow.Session{Temporal: f}, running: map[string]ongoing{"m-104": {runID: "r"}}}
	l.ended, err = endedRetrains(t.Context(), l.session, nil)
	require.NoError(t, err)
	require.Equal(t, 2*mostPages, f.pages)
	l.askFailures(t.Context(), shown)
	require.EqualValues(t, mostFailures, f.read.Load(), "each once, the newest, and none of a model that is retrained again")
	require.Equal(t, mostFailures+5, len(l.ended))
}

// Why a retrain failed is what its report says; what could tell nothing has its words, too.
func TestWhyFailed(t *testing.T) {
	t.Parallel()
	report := sample.Failed()
	report.Error = &lifecycle.Failure{Type: lifecycle.DatasetFailed, Message: "it is no WAV", Next: lifecycle.Ptr("mend it")}
	f := &remembers{ends: map[string]error{
		"told":       temporal.NewNonRetryableApplicationError("it is no WAV", "DatasetFailed", nil, report),
		"old":        temporal.NewNonRetryableApplicationError("no key", "Unauthorized", nil),
		"late":       temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_START_TO_CLOSE, nil),
		"terminated": &temporal.TerminatedError{},
	}}
	why := func(run string) string {
		f := whyFailed(t.Context(), follow.Session{Temporal: f}, ended{workflowID: "retrain/desk", runID: run})
		if f == nil {
			return ""
		}
		return fmt.Sprint(f.Type, ": ", f.Message, " ", nextOf(f))
	}
	require.Equal(t, "DatasetFailed: it is no WAV [mend it]", why("told"))
	require.Equal(t, "Unauthorized: no key []", why("old"))
	require.Equal(t, "TimedOut: the run as a whole ran out of the time that it was started with []", why("late"))
	require.Equal(t, "Terminated: somebody terminated it []", why("terminated"))
	require.Empty(t, why("gone"))
}

func opt(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func nextOf(f *lifecycle.Failure) []string {
	if f.Next == nil {
		return nil
	}
	return []string{*f.Next}
}

// The newer one of mark and run is the last run: a run that came to no version, until a version is younger.
func TestJoinTellsOfEndedRetrains(t *testing.T) {
	t.Parallel()
	now := time.Now()
	version := func(age time.Duration, foreign bool) lifecycle.Row {
		return lifecycle.Row{Name: "a", Locale: "en-US", ObservedAt: now, Versions: []lifecycle.Version{{
			ID: "v", State: lifecycle.StateChampion, Foreign: foreign, CreatedAt: lifecycle.Ptr(now.Add(-age)),
			ExpiresAt: lifecycle.Ptr(now.AddDate(1, 0, 0)), Run: "home/r1",
		}}}
	}
	bad := ended{outcome: lifecycle.Failed, runID: "r2", RetrainsSeen: lifecycle.RetrainsSeen{Failed: 1, At: now.Add(-time.Hour), Since: now.Add(-time.Hour)}}
	german := bad
	german.locale = "de-DE"
	stopped := ended{outcome: lifecycle.Canceled, runID: "r2", RetrainsSeen: lifecycle.RetrainsSeen{At: now.Add(-time.Hour)}}
	for name, tt := range map[string]struct {
		row          lifecycle.Row
		over         ended
		unread       bool
		outcome, run string
		needed       bool
	}{
		"a run that failed":             {row: version(24*time.Hour, false), over: bad, outcome: "failed", run: "r2", needed: true},
		"one that was canceled":         {row: version(24*time.Hour, false), over: stopped, outcome: "canceled", run: "r2"},
		"another home's is younger":     {row: version(time.Minute, true), over: bad, outcome: "succeeded"},
		"of this home Temporal tells":   {row: version(time.Minute, false), over: bad, outcome: "failed", run: "r2", needed: true},
		"it is not known to be younger": {row: version(time.Minute, true), over: bad, unread: true, outcome: "failed", run: "r2", needed: true},
		"one of another locale":         {row: version(24*time.Hour, false), over: german, outcome: "succeeded", run: "r1"},
		"none":                          {row: version(24*time.Hour, false), outcome: "succeeded", run: "r1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := look{scheduled: nil, ended: map[string]ended{"a": tt.over}, unread: tt.unread}
			row := l.join([]found{{Row: tt.row}})[0]
			require.Equal(t, tt.outcome, *row.LastOutcome)
			require.Equal(t, tt.run, opt(row.LastRunID))
			require.Equal(t, tt.needed, row.needs(lifecycle.NeedFailed))
		})
	}
}
