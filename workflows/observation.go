package workflows

import (
	"encoding/json"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/notify"
)

// checkLimit is how long the steps of a check take together at most: its schedule gives it an hour, in which it must
// still tell of its own failure.
const checkLimit = lifecycle.Duration(40 * time.Minute)

// check is the state of a run that looks at one model and changes nothing of it by itself: Plan and Renew.
type check struct {
	*retrain
	observed activities.ModelObserved
	due      lifecycle.DueAnswer
	alarms   []lifecycle.Alarm
	// mark is sr.alarm as it is, and wanted as it should be.
	mark, wanted string
}

// newCheck decodes the request of a check. A request that is refused makes a check that can tell so.
func (w *Workflows) newCheck(ctx workflow.Context, input json.RawMessage) (*check, error) {
	r, err := newStagesOnly(ctx, w.options)
	if err != nil {
		return nil, err
	}
	request, problems := DecodeRequest(input)
	r.take(request)
	problems = append(problems, localFiles(request)...)
	c := &check{retrain: r}
	if len(problems) > 0 {
		return c, invalidRequest(problems)
	}
	r.until = workflow.Now(ctx).Add(min(request.Limits.Unavailable, checkLimit).Std())
	r.scope = activities.Scope{Model: request.Name, Run: runOf(ctx), Locale: request.Locale}
	r.upsert(ctx, attributeModel.ValueSet(request.Name), attributeLocale.ValueSet(request.Locale))
	return c, nil
}

// newStagesOnly is a run that neither answers the query nor takes updates: it is over in seconds.
func newStagesOnly(ctx workflow.Context, o Options) (*retrain, error) {
	s, err := newStages(ctx, o)
	if err != nil {
		return nil, err
	}
	return &retrain{stages: s}, nil
}

// observe reads what the service shows of the model, and what follows from it.
func (c *check) observe(ctx workflow.Context, id string, fresh bool) error {
	input := activities.ObserveModelInput{Scope: c.scope, Request: c.request, Fresh: fresh}
	var seen activities.ModelObserved
	if err := c.call(ctx, id, "Read what the service shows of the model", a.ObserveModel, input, &seen); err != nil {
		return err
	}
	c.observed = seen
	c.scope.Resource = seen.Resource
	c.due = lifecycle.Due(seen.Observed, c.request)
	c.mark = alarmMark(seen.Observed)
	c.alarms, c.wanted = lifecycle.Alarms(seen.Observed, c.request, c.mark)
	return nil
}

// alarmMark is the mark of the alarms that were sent.
func alarmMark(o lifecycle.Observed) string {
	id := lifecycle.AlarmVersion(o)
	for _, v := range o.Versions {
		if v.ID == id {
			return v.Alarm
		}
	}
	return ""
}

// unsent are the alarms that nobody has heard of and somebody listens to.
func (c *check) unsent() []lifecycle.Alarm {
	if !c.request.Hears(notify.Expiring) {
		return nil
	}
	return c.unheard()
}

// unheard are the alarms that nobody has heard of.
func (c *check) unheard() []lifecycle.Alarm {
	var fresh []lifecycle.Alarm
	for _, alarm := range c.alarms {
		if !alarm.Sent {
			fresh = append(fresh, alarm)
		}
	}
	return fresh
}

// checkError ends a check with its failure.
func checkError(ctx workflow.Context, err error) error {
	if err == nil || ctx.Err() != nil || temporal.IsCanceledError(err) {
		return err
	}
	f := asFailure(err)
	return temporal.NewApplicationErrorWithOptions(f.Message, string(f.Type), temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{f}})
}
