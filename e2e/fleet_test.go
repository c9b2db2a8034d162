package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// crew is a fleet of small models of one test.
func (b *bench) crew(every string, models ...request) request {
	entries := []any{}
	for _, m := range models {
		entries = append(entries, m)
	}
	return request{
		"fleet": b.name, "models": entries,
		"defaults": data{
			"locale": "en-US", "taskQueue": b.queue, "schedule": data{"every": every},
			"training": b.small()["training"], "renew": data{"onNewBaseModel": false},
		},
	}
}

// member is one model of the crew; it is due so long before its expiry.
func (b *bench) member(suffix, before string) request {
	return request{"name": b.name + "-" + suffix, "renew": data{"before": before}}
}

// applied is what apply did, by model.
type applied struct {
	Changes []struct {
		Model, Action string
		Diff          []string
		Paused        bool
	}
}

func (b *bench) apply(fleet request, args ...string) map[string]string {
	b.Helper()
	r := b.starter(append([]string{"apply", "-f", b.write(fleet), "--output", "json"}, args...)...)
	require.Zero(b, r.code, r.stderr)
	var done applied
	require.NoError(b, json.Unmarshal([]byte(r.stdout), &done), r.stdout)
	actions := map[string]string{}
	for _, c := range done.Changes {
		actions[strings.TrimPrefix(c.Model, b.name+"-")] = c.Action
	}
	return actions
}

// history are the versions of a member, newest first.
func (b *bench) history(suffix string) []lifecycle.Version {
	b.Helper()
	r := b.starter("history", strings.TrimSuffix(b.name+"-"+suffix, "-"), "--task-queue", b.queue, "--output", "json")
	require.Zero(b, r.code, r.stderr)
	var row lifecycle.Row
	require.NoError(b, json.Unmarshal([]byte(r.stdout), &row), r.stdout)
	return row.Versions
}

// championed waits until a member has so many versions, the newest of them champion.
func (b *bench) championed(suffix string, versions int) lifecycle.Version {
	b.Helper()
	var newest lifecycle.Version
	b.await("version of "+suffix, func(context.Context) error {
		all := b.history(suffix)
		if len(all) != versions || all[0].State != lifecycle.StateChampion {
			return fmt.Errorf("%d versions", len(all))
		}
		newest = all[0]
		return nil
	})
	return newest
}

// renewals are the results of the checks of a member that have ended, newest first.
func (b *bench) renewals(suffix string) []lifecycle.RenewReport {
	b.Helper()
	d, err := b.client.ScheduleClient().GetHandle(b.Context(), "renew/"+b.name+"-"+suffix).Describe(b.Context())
	require.NoError(b, err)
	var all []lifecycle.RenewReport
	for i := len(d.Info.RecentActions) - 1; i >= 0; i-- {
		started := d.Info.RecentActions[i].StartWorkflowResult
		run := b.client.GetWorkflow(b.Context(), started.WorkflowID, started.FirstExecutionRunID)
		var report lifecycle.RenewReport
		require.NoError(b, run.Get(b.Context(), &report))
		all = append(all, report)
	}
	return all
}

// check fires the schedule of a member and returns what its check came to.
func (b *bench) check(suffix string) lifecycle.RenewReport {
	b.Helper()
	before := len(b.renewals(suffix))
	r := b.starter("trigger", b.name+"-"+suffix)
	require.Zero(b, r.code, r.stderr)
	b.await("check of "+suffix, func(context.Context) error {
		return unless(len(b.renewals(suffix)) == before+1, "no check yet")
	})
	return b.renewals(suffix)[0]
}

// The product's promise: the schedules renew the one model of the fleet that is due, and nothing else.
func TestFleetRenewsWhatIsDue(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	fleet := b.crew("1h", b.member("a", "60d"), b.member("b", "20d"), b.member("c", "20d"))
	require.Equal(t, map[string]string{"a": "create", "b": "create", "c": "create"}, b.apply(fleet, "--dry-run"))
	require.Equal(t, map[string]string{"a": "create", "b": "create", "c": "create"}, b.apply(fleet))
	require.Equal(t, map[string]string{"a": "unchanged", "b": "unchanged", "c": "unchanged"}, b.apply(fleet))
	for _, suffix := range []string{"a", "b", "c"} {
		require.Equal(t, "started", b.check(suffix).Outcome)
	}
	first := b.championed("a", 1)
	b.championed("b", 1)
	b.championed("c", 1)

	require.NoError(t, b.emulator.Advance(t.Context(), first.ExpiresAt.Sub(*first.CreatedAt)-40*24*time.Hour))
	// By then no base model of the catalogue may be trained from any more.
	_, err := b.emulator.Release(t.Context(), stack.BaseModel{Locale: "en-US"})
	require.NoError(t, err)
	require.Equal(t, "started", b.check("a").Outcome)
	second := b.championed("a", 2)
	require.True(t, second.ExpiresAt.After(*first.ExpiresAt))
	check := b.check("b")
	require.Equal(t, "current", check.Outcome, check.Reason)
	require.Equal(t, "expiring", check.Alarms[0].Kind, "it has no successor yet")
	require.Equal(t, "current", b.check("c").Outcome)
	require.Len(t, b.history("b"), 1)
	require.Len(t, b.history("c"), 1)

	r := b.starter("status", b.name+"-a", b.name+"-b")
	require.Zero(t, r.code, r.stderr)
	require.Contains(t, r.stdout, "39 days")
	for _, line := range strings.Split(r.stdout, "\n") {
		require.LessOrEqual(t, len([]rune(line)), 80, r.stdout)
	}
	r = b.starter("plan", "-f", b.write(fleet))
	require.Zero(t, r.code, r.stderr+r.stdout)
	require.Contains(t, r.stdout, "3 models, 0 due")
	require.NoError(t, b.emulator.Advance(t.Context(), 25*24*time.Hour))
	r = b.starter("plan", "-f", b.write(fleet), b.name+"-b")
	require.Equal(t, 4, r.code, r.stderr+r.stdout)
	require.Contains(t, r.stdout, "within the lead of 20 days")

	fleet = b.crew("1h", b.member("a", "60d"))
	require.Equal(t, map[string]string{"a": "unchanged"}, b.apply(fleet))
	r = b.starter("apply", "-f", b.write(fleet), "--prune")
	require.Equal(t, 2, r.code, r.stdout)
	require.Contains(t, r.stderr, "with --yes it is done without asking")
	require.Equal(t, map[string]string{"a": "unchanged", "b": "delete", "c": "delete"}, b.apply(fleet, "--prune", "--yes"))
	require.Equal(t, map[string]string{"a": "unchanged"}, b.apply(fleet, "--prune"))
	other := b.crew("1h", b.member("a", "60d"))
	other["fleet"] = "somebody else's"
	r = b.starter("apply", "-f", b.write(other))
	require.Equal(t, 2, r.code, r.stdout)
	require.Contains(t, r.stderr, "belongs to fleet")
}

// What an operator has paused stays paused, whatever is applied.
func TestPauseSurvivesApply(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	cron := func(before string) request {
		fleet := b.crew("1h", b.member("a", before))
		fleet["defaults"].(data)["schedule"] = data{"cron": "0 3 * * 1-5", "timeZone": "Europe/Berlin", "jitter": "20m"}
		return fleet
	}
	require.Equal(t, map[string]string{"a": "create"}, b.apply(cron("60d")))
	require.Equal(t, map[string]string{"a": "unchanged"}, b.apply(cron("60d")), "the server keeps a cron expression in another form")
	handle := b.client.ScheduleClient().GetHandle(t.Context(), "renew/"+b.name+"-a")
	paused := func() client.ScheduleState {
		d, err := handle.Describe(t.Context())
		require.NoError(t, err)
		require.Equal(t, "Europe/Berlin", d.Schedule.Spec.TimeZoneName)
		require.Equal(t, time.Hour, d.Schedule.Action.(*client.ScheduleWorkflowAction).WorkflowExecutionTimeout)
		require.False(t, d.Schedule.Policy.PauseOnFailure)
		return *d.Schedule.State
	}
	r := b.starter("pause", b.name+"-a", "--note", "waiting for recordings")
	require.Zero(t, r.code, r.stderr)
	require.Equal(t, map[string]string{"a": "update"}, b.apply(cron("50d")))
	require.True(t, paused().Paused)
	require.Equal(t, "waiting for recordings", paused().Note)
	require.Equal(t, map[string]string{"a": "unchanged"}, b.apply(cron("50d")))
	r = b.starter("resume", b.name+"-a")
	require.Zero(t, r.code, r.stderr)
	require.False(t, paused().Paused)
	r = b.starter("trigger", "nobody-knows-it")
	require.Equal(t, 1, r.code)
	require.Contains(t, r.stderr, "there is no schedule renew/nobody-knows-it")

	bad := cron("60d")
	bad["models"] = append(bad["models"].([]any), data{"name": "B", "schedule": data{"cron": "daily"}})
	r = b.starter("apply", "-f", b.write(bad))
	require.Equal(t, 2, r.code)
	require.Contains(t, r.stderr, ".json:")
	require.Contains(t, r.stderr, "models[1].name: must be 1 to 40")
	require.Contains(t, r.stderr, "models[1].schedule.cron")
}

// Two files of one fleet name keep off each other's schedules once they have ids: the server gives back what was kept.
func TestFleetFilesOfOneName(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	ours, theirs := b.write(b.crew("1h", b.member("a", "60d"))), b.write(b.crew("1h", b.member("b", "60d")))
	apply := func(code int, says string, args ...string) {
		t.Helper()
		r := b.starter(append([]string{"apply"}, args...)...)
		require.Equal(t, code, r.code, r.stdout+r.stderr)
		require.Contains(t, strings.Join(strings.Fields(r.stdout+r.stderr), " "), says)
	}
	apply(0, "1 created", "-f", ours)
	apply(0, "fleetId: (none) -> ", "-f", ours, "--write-id")
	apply(0, "1 unchanged", "-f", ours, "--write-id")
	apply(0, "1 unchanged", "-f", ours)
	apply(0, "1 created", "-f", theirs)
	apply(2, "this file has none: it is another file's of the same fleet name", "-f", theirs, "--prune", "--yes")
	apply(2, "has no fleet id, this file has", "-f", ours, "--prune", "--yes")
	apply(0, "1 changed", "-f", theirs, "--write-id")
	apply(2, "not the one of this file", "-f", theirs, "--prune", "--yes")
}

// A one-off run and a scheduled one at the same moment give one retrain; checks go on while it lasts, also
// while it waits for a person.
func TestChecksGoOnDuringARetrain(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	require.NoError(t, b.emulator.Plan(t.Context(), stack.Outcome{Kind: "training", Hang: true}))
	require.Equal(t, map[string]string{"a": "create"}, b.apply(b.crew("1h", b.member("a", "60d"))))
	member := b.gated().with(request{"name": b.name + "-a", "approval": data{"when": "always"}})
	b.temporal("workflow", "start", "--type", "Retrain", "--task-queue", b.queue, "--workflow-id", "retrain/"+b.name+"-a", "--input-file", b.write(member))
	check := func(n int) lifecycle.RenewReport {
		r := b.starter("trigger", b.name+"-a")
		require.Zero(t, r.code, r.stderr)
		require.Contains(t, r.stderr, "goes on already")
		b.await("check", func(context.Context) error {
			all := b.renewals("a")
			return unless(len(all) == n, "%d checks", len(all))
		})
		return b.renewals("a")[0]
	}
	report := check(1)
	require.Equal(t, "skipped", report.Outcome)
	require.NotNil(t, report.RetrainRunID)

	var training string
	b.await("the training", func(ctx context.Context) error {
		all, err := b.emulator.Objects(ctx, stack.Models)
		if err != nil || len(all) == 0 {
			return fmt.Errorf("%d models, %w", len(all), err)
		}
		training = all[0].ID
		return nil
	})
	b.finish(training)
	whole := *b
	whole.name = b.name + "-a"
	whole.awaitApproval()
	require.Equal(t, "skipped", check(2).Outcome, "a retrain that waits for a person does not stop the next check")
	b.count(stack.Models, 1)
	b.temporal("workflow", "cancel", "--workflow-id", "retrain/"+b.name+"-a")
}
