package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/notify"
	"speech-retrainer/internal/stack"
	"speech-retrainer/workflows"
)

// aDay lies between two checks of a model.
const aDay = 24 * time.Hour

// earning is a resource on which months of daily checks are played in seconds: nothing on it takes time, and its clock goes
// from noon to noon.
type earning struct {
	*bench
	noon time.Time
	hook *hook
}

// hook is a web hook that keeps what it is told.
type hook struct {
	sync.Mutex
	told []notify.Message
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var m notify.Message
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	h.Lock()
	defer h.Unlock()
	h.told = append(h.told, m)
}

// earningWorkers share the work of the checks: each has a rate of requests of its own. The checks of one day share their
// looks; those of the next day look anew.
const earningWorkers, earningAge = 5, "SPEECH_SNAPSHOT_AGE=100ms"

func setUpEarning(t *testing.T) *earning {
	t.Helper()
	e := &earning{bench: setUp(t), hook: &hook{}}
	server := httptest.NewServer(e.hook)
	t.Cleanup(server.Close)
	settings := map[string]any{"rateLimit": 0}
	for _, name := range []string{"queueTime", "importTime", "trainingTime", "evaluationTime", "deployTime", "redeployTime"} {
		settings[name] = "1ms"
	}
	require.NoError(t, e.emulator.Set(t.Context(), settings))
	now, err := e.emulator.Now(t.Context())
	require.NoError(t, err)
	e.noon = now.Truncate(aDay).Add(12 * time.Hour)
	e.tomorrow()
	for range earningWorkers {
		e.worker(earningAge, "OPS_WEBHOOK="+server.URL)
	}
	return e
}

// tomorrow moves the service's clock to the next noon.
func (e *earning) tomorrow() {
	e.Helper()
	e.noon = e.noon.Add(aDay)
	e.admin(http.MethodPost, "clock", data{"set": e.noon}, nil)
}

// model is the request of a model that is tested, deployed, and heard of at the hook.
func (e *earning) model(suffix string, more request) request {
	q := e.gated().with(request{
		"name": e.name + "-" + suffix, "deploy": data{"endpoint": e.name + "-" + suffix},
		"notify": []data{{"urlFrom": data{"env": "OPS_WEBHOOK"}, "on": []string{"approval", "expiring"}}},
		"renew":  data{"onNewBaseModel": false, "window": "0s", "before": "60d"}, "approval": data{"timeout": "1s"},
	})
	return q.with(more)
}

// limits is the test of the model, with other limits.
func (e *earning) limits(more data) []data {
	test := e.gated()["tests"].([]data)[0]
	for name, value := range more {
		test[name] = value
	}
	return []data{test}
}

// retrain runs a request as a person does, to its end.
func (e *earning) retrain(q request) (lifecycle.Report, error) {
	var report lifecycle.Report
	options := client.StartWorkflowOptions{ID: "retrain/" + q["name"].(string), TaskQueue: e.queue}
	run, err := e.client.ExecuteWorkflow(e.Context(), options, workflows.TypeRetrain, q)
	if err == nil {
		err = run.Get(e.Context(), &report)
	}
	return report, err
}

// served runs a request as a person does, and returns what serves then.
func (e *earning) served(q request) (version, endpoint string, err error) {
	report, err := e.retrain(q)
	switch {
	case err != nil:
		return "", "", err
	case report.Outcome != lifecycle.Succeeded:
		return "", "", fmt.Errorf("%s is %s: %+v", q["name"], report.Outcome, report.Verdict)
	case report.Endpoint == nil:
		return report.Version.ID, "", nil
	}
	return report.Version.ID, report.Endpoint.ID, nil
}

// check is one daily check of a model, as its schedule does it, and the retrain that it starts, to its end.
func (e *earning) check(q any, name string) error {
	options := client.StartWorkflowOptions{ID: "check/" + name, TaskQueue: e.queue}
	run, err := e.client.ExecuteWorkflow(e.Context(), options, workflows.TypeRenew, q)
	if err != nil {
		return err
	}
	var report lifecycle.RenewReport
	if err := run.Get(e.Context(), &report); err != nil {
		return fmt.Errorf("check of %s: %w", name, err)
	}
	if report.RetrainRunID != nil {
		err := e.client.GetWorkflow(e.Context(), "retrain/"+name, *report.RetrainRunID).Get(e.Context(), nil)
		e.Logf("%s %s: %s: %v", e.noon.Format(time.DateOnly), strings.TrimPrefix(name, e.name+"-"), report.Reason, err)
	}
	return nil
}

// together does all at once, and fails the test when one of them fails.
func (e *earning) together(all ...func() error) {
	e.Helper()
	var group errgroup.Group
	for _, one := range all {
		group.Go(one)
	}
	require.NoError(e, group.Wait())
}

// days plays days of daily checks of the models.
func (e *earning) days(n int, models ...request) {
	e.Helper()
	for range n {
		var checks []func() error
		for _, q := range models {
			checks = append(checks, func() error { return e.check(q, q["name"].(string)) })
		}
		e.together(checks...)
		e.tomorrow()
	}
}

// log is the emulator's log of requests of one operation that went well.
func (e *earning) log(operation string) []stack.Exchange {
	e.Helper()
	log, err := e.emulator.Requests(e.Context(), 0)
	require.NoError(e, err)
	return slices.DeleteFunc(log, func(x stack.Exchange) bool { return x.Operation != operation || x.Status >= http.StatusBadRequest })
}

// trainings counts the POSTs of models of a model.
func (e *earning) trainings(suffix string) int {
	e.Helper()
	n := 0
	for _, x := range e.log("Models_Create") {
		if x.After != nil && x.After.CustomProperties["sr.model"] == e.name+"-"+suffix {
			n++
		}
	}
	return n
}

// told counts what the hook was told of a model: alarms of a kind, or events.
func (e *earning) told(suffix, kind string) int {
	e.Helper()
	e.hook.Lock()
	defer e.hook.Unlock()
	n := 0
	for _, m := range e.hook.told {
		if m.Model != e.name+"-"+suffix {
			continue
		}
		if string(m.Event) == kind || slices.ContainsFunc(m.Alarms, func(a lifecycle.Alarm) bool { return a.Kind == kind }) {
			n++
		}
	}
	return n
}

// version is the newest version of a model.
func (e *earning) version(suffix string) stack.Object {
	e.Helper()
	all := slices.DeleteFunc(e.objects(stack.Models), func(o stack.Object) bool { return o.CustomProperties["sr.model"] != e.name+"-"+suffix })
	require.NotEmpty(e, all, suffix)
	return slices.MaxFunc(all, func(a, b stack.Object) int { return a.Created.Compare(b.Created) })
}

// planned lets the next jobs of a kind fail whose names contain the text.
func (e *earning) planned(kind, contains string, count int) {
	e.Helper()
	e.admin(http.MethodPost, "outcomes", data{"kind": kind, "contains": contains, "code": "Broken", "message": "planned", "count": count}, nil)
}

// scheduled is what the schedule of a model gives to its checks.
func (e *earning) scheduled(name string) (json.RawMessage, error) {
	d, err := e.client.ScheduleClient().GetHandle(e.Context(), "renew/"+name).Describe(e.Context())
	if err != nil {
		return nil, err
	}
	action, ok := d.Schedule.Action.(*client.ScheduleWorkflowAction)
	if !ok || len(action.Args) != 1 {
		return nil, errors.New("the schedule starts no workflow with one request")
	}
	payload, ok := action.Args[0].(interface{ GetData() []byte })
	if !ok {
		return nil, fmt.Errorf("the schedule's input is a %T", action.Args[0])
	}
	return json.RawMessage(payload.GetData()), nil
}
