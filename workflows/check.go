package workflows

import (
	"encoding/json"
	"time"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
)

// secondLook is how long after the first look the servers of data that did not answer are asked once more.
const secondLook = 20 * time.Minute

// check is the state of a run that looks at one model before anything is done about it: Renew, and Plan as far as the request goes.
type check struct {
	*run
	observed activities.ModelObserved
	due      lifecycle.DueAnswer
	alarms   []lifecycle.Alarm
	// mark is sr.alarm as it is, and wanted as it should be.
	mark, wanted string
}

// newCheck decodes the request of a check. A request that is refused makes a check that can tell so.
func (w *Workflows) newCheck(ctx workflow.Context, input json.RawMessage) (*check, error) {
	r, err := newQuietRun(ctx, w.options)
	if err != nil {
		return nil, err
	}
	return checkOf(ctx, r, input)
}

// checkOf is the check of a run that has not begun to do anything yet.
func checkOf(ctx workflow.Context, r *run, input json.RawMessage) (*check, error) {
	request, problems := decode.Request(input)
	r.take(request)
	problems = append(problems, localFiles(request)...)
	c := &check{run: r}
	if len(problems) > 0 {
		return c, invalidRequest(problems)
	}
	r.until = workflow.Now(ctx).Add(min(request.Limits.Unavailable, checkLimit).Std())
	r.scope = activities.Scope{Model: request.Name, Run: runOf(ctx), Locale: request.Locale, Began: beganAt(ctx)}
	r.upsert(ctx, AttributeModel.ValueSet(request.Name), AttributeLocale.ValueSet(request.Locale))
	return c, nil
}

// newQuietRun is a run that neither answers the query nor takes updates: it is over in seconds.
func newQuietRun(ctx workflow.Context, o Options) (*run, error) {
	s, err := newStages(ctx, o)
	if err != nil {
		return nil, err
	}
	return &run{stages: s}, nil
}

// observe reads what the service shows of the model, and what follows from it.
func (c *check) observe(ctx workflow.Context, id string, fresh bool) error {
	input := activities.ObserveModelInput{Scope: c.scope, Request: c.request, Fresh: fresh}
	seen, err := do(ctx, c.run, id, "Read what the service shows of the model", a.ObserveModel, input)
	if err != nil {
		return err
	}
	c.observed = seen
	c.scope.Resource = seen.Resource
	c.conclude()
	return nil
}

// conclude asks the rules what follows from what was observed.
func (c *check) conclude() {
	seen := c.observed.Observed
	c.due = lifecycle.Due(seen, c.request)
	c.mark = lifecycle.AlarmMark(seen)
	c.alarms, c.wanted = lifecycle.Alarms(seen, c.request, c.mark)
}

// lookAgain gives the servers of data that did not tell their content a second chance, before the check says that it is
// not known today. A check that is due for another reason does not wait for them.
func (c *check) lookAgain(ctx workflow.Context) error {
	wait := min(secondLook, c.until.Sub(workflow.Now(ctx))-lastTry)
	if wait <= 0 || c.due.Due || !lifecycle.DataUnknown(c.observed.Observed) {
		return nil
	}
	pause := workflow.NewTimerWithOptions(ctx, wait, workflow.TimerOptions{Summary: "A server of data did not answer: wait before it is asked once more"})
	if err := pause.Get(ctx, nil); err != nil {
		return err
	}
	input := activities.ObserveDataInput{
		Scope: c.scope, Request: c.request,
		DataObserved: activities.DataObserved{Training: c.observed.Training, Tests: c.observed.Tests},
	}
	seen, err := do(ctx, c.run, "observe-data", "Look once more at data whose server did not answer", a.ObserveData, input)
	if canceled(ctx, err) {
		return err
	}
	if err != nil {
		// What the first look showed of the model still holds.
		c.note("the data could not be looked at once more: %v", err)
		return nil
	}
	c.observed.Training, c.observed.Tests = seen.Training, seen.Tests
	c.conclude()
	return nil
}

// unsent are the alarms that nobody has heard of and somebody listens to.
func (c *check) unsent() []lifecycle.Alarm {
	if !c.request.Hears(lifecycle.EventExpiring) {
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
