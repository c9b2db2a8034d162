package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	querypb "go.temporal.io/api/query/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"go.temporal.io/api/temporalproto"
)

// The groups of places that hold what somebody let slip, and no others.
const (
	inDatabase = "Temporal's database file"
	inInput    = "histories, the input of the slip"
)

// search looks at everything that is kept or told, except what was searched as it happened.
func (v *vault) search() {
	v.Helper()
	for _, info := range v.executions("") {
		v.searchRun(info)
	}
	v.searchSchedules()
	for _, w := range v.workers {
		v.scan.look("logs of workers", w.LogPath(), []byte(w.Log()))
		for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
			v.scan.look("health of workers", w.Health+path, v.get(w.Health+path))
		}
	}
	v.scan.look("log of the Temporal server", v.server.LogPath(), []byte(v.server.Log()))
	v.scan.look("log of the emulator", v.emulator.LogPath(), []byte(v.emulator.Log()))
	v.searchMarks()
	v.hosts.mu.Lock()
	for i, body := range v.hosts.notified {
		v.scan.look("bodies of notifications", fmt.Sprint(i), body)
	}
	for i, asked := range v.hosts.asked {
		v.scan.look("requests to where a redirect leads", fmt.Sprint(i), asked)
	}
	v.hosts.mu.Unlock()
	v.searchDatabase("while the server runs")
}

// searchDatabase reads all files of the database, the log of what is yet to be written into it included.
func (v *vault) searchDatabase(when string) {
	v.Helper()
	files, err := filepath.Glob(v.database + "*")
	require.NoError(v, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(v, err)
		v.scan.look(inDatabase, filepath.Base(file)+" "+when, content)
	}
}

// executions lists the runs of all workflows.
func (v *vault) executions(query string) []*workflowpb.WorkflowExecutionInfo {
	v.Helper()
	var all []*workflowpb.WorkflowExecutionInfo
	request := &workflowservice.ListWorkflowExecutionsRequest{PageSize: 1000, Query: query}
	for {
		page, err := v.client.ListWorkflow(v.Context(), request)
		require.NoError(v, err)
		all = append(all, page.GetExecutions()...)
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return all
		}
	}
}

// lookProto searches a message as JSON, payloads decoded, and as it is sent.
func (v *vault) lookProto(group, place string, m proto.Message) {
	text, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(m)
	if err != nil {
		text = []byte(protojson.Format(m))
	}
	raw, err := proto.Marshal(m)
	if err != nil {
		v.Error(err)
	}
	v.scan.look(group+", as JSON", place, text)
	v.scan.look(group+", as bytes", place, raw)
}

func (v *vault) searchRun(info *workflowpb.WorkflowExecutionInfo) {
	v.Helper()
	execution := info.GetExecution()
	place := execution.GetWorkflowId() + " " + execution.GetRunId()
	history := v.client.GetWorkflowHistory(v.Context(), execution.GetWorkflowId(), execution.GetRunId(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		event, err := history.Next()
		require.NoError(v, err)
		group := "events of histories"
		if strings.HasPrefix(execution.GetWorkflowId(), "retrain/slip-") && event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED {
			group = inInput
		}
		v.lookProto(group, fmt.Sprintf("%s event %d %s", place, event.GetEventId(), event.GetEventType()), event)
	}
	d, err := describe(v.Context(), v.client, execution.GetWorkflowId(), execution.GetRunId())
	require.NoError(v, err)
	v.lookProto("memos", place, d.GetWorkflowExecutionInfo().GetMemo())
	v.lookProto("search attributes", place, d.GetWorkflowExecutionInfo().GetSearchAttributes())
	v.lookProto("summaries and details of runs", place, d.GetExecutionConfig())
	for _, query := range []string{"status", client.QueryTypeStackTrace, "__temporal_workflow_metadata"} {
		answer, err := v.client.WorkflowService().QueryWorkflow(v.Context(), &workflowservice.QueryWorkflowRequest{
			Namespace: client.DefaultNamespace, Execution: execution, Query: &querypb.WorkflowQuery{QueryType: query},
		})
		if err == nil { // Plan and Renew know no status
			v.lookProto("answers to queries", place+" "+query, answer)
		}
	}
}

// lookAtWaits searches what the activities that are under way have told.
func (v *vault) lookAtWaits(ctx context.Context) {
	open, err := v.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: "ExecutionStatus = 'Running'"})
	if err != nil {
		return // the test ends
	}
	for _, info := range open.GetExecutions() {
		d, err := describe(ctx, v.client, info.GetExecution().GetWorkflowId(), info.GetExecution().GetRunId())
		if err != nil {
			continue
		}
		for _, a := range d.GetPendingActivities() {
			place := info.GetExecution().GetWorkflowId() + " " + a.GetActivityId()
			if a.GetHeartbeatDetails() != nil {
				v.lookProto("heartbeats", place, a.GetHeartbeatDetails())
			}
			if a.GetLastFailure() != nil {
				v.lookProto("last failures of activities under way", place, a.GetLastFailure())
			}
		}
	}
}

func (v *vault) searchSchedules() {
	v.Helper()
	schedules, err := v.client.ScheduleClient().List(v.Context(), client.ScheduleListOptions{})
	require.NoError(v, err)
	for schedules.HasNext() {
		entry, err := schedules.Next()
		require.NoError(v, err)
		d, err := v.client.WorkflowService().DescribeSchedule(v.Context(), &workflowservice.DescribeScheduleRequest{
			Namespace: client.DefaultNamespace, ScheduleId: entry.ID,
		})
		require.NoError(v, err)
		v.lookProto("schedules", entry.ID, d)
	}
}

// searchMarks looks at what was written on the service's objects. Their content URLs are the service's affair.
func (v *vault) searchMarks() {
	v.Helper()
	for _, kind := range []string{"model", "dataset", "evaluation", "endpoint", "project"} {
		for _, o := range v.objects(kind) {
			text, err := json.Marshal(o)
			require.NoError(v, err)
			v.scan.look("marks on the service's objects", kind+" "+o.ID, text)
		}
	}
}

func (v *vault) get(address string) []byte {
	v.Helper()
	request, err := http.NewRequestWithContext(v.Context(), http.MethodGet, address, nil)
	require.NoError(v, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(v, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(v, err)
	return body
}
