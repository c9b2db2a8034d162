package e2e

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// base releases a base model of so many days ago, which recognises a share of all words untrained.
func (e *earning) base(locale string, age int, quality float64) string {
	e.Helper()
	created := e.noon.Add(-time.Duration(age) * aDay)
	id, err := e.emulator.Release(e.Context(), stack.BaseModel{Locale: locale, Created: &created, Quality: quality})
	require.NoError(e, err)
	return id
}

// Two months of daily checks: no input is trained twice, whatever its version has met with, a person's no holds, and nobody
// is told the same again.
func TestATrainingEarnsItsPrice(t *testing.T) {
	t.Parallel()
	e := setUpEarning(t)
	good, poor := e.base("en-US", 60, 0.93), e.base("en-US", 70, 0.87)
	hopeless := e.model("hopeless", request{"tests": e.limits(data{"maxWordErrorRate": 0})})
	broken := e.model("broken", request{"approval": data{"when": "never"}})
	asking := e.model("asking", request{"approval": data{"when": "always", "timeout": "1s"}})
	urgent := e.model("urgent", request{"baseModel": good})
	rolled := e.model("rolled", request{"baseModel": good, "lastResort": data{"before": "1d"}})

	var urgentFirst, urgentEndpoint, rolledFirst, rolledEndpoint string
	e.together(func() (err error) {
		urgentFirst, urgentEndpoint, err = e.served(urgent)
		return err
	}, func() (err error) {
		if rolledFirst, rolledEndpoint, err = e.served(rolled); err == nil {
			_, _, err = e.served(rolled)
		}
		return err
	})
	e.rollBack("rolled")
	e.serves(rolledEndpoint, rolledFirst)

	e.planned("evaluation", "broken", 2)
	e.planned("endpoint", "broken", 2)
	e.days(17, hopeless, broken, asking)
	require.Equal(t, 1, e.trainings("broken"), "two evaluations and two deployments have failed")
	require.Empty(t, e.outcomes(), "all four")
	e.state(e.version("broken").ID, lifecycle.StateChampion)
	require.Equal(t, 1, e.trainings("asking"))
	require.Equal(t, 3, e.told("asking", "approval"), "asked on the first day, a week later and two weeks later")
	require.Equal(t, 1, e.trainings("hopeless"))
	require.Equal(t, 1, e.told("hopeless", "stuck"))
	asItWas := e.takenAndCanceled(hopeless)

	// Half of their lives is the longest lead that they may have: they are due in 17 days and in 15. The last resort of the
	// one begins within the days that are played, that of the other does not.
	require.NoError(t, e.emulator.Expire(t.Context(), urgentFirst, e.noon.Add(51*aDay)))
	require.NoError(t, e.emulator.Expire(t.Context(), rolledFirst, e.noon.Add(47*aDay)))
	urgent["baseModel"] = poor
	changes := e.changes(rolledEndpoint)
	e.days(45, hopeless, urgent, rolled)
	require.Equal(t, 1, e.trainings("hopeless"))
	require.Equal(t, 1, e.told("hopeless", "stuck"), "once in two months")
	require.Equal(t, asItWas, e.version("hopeless"), "as the canceled run has found it")
	require.Equal(t, 2, e.trainings("urgent"), "the champion, and what was rejected, then taken as last resort")
	require.Equal(t, 1, e.told("urgent", "stuck"))
	e.serves(urgentEndpoint, e.version("urgent").ID)
	require.NotEqual(t, urgentFirst, e.version("urgent").ID)
	require.Equal(t, 2, e.trainings("rolled"), "both by a person")
	require.Equal(t, 1, e.told("rolled", "stuck"), "it is due, and the no of a person stands")
	require.Zero(t, e.told("rolled", "approval"))
	require.Equal(t, changes, e.changes(rolledEndpoint))
	e.serves(rolledEndpoint, rolledFirst)
}

// awaitPass waits until a sweep has looked at everything, and ends it: it would look once more a minute later.
func (e *earning) awaitPass(id string) {
	e.Helper()
	e.await("a pass of "+id, func(ctx context.Context) error {
		events := e.client.GetWorkflowHistory(ctx, id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			event, err := events.Next()
			if err != nil {
				return err
			}
			if event.GetEventType() == enumspb.EVENT_TYPE_TIMER_STARTED {
				return nil
			}
		}
		return unless(false, "it has not looked yet")
	})
	require.NoError(e, e.client.TerminateWorkflow(e.Context(), id, "", "the test has seen enough"))
}

// takenAndCanceled starts a run that takes the version of a model and cancels it while the version is measured anew: it
// stays as it was, and what it was is returned.
func (e *earning) takenAndCanceled(q request) stack.Object {
	e.Helper()
	name, before := q["name"].(string), e.version("hopeless")
	require.NoError(e, e.emulator.Plan(e.Context(), stack.Outcome{Kind: evaluations, Hang: true}))
	other := e.limits(data{"name": "other calls", "contentUrl": e.emulator.File("training/audio-and-trans.zip"), "minWords": 1})
	starter := e.background(shared.binaries.Starter, "run", "-f", e.write(q.with(request{"tests": other})), "--task-queue", e.queue, "--output", "json")
	id := e.awaitObject(evaluations, "Running")
	r := e.starter("cancel", name)
	require.Zero(e, r.code, r.stderr)
	r = starter.wait()
	require.Equal(e, lifecycle.Canceled, e.report(r).Outcome)
	require.Equal(e, before.ID, e.report(r).Version.ID)
	require.Equal(e, before, e.version("hopeless"))
	e.finish(id)
	e.awaitPass("sweep/" + name)
	require.Equal(e, before, e.version("hopeless"), "also after the sweep")
	return before
}

// A new base model goes to the pilot first. What it spoils there keeps the others of the fleet from paying for it; what does
// well there is for all.
func TestABadBaseModelStopsAtThePilot(t *testing.T) {
	t.Parallel()
	e := setUpEarning(t)
	pilot := e.name + "-pilot"
	crew := []string{pilot}
	models := []request{{"name": pilot}}
	for _, suffix := range []string{"a", "b", "c", "d"} {
		crew = append(crew, e.name+"-"+suffix)
		models = append(models, request{"name": e.name + "-" + suffix})
	}
	fleet := e.crew("90d", models...)
	fleet["pilots"] = data{"en-US": pilot}
	defaults := fleet["defaults"].(data)
	defaults["tests"] = e.gated()["tests"]
	defaults["renew"] = data{"window": "0s", "pilotSoak": "1d"}
	require.Len(t, e.apply(fleet), len(crew))
	check := func(days int) {
		for range days {
			var checks []func() error
			for _, name := range crew {
				checks = append(checks, func() error {
					q, err := e.scheduled(name)
					if err != nil {
						return err
					}
					return e.check(q, name)
				})
			}
			e.together(checks...)
			e.tomorrow()
		}
	}
	trainings := func() (all int) { return len(e.log("Models_Create")) }
	check(1)
	require.Equal(t, 5, trainings(), "first versions wait for nobody")
	e.base("en-US", 0, 0.5)
	check(5)
	require.Equal(t, 2, e.trainings("pilot"))
	require.Equal(t, 6, trainings())
	e.state(e.version("pilot").ID, lifecycle.StateRejected)
	e.base("en-US", 0, 0.97)
	check(1)
	require.Equal(t, 7, trainings(), "the pilot's")
	check(2)
	require.Equal(t, 11, trainings())
	e.state(e.version("d").ID, lifecycle.StateChampion)
}

// rollBack goes back to the champion before.
func (e *earning) rollBack(suffix string) {
	e.Helper()
	of := *e.bench
	of.name += "-" + suffix
	_, r := of.rollback()
	require.Zero(e, r.code, r.stderr)
}

// changes counts the changes of an endpoint.
func (e *earning) changes(endpoint string) int {
	e.Helper()
	return len(slices.DeleteFunc(e.log("Endpoints_Update"), func(x stack.Exchange) bool { return x.Object != endpoint }))
}

// outcomes are the planned ends of jobs that no job has taken yet.
func (e *earning) outcomes() []any {
	e.Helper()
	var answer struct{ Outcomes []any }
	e.admin(http.MethodGet, "outcomes", nil, &answer)
	return answer.Outcomes
}
