package e2e

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// pageFilters are the filters for Temporal's list that the page for operators gives, by the runs that they find.
func pageFilters(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile(operationsPage())
	require.NoError(t, err)
	filters := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| ([^|]+) \\| `([^`|]+ = [^`|]+)` \\|$").FindAllStringSubmatch(string(page), -1) {
		filters[row[1]] = row[2]
	}
	return filters
}

// listed are the IDs of the test's workflows that a filter finds.
func (b *bench) listed(filter string) []string {
	b.Helper()
	var ids []string
	answer, err := b.client.ListWorkflow(b.Context(), &workflowservice.ListWorkflowExecutionsRequest{
		Query: "(" + filter + ") AND SpeechModel STARTS_WITH '" + b.name + "'",
	})
	require.NoError(b, err, filter)
	for _, e := range answer.GetExecutions() {
		ids = append(ids, e.GetExecution().GetWorkflowId())
	}
	return ids
}

// finds waits until exactly these workflows of the test are found by a filter of the page.
func (b *bench) finds(filters map[string]string, run string, ids ...string) {
	b.Helper()
	require.Contains(b, filters, run)
	b.await("the list of those that "+run, func(context.Context) error {
		found := b.listed(filters[run])
		return unless(strings.Join(found, " ") == strings.Join(ids, " "), "%s finds %v", filters[run], found)
	})
}

// A run that waits for a person, one that was rejected and one that was canceled are told apart in Temporal's list by the
// filters of the page for operators, and each says on its own page why it exists.
func TestTemporalScreens(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	filters := pageFilters(t)
	require.Len(t, filters, 6)
	id := "retrain/" + b.name

	starter, _ := b.ask()
	b.finds(filters, "wait for a person", id)
	b.finds(filters, "train")
	require.Contains(t, b.timers(id), "an answer of a person until ")
	summary, details := b.purpose(id)
	require.Regexp(t, "^Retrain .*, asked for", summary)
	require.Regexp(t, "^Asked for.* with `starter run`$", details)
	require.Contains(t, b.temporal("workflow", "metadata", "--workflow-id", id), "Started by hand: no check of a schedule asked for it.")
	require.Zero(t, b.starter("approve", b.name, "--by", "ann", "--reason", "good").code)
	require.Equal(t, lifecycle.Succeeded, b.report(starter.wait()).Outcome)
	b.finds(filters, "wait for a person")

	starter, _ = b.ask()
	b.finds(filters, "wait for a person", id)
	require.Zero(t, b.starter("reject", b.name, "--by", "bob", "--reason", "names are wrong").code)
	require.Equal(t, 3, starter.wait().code)
	b.finds(filters, "wait for a person")
	b.finds(filters, "ended rejected: Temporal calls them completed", id)

	// Its input was rejected: only force trains it again.
	_, again := b.hang(b.small().with(request{"force": true}))
	b.awaitActivity(id, "await-training")
	b.finds(filters, "train", id)
	require.Zero(t, b.starter("cancel", b.name).code)
	require.Equal(t, 1, again.wait().code)
	b.finds(filters, "train")
	b.finds(filters, "were canceled", id)
	b.finds(filters, "failed, checks of schedules among them")

	b.apply(b.crew("24h", b.member("fleet", "1d")))
	d, err := b.client.ScheduleClient().GetHandle(t.Context(), workflows.ScheduleID(b.name+"-fleet")).Describe(t.Context())
	require.NoError(t, err)
	require.Contains(t, d.Schedule.State.Note, "and starts retrain/"+b.name+"-fleet when it is due")
}

// timers are the summaries of all timers of a run.
func (b *bench) timers(id string) string {
	b.Helper()
	var found []string
	for history := b.client.GetWorkflowHistory(b.Context(), id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); history.HasNext(); {
		e, err := history.Next()
		require.NoError(b, err)
		if e.GetEventType() == enumspb.EVENT_TYPE_TIMER_STARTED {
			var text string
			require.NoError(b, converter.GetDefaultDataConverter().FromPayload(e.GetUserMetadata().GetSummary(), &text))
			found = append(found, text)
		}
	}
	return strings.Join(found, "\n")
}

// purpose is what a run says of itself from its start.
func (b *bench) purpose(id string) (summary, details string) {
	b.Helper()
	d, err := b.client.DescribeWorkflow(b.Context(), id, "")
	require.NoError(b, err)
	summary, err = d.GetStaticSummary()
	require.NoError(b, err)
	details, err = d.GetStaticDetails()
	require.NoError(b, err)
	return summary, details
}
