package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

// failedNoticeWait is how long a failed check waits for its message to arrive: nothing waits for the check, and with
// the longest that its steps take it stays within its hour.
const failedNoticeWait = 10 * time.Minute

// fail ends a check with its failure, and tells the web hooks of it once for a cause and day. What was told stands in
// the details of the failure, which the schedule hands to its next check. A cancellation is no failure.
func (c *check) fail(ctx workflow.Context, err error) error {
	if err == nil || canceled(ctx, err) {
		return err
	}
	f, told, at := asFailure(err), remembered(ctx), c.observed.Now
	if at.IsZero() {
		at = now(ctx)
	} else {
		told.ExpiresAt = lifecycle.ServedUntil(c.observed.Observed)
	}
	if told.Since.IsZero() {
		told.Since = at
	}
	summary, next := lifecycle.CheckFailed(c.request, c.title, f, told, at)
	f.Next = &next
	countRun(ctx, string(lifecycle.Failed), &f)
	c.upsert(ctx, attributeOutcome.ValueSet(string(lifecycle.Failed)))
	workflow.SetCurrentDetails(ctx, failedDetails(c.title, summary, next))
	today, cause := words.Day(at), lifecycle.FailureCause(f)
	if c.request.Hears(lifecycle.EventFailed) && !told.Of(today, cause) {
		c.send(ctx, lifecycle.EventFailed, summary, next, nil)
		// Who heard nothing is told by the next check.
		if c.awaitNotices(ctx, failedNoticeWait) {
			told = told.And(today, cause)
		}
	}
	return failure(f, f, told)
}

// remembered is what the schedule's last check left: of its failure, or of its success what it had seen.
func remembered(ctx workflow.Context) lifecycle.Told {
	var told lifecycle.Told
	var last *temporal.ApplicationError
	if errors.As(workflow.GetLastError(ctx), &last) && last.HasDetails() {
		var f lifecycle.Failure
		if last.Details(&f, &told) != nil {
			told = lifecycle.Told{}
		}
	}
	var before lifecycle.RenewReport
	if told.ExpiresAt == nil && workflow.HasLastCompletionResult(ctx) && workflow.GetLastCompletionResult(ctx, &before) == nil {
		told.ExpiresAt = before.ExpiresAt
	}
	return told
}

// failedDetails is the page of a failed check in Temporal's web UI.
func failedDetails(title, summary, next string) string {
	return "### " + visible.Escape(title) + " · " + visible.Escape(string(lifecycle.Failed)) + "\n\n" + visible.Escape(summary) +
		"\n\nWhat to do: " + visible.Escape(next) + "\n"
}
