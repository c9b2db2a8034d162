package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/metric"
	"speech-retrainer/internal/notify"
	"speech-retrainer/internal/words"
)

// Limits of notifications: how long a receiver may be away, and how long a run that is over waits for it.
const (
	noticeLimit = time.Hour
	noticeWait  = 30 * time.Second
)

// send starts a message to every web hook that hears of the event. Without one it leaves no history.
func (r *run) send(ctx workflow.Context, event lifecycle.Event, summary, next string, alarms []lifecycle.Alarm) {
	info := workflow.GetInfo(ctx)
	for _, hook := range r.request.Notify {
		if !slices.Contains(hook.On, event) {
			continue
		}
		r.notices.begun++
		n := r.notices.begun
		message := notify.Message{
			Event: event, At: now(ctx), Model: r.request.Name, Locale: r.request.Locale, Summary: summary, Next: lifecycle.Text(next),
			WorkflowID: info.WorkflowExecution.ID, RunID: info.WorkflowExecution.RunID, Resource: lifecycle.Text(r.scope.Resource),
			Version: r.report.Version, Verdict: r.report.Verdict, Alarms: append([]lifecycle.Alarm{}, alarms...),
		}
		input := activities.NotifyInput{
			Env: hook.URLFrom.Env, Format: hook.Format, Delivery: fmt.Sprintf("%s/%s/%d", runOf(ctx), event, n), Message: message,
		}
		// A run that was canceled still says so.
		away, _ := workflow.NewDisconnectedContext(ctx)
		options := short(noticeLimit, fmt.Sprintf("notify-%s-%d", event, n), "Tell "+hook.URLFrom.Env+" of "+string(event))
		options.StartToCloseTimeout = noticeWait
		options.HeartbeatTimeout = 0
		future := workflow.ExecuteActivity(workflow.WithActivityOptions(away, options), a.Notify, input)
		r.notices.pending = append(r.notices.pending, notice{
			event: event, label: string(event) + " to " + hook.URLFrom.Env, unsigned: !hook.Format.Signed(), future: future,
		})
	}
}

// awaitNotices waits a while for the messages that are on their way, and notes those that did not arrive. heard
// tells whether one arrived, or none was sent.
func (r *run) awaitNotices(ctx workflow.Context, atMost time.Duration) (heard bool) {
	if len(r.notices.pending) == 0 {
		return true
	}
	away, stop := workflow.WithCancel(disconnected(ctx))
	defer stop()
	timer := workflow.NewTimerWithOptions(away, atMost, workflow.TimerOptions{Summary: "messages to web hooks that are on their way"})
	_ = workflow.Await(away, func() bool {
		return timer.IsReady() || !slices.ContainsFunc(r.notices.pending, func(n notice) bool { return !n.future.IsReady() })
	})
	for _, n := range r.notices.pending {
		if !n.future.IsReady() {
			r.lost(ctx, n)
			r.note("the notification of %s had not arrived when the run ended", n.label)
			continue
		}
		signed := false
		if err := n.future.Get(away, &signed); err != nil {
			r.lost(ctx, n)
			r.note("the notification of %s did not arrive: %s", n.label, noticeFault(err))
			continue
		}
		heard = true
		if !signed && !n.unsigned {
			r.note("the notification of %s was not signed: the worker has no %s", n.label, activities.WebhookSecret)
		}
	}
	r.notices.pending = nil
	return heard
}

// lost counts a message that has not arrived.
func (r *run) lost(ctx workflow.Context, n notice) {
	counted(ctx, "event", string(n.event)).Counter(metric.NotificationsLost).Inc(1)
}

func disconnected(ctx workflow.Context) workflow.Context {
	away, _ := workflow.NewDisconnectedContext(ctx)
	return away
}

// noticeFault is what the activity said last.
func noticeFault(err error) string {
	var said *temporal.ApplicationError
	if errors.As(err, &said) {
		return said.Message()
	}
	return err.Error()
}

// tell sends the event with which a retrain ends.
func (r *run) tell(ctx workflow.Context, outcome lifecycle.Outcome) {
	title := r.request.Title()
	switch outcome {
	case lifecycle.Rejected:
		reason := "it was not accepted"
		if v := r.report.Verdict; v != nil {
			reason = v.Reason
		}
		if answer := r.report.Approval; answer != nil {
			reason = answer.Reason
			if answer.By != "" {
				reason = answer.By + ": " + reason
			}
		}
		r.send(ctx, lifecycle.EventRejected, fmt.Sprintf("%s: the new version %s was rejected: %s; %s", title, r.report.Version.DisplayName, reason, r.lives(ctx)),
			"see why: starter report "+r.request.Name+"; the same data and base model have the same answer: give others, or train once more: starter run "+
				r.request.Name+" --force", nil)
	case lifecycle.Succeeded:
		v := r.report.Version
		r.send(ctx, lifecycle.EventPromoted, fmt.Sprintf("%s: version %s is the champion now, expires %s; %s",
			title, v.DisplayName, words.DayOf(v.ExpiresAt, "unknown"), r.renewal()),
			"see it: starter status "+r.request.Name, nil)
	case lifecycle.Failed:
		next := "see what happened: starter report " + r.request.Name
		if r.report.Error.Next != nil {
			next = *r.report.Error.Next
		}
		r.send(ctx, lifecycle.EventFailed, fmt.Sprintf("%s: the retrain failed: %s; %s", title, r.report.Error.Message, r.lives(ctx)), next, nil)
	}
	r.awaitNotices(ctx, noticeWait)
}

// renewal says what comes before the expiry. A run that a person started knows of no schedule, and there may be none.
func (r *run) renewal() string {
	if r.cause == "" {
		return "it is renewed before that only if a schedule checks it: starter status tells"
	}
	return "its checks renew it before that, nobody has to act"
}

// lives says until when what served before the run lives, and what comes then, by the service's clock as far as it is known.
func (r *run) lives(ctx workflow.Context) string {
	c := r.report.Champion
	if c == nil {
		return "no version serves that is known to this run"
	}
	now := r.serving.ObservedAt.Add(workflow.Now(ctx).Sub(r.looked))
	return lifecycle.Lives(c.DisplayName, c.ExpiresAt, now, r.request.Deploy != nil)
}

// question is what a person is asked, and what happens without an answer.
func (r *run) question(ctx workflow.Context, deadline time.Time) string {
	silence := "rejected"
	if r.request.Approval.OnTimeout == lifecycle.Promote {
		silence = "promoted"
	}
	if r.cause == lifecycle.CauseSetByHand {
		silence = "promoted only if it passes and is not worse than what somebody has set the endpoint to"
	}
	return fmt.Sprintf("%s: version %s waits for an answer until %s, without one it is %s: %s; %s",
		r.request.Title(), r.report.Version.DisplayName, words.Second(deadline), silence,
		strings.Join(slices.DeleteFunc([]string{r.verdictReason(), words.TestsShow(r.report.Tests), r.chance},
			func(text string) bool { return text == "" }), "; "), r.lives(ctx))
}

// verdictReason is the verdict as a question tells it.
func (r *run) verdictReason() string {
	if r.report.Verdict == nil {
		return "it was not tested"
	}
	return string(r.report.Verdict.Result) + ": " + r.report.Verdict.Reason
}
