package workflows

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/notify"
)

// NotifyReport is what came of the test messages to web hooks, in the order of the request.
type NotifyReport struct {
	Hooks []NotifiedHook `json:"hooks"`
}

// NotifiedHook is what came of the test message to one web hook.
type NotifiedHook struct {
	// Env is the variable of the worker that holds its URL.
	Env string `json:"env"`
	// Format is that of the message: only our own is ever signed.
	Format  lifecycle.Format `json:"format"`
	Arrived bool             `json:"arrived"`
	Signed  bool             `json:"signed"`
	// Said is why it did not arrive, with the receiver's status, and Next what to do about it; null when it arrived.
	Said *string `json:"said"`
	Next *string `json:"next"`
}

// testLimit bounds the one attempt at a test message: who asked waits for it.
const testLimit = time.Minute

// Notify sends one test message to each web hook of a request, in one attempt, and tells what came of it. It reads and changes
// nothing of the service.
func (w *Workflows) Notify(ctx workflow.Context, input json.RawMessage) (NotifyReport, error) {
	report := NotifyReport{Hooks: []NotifiedHook{}}
	in, problems := decode.Notify(input)
	if len(problems) > 0 {
		return report, ended(ctx, invalidRequest(problems))
	}
	info := workflow.GetInfo(ctx)
	sent := make([]workflow.Future, len(in.Notify))
	for i, hook := range in.Notify {
		options := short(testLimit, fmt.Sprintf("notify-test-%d", i+1), "Send a test message to "+hook.URLFrom.Env)
		options.StartToCloseTimeout = noticeWait
		options.HeartbeatTimeout = 0
		options.RetryPolicy = &temporal.RetryPolicy{MaximumAttempts: 1}
		message := notify.Message{
			Event: lifecycle.EventTest, At: now(ctx), Model: in.Name, Locale: in.Locale, WorkflowID: info.WorkflowExecution.ID,
			RunID: info.WorkflowExecution.RunID, Alarms: []lifecycle.Alarm{},
			Summary: in.Name + ": this is a test: a person wants to see whether messages arrive here; nothing has happened, and nobody has to act",
		}
		delivery := fmt.Sprintf("%s/%s/%d", runOf(ctx), lifecycle.EventTest, i+1)
		input := activities.NotifyInput{Env: hook.URLFrom.Env, Delivery: delivery, Format: hook.Format, Message: message}
		sent[i] = workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), a.Notify, input)
	}
	for i, hook := range in.Notify {
		tested := NotifiedHook{Env: hook.URLFrom.Env, Format: cmp.Or(hook.Format, lifecycle.FormatJSON)}
		err := sent[i].Get(ctx, &tested.Signed)
		if canceled(ctx, err) {
			return report, err
		}
		if tested.Arrived = err == nil; err != nil {
			f := activities.FailureOf(err, "Send a test message to "+hook.URLFrom.Env, activities.Budget{Limit: lifecycle.Duration(testLimit)})
			tested.Said, tested.Next = &f.Message, f.Next
		}
		report.Hooks = append(report.Hooks, tested)
	}
	return report, nil
}
