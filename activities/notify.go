package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/metric"
	"speech-retrainer/internal/notify"
	"speech-retrainer/internal/web"
)

// WebhookSecret names the worker's variable that holds the key of the signatures.
const WebhookSecret = "RETRAINER_WEBHOOK_SECRET"

// NotifyInput is one message to one web hook, whose URL stays in the worker's environment.
type NotifyInput struct {
	Env string `json:"env"`
	// Format is how the message is written; empty, as in a history from before there were several, is JSON.
	Format lifecycle.Format `json:"format,omitempty"`
	// Delivery is the same in every attempt.
	Delivery string         `json:"delivery"`
	Message  notify.Message `json:"message"`
}

// Notify sends one message. What can pass by itself is tried again; Signed tells whether the message was signed.
func (a *Activities) Notify(ctx context.Context, in NotifyInput) (signed bool, err error) {
	object := "web hook " + in.Env
	fail := func(message, next string) error {
		return refuse(lifecycle.Failure{Type: lifecycle.InvalidRequest, Message: object + ": " + message, Object: &object, Next: &next})
	}
	url, key := a.getenv(in.Env), a.getenv(WebhookSecret)
	if url == "" {
		return false, fail("the worker has no environment variable "+in.Env, "set it where the worker runs, then restart the worker")
	}
	if web.CheckURL(url) != nil {
		return false, fail("the variable does not hold an https URL (http only to this machine)", "correct it where the worker runs, then restart the worker")
	}
	err = notify.Send(ctx, notify.Delivery{URL: url, Format: in.Format, Secret: key, ID: in.Delivery, Now: time.Now(), Message: in.Message})
	var failure *notify.Error
	isOurs := errors.As(err, &failure)
	countNotice(ctx, in, err, isOurs && failure.Retry)
	switch {
	case err == nil:
		return key != "" && in.Format.Signed(), nil
	case !isOurs:
		return false, err
	case failure.Retry:
		return false, later(lifecycle.Failure{Type: lifecycle.Unavailable, Message: fmt.Sprintf("%s: %s", object, failure.Message), Object: &object},
			failure.After, false)
	}
	return false, fail(failure.Message, "check the receiver, and the variable "+in.Env+" of the worker")
}

// countNotice counts an attempt.
func countNotice(ctx context.Context, in NotifyInput, err error, again bool) {
	result := "refused"
	switch {
	case err == nil:
		result = "sent"
	case again:
		result = "again"
	}
	activity.GetMetricsHandler(ctx).WithTags(map[string]string{
		"event": metric.OneOf(in.Message.Event, lifecycle.Events), "result": result,
		"format": cmp.Or(string(in.Format), string(lifecycle.FormatJSON)),
	}).Counter(metric.NotificationAttempts).Inc(1)
}
