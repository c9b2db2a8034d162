package lifecycle_test

import (
	"cmp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// needed is a model that needs nobody: its champion serves, a schedule checks it, and its end is 300 days away.
func needed(change func(q *lifecycle.NeedsQuestion)) lifecycle.NeedsQuestion {
	now := time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	at := func(days int) *time.Time { return lifecycle.Ptr(now.Add(time.Duration(days) * lifecycle.Day)) }
	champion := lifecycle.Version{
		ID: "c1", DisplayName: "desk 2026-04-12 1a2b3c4d", Status: lifecycle.StatusSucceeded, State: lifecycle.StateChampion,
		CreatedAt: at(-50), ExpiresAt: at(300), Run: "home/run-1",
	}
	earlier := champion
	earlier.ID, earlier.DisplayName, earlier.State, earlier.CreatedAt, earlier.ExpiresAt = "e1", "desk 2025-10-12 99", lifecycle.StateRetired, at(-300), at(30)
	q := lifecycle.NeedsQuestion{
		Row: lifecycle.Row{
			Name: "desk", Locale: "en-US", Resource: "west.example", ObservedAt: now, EndpointName: "service desk",
			Endpoint: &lifecycle.EndpointReport{ID: "e0"}, Versions: []lifecycle.Version{champion, earlier},
			Serving: &lifecycle.Model{ID: "c1", DisplayName: champion.DisplayName, Custom: true, ExpiresAt: at(300)},
		},
		Scheduled: true, Dates: lifecycle.Dates{ExpiresAt: at(300), DueAt: at(230), LastResortAt: at(286)},
		Checks: lifecycle.ChecksSeen{Good: at(-1)},
	}
	change(&q)
	return q
}

// until lets what serves end so many days from now.
func until(days int) func(q *lifecycle.NeedsQuestion) {
	return func(q *lifecycle.NeedsQuestion) {
		at := lifecycle.Ptr(q.Row.ObservedAt.Add(time.Duration(days) * lifecycle.Day))
		q.Row.Versions[0].ExpiresAt, q.Row.Serving.ExpiresAt = at, at
		q.Dates = lifecycle.Dates{ExpiresAt: at, LastResortAt: lifecycle.Ptr(at.Add(-14 * lifecycle.Day))}
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	both := func(changes ...func(q *lifecycle.NeedsQuestion)) func(q *lifecycle.NeedsQuestion) {
		return func(q *lifecycle.NeedsQuestion) {
			for _, change := range changes {
				change(q)
			}
		}
	}
	alone := func(q *lifecycle.NeedsQuestion) { q.Scheduled = false }
	paused := func(q *lifecycle.NeedsQuestion) { q.Paused, q.PauseNote = true, "new recordings" }
	training := func(q *lifecycle.NeedsQuestion) { q.Retrain = &lifecycle.RetrainSeen{} }
	byHand := func(custom bool) func(q *lifecycle.NeedsQuestion) {
		return func(q *lifecycle.NeedsQuestion) {
			q.Row.Serving = &lifecycle.Model{ID: "h1", DisplayName: "by hand", Custom: custom}
		}
	}
	found := func(kind, message, next string) func(q *lifecycle.NeedsQuestion) {
		return func(q *lifecycle.NeedsQuestion) {
			q.Checks.Alarms = []lifecycle.Alarm{{Kind: kind, Message: message, Next: next}}
		}
	}
	trouble := func(all ...lifecycle.Trouble) func(q *lifecycle.NeedsQuestion) {
		return func(q *lifecycle.NeedsQuestion) { q.Retrain = &lifecycle.RetrainSeen{Trouble: all} }
	}
	failed := func(class lifecycle.FailureClass, attempts int) lifecycle.Trouble {
		return lifecycle.Trouble{Kind: lifecycle.Retrying, Type: &class, Attempts: attempts}
	}
	asks := func(q *lifecycle.NeedsQuestion) {
		r := lifecycle.NewReport("desk", "en-US")
		r.Version = &lifecycle.VersionReport{ID: "n1", DisplayName: "desk 2026-05-31 77"}
		r.Verdict = &lifecycle.Verdict{Result: lifecycle.Fail, Reason: "calls: 13.1 % is worse"}
		r.WaitingFor = &lifecycle.Waiting{
			Kind: lifecycle.WaitsForApproval, ID: lifecycle.Ptr("n1"), Since: q.Row.ObservedAt.Add(-time.Hour),
			Deadline: lifecycle.Ptr(q.Row.ObservedAt.Add(71 * time.Hour)),
		}
		q.Retrain = &lifecycle.RetrainSeen{Asks: true, Report: &r, OnTimeout: "reject"}
	}
	failing := func(q *lifecycle.NeedsQuestion) {
		q.Checks.Failed, q.Checks.Since = 3, q.Row.ObservedAt.Add(-70*time.Hour)
		next := "correct SPEECH_KEY; then check again: starter trigger desk"
		q.Checks.Failure = &lifecycle.Failure{Message: "the service refuses the key", Next: &next}
	}
	const champion, rollback = "desk 2026-04-12 1a2b3c4d", `starter rollback desk --to e1 --reason "..."`
	for name, tt := range map[string]struct {
		change  func(q *lifecycle.NeedsQuestion)
		kinds   []lifecycle.NeedKind
		urgency lifecycle.Urgency
		// message and next are parts of the first need's, commands all of them.
		message, next string
		commands      []string
	}{
		"nothing":                        {change: func(*lifecycle.NeedsQuestion) {}},
		"nothing, renewed in time":       {change: until(15)},
		"nothing, without a version":     {change: func(q *lifecycle.NeedsQuestion) { q.Row = lifecycle.Row{Name: "desk", ObservedAt: q.Row.ObservedAt} }},
		"nothing, a retrain goes on":     {change: both(until(13), training)},
		"nothing, an unscheduled trains": {change: both(until(30), alone, training)},
		"nothing, paused with time left": {change: paused},
		"the last resort has begun": {
			change: until(14), kinds: []lifecycle.NeedKind{lifecycle.NeedExpiring}, urgency: lifecycle.UrgencyNow,
			message: champion + " expires in 14 days, and nothing has taken its place yet", commands: []string{"starter trigger desk", "starter history desk"},
		},
		"a retrain goes on, a week before the end": {
			change: both(until(7), training), kinds: []lifecycle.NeedKind{lifecycle.NeedExpiring}, urgency: lifecycle.UrgencyNow,
			commands: []string{"starter watch desk"},
		},
		"expired": {
			change: until(-3), kinds: []lifecycle.NeedKind{lifecycle.NeedExpired}, urgency: lifecycle.UrgencyNow,
			message:  champion + " expired on 2026-05-29: its endpoint has silently fallen back to the bare base model until another version serves; the next check",
			commands: []string{rollback, "starter trigger desk"},
		},
		"expired and paused": {
			change: both(until(-3), paused), kinds: []lifecycle.NeedKind{lifecycle.NeedExpired}, urgency: lifecycle.UrgencyNow,
			message: "its checks are paused (new recordings), so nobody recreates it", commands: []string{rollback, "starter resume desk"},
		},
		"expired, without a schedule": {
			change: both(until(-3), alone), kinds: []lifecycle.NeedKind{lifecycle.NeedExpired}, urgency: lifecycle.UrgencyNow,
			message: "no schedule renews it", next: "starter run --file FILE", commands: []string{rollback},
		},
		"expired, and a retrain goes on": {
			change: both(until(-3), training), kinds: []lifecycle.NeedKind{lifecycle.NeedExpired}, urgency: lifecycle.UrgencyNow,
			message: "a retrain goes on", commands: []string{rollback, "starter watch desk"},
		},
		"paused near the end": {
			change: both(until(90), paused), kinds: []lifecycle.NeedKind{lifecycle.NeedPaused}, urgency: lifecycle.UrgencySoon,
			message:  "its checks are paused (new recordings), so nothing renews it: " + champion + " lives until 2026-08-30; from then on its endpoint silently",
			commands: []string{"starter resume desk"},
		},
		"without a schedule": {
			change: alone, kinds: []lifecycle.NeedKind{lifecycle.NeedSchedule}, urgency: lifecycle.UrgencyNote,
			message: "no schedule renews it: " + champion + " lives until", next: "starter apply --file FLEET",
		},
		"without a schedule, near the end": {
			change: both(until(90), alone), kinds: []lifecycle.NeedKind{lifecycle.NeedExpiring}, urgency: lifecycle.UrgencySoon,
			message: "no schedule renews it, and it has 90 days left", next: "starter apply --file FLEET",
		},
		"a version waits for an answer": {
			change: asks, kinds: []lifecycle.NeedKind{lifecycle.NeedApproval}, urgency: lifecycle.UrgencyNow,
			message: "version desk 2026-05-31 77 waits for an answer since 2026-06-01 02:00 UTC until 2026-06-04 02:00 UTC; without one it is rejected; " +
				"the verdict is fail: calls: 13.1 % is worse; " + champion + " lives until 2027-03-28; from then on",
			commands: []string{`starter approve desk --version n1 --reason "..."`, `starter reject desk --version n1 --reason "..."`},
		},
		"silence promotes": {
			change: both(asks, func(q *lifecycle.NeedsQuestion) { q.Retrain.OnTimeout = "promote" }), kinds: []lifecycle.NeedKind{lifecycle.NeedApproval},
			urgency: lifecycle.UrgencyNow, message: "without one it is promoted;",
			commands: []string{`starter approve desk --version n1 --reason "..."`, `starter reject desk --version n1 --reason "..."`},
		},
		"silence in the last resort": {
			change: both(asks, until(16)), kinds: []lifecycle.NeedKind{lifecycle.NeedApproval}, urgency: lifecycle.UrgencyNow,
			message:  "as the last resort promoted if it is better",
			commands: []string{`starter approve desk --version n1 --reason "..."`, `starter reject desk --version n1 --reason "..."`},
		},
		"silence after a change by hand": {
			change: both(asks, func(q *lifecycle.NeedsQuestion) { q.Retrain.Cause = lifecycle.CauseSetByHand }), kinds: []lifecycle.NeedKind{lifecycle.NeedApproval},
			urgency: lifecycle.UrgencyNow, message: "not worse than what somebody has set",
			commands: []string{`starter approve desk --version n1 --reason "..."`, `starter reject desk --version n1 --reason "..."`},
		},
		"no worker tells what waits": {
			change: func(q *lifecycle.NeedsQuestion) { q.Retrain = &lifecycle.RetrainSeen{Asks: true} }, kinds: []lifecycle.NeedKind{lifecycle.NeedApproval},
			urgency: lifecycle.UrgencyNow, message: "no worker answers", commands: []string{`starter approve desk --reason "..."`, `starter reject desk --reason "..."`},
		},
		"missing": {
			change: func(q *lifecycle.NeedsQuestion) { q.Row.Serving = nil }, kinds: []lifecycle.NeedKind{lifecycle.NeedMissing}, urgency: lifecycle.UrgencyNow,
			message:  `the model of endpoint "service desk" was deleted or taken away: it serves the bare base model until another version does; the next check`,
			commands: []string{`starter rollback desk --to c1 --reason "..."`, "starter trigger desk"},
		},
		"missing, as a deletion leaves it": {
			change: func(q *lifecycle.NeedsQuestion) {
				q.Row.Serving, q.Row.ModelGone, q.Row.Versions = nil, true, q.Row.Versions[1:]
				q.Dates = lifecycle.Dates{}
			},
			kinds: []lifecycle.NeedKind{lifecycle.NeedMissing}, urgency: lifecycle.UrgencyNow,
			message:  `the model of endpoint "service desk" was deleted or taken away: it serves the bare base model until another version does; the next check`,
			commands: []string{`starter rollback desk --to e1 --reason "..."`, "starter trigger desk"},
		},
		"a base model was set, and the only version deleted": {
			change: func(q *lifecycle.NeedsQuestion) {
				q.Row.Serving, q.Row.Versions, q.Row.Marked = &lifecycle.Model{ID: "b1", DisplayName: "a base"}, nil, true
				q.Dates = lifecycle.Dates{}
			},
			kinds: []lifecycle.NeedKind{lifecycle.NeedChanged}, urgency: lifecycle.UrgencyNow,
			message: `endpoint "service desk" was changed by hand: it serves a base, not the version that was promoted last, which was deleted`,
		},
		"missing, and no version is left": {
			change: func(q *lifecycle.NeedsQuestion) {
				q.Row.Serving, q.Row.ModelGone, q.Row.Versions = nil, true, nil
				q.Dates = lifecycle.Dates{}
			},
			kinds: []lifecycle.NeedKind{lifecycle.NeedMissing}, urgency: lifecycle.UrgencyNow,
			message:  `the model of endpoint "service desk" was deleted or taken away: it serves the bare base model until another version does; the next check`,
			commands: []string{"starter trigger desk"},
		},
		"changed by hand": {
			change: byHand(true), kinds: []lifecycle.NeedKind{lifecycle.NeedChanged}, urgency: lifecycle.UrgencySoon,
			message:  `endpoint "service desk" was changed by hand: it serves by hand, not ` + champion,
			commands: []string{"starter adopt desk --version h1", `starter rollback desk --to c1 --reason "..."`},
		},
		"changed to a base model": {
			change: byHand(false), kinds: []lifecycle.NeedKind{lifecycle.NeedChanged}, urgency: lifecycle.UrgencyNow,
			commands: []string{`starter rollback desk --to c1 --reason "..."`},
		},
		"stuck": {
			change: found("stuck", "every input was tried", "name other data"), kinds: []lifecycle.NeedKind{lifecycle.NeedStuck}, urgency: lifecycle.UrgencySoon,
			message: "every input was tried (as of the check of 2026-05-31 03:00 UTC)", next: "name other data",
		},
		"stuck near the end": {
			change: both(until(14), training, found("data", "it is gone", "mend it")), kinds: []lifecycle.NeedKind{lifecycle.NeedData}, urgency: lifecycle.UrgencyNow,
			next: "mend it",
		},
		"no longer stuck, a retrain goes on": {change: both(training, found("stuck", "every input was tried", ""))},
		"no longer stuck, renewed since": {
			change: both(found("stuck", "every input was tried", ""), func(q *lifecycle.NeedsQuestion) { q.Row.Versions[0].CreatedAt = &q.Row.ObservedAt }),
		},
		"budget": {
			change: found("budget", "400 are spent", "x"), kinds: []lifecycle.NeedKind{lifecycle.NeedBudget}, urgency: lifecycle.UrgencySoon,
			commands: []string{"starter run desk"}, next: "train it now",
		},
		"an endpoint in doubt": {
			change: found("endpointUnknown", "its state is Odd", "look"), kinds: []lifecycle.NeedKind{lifecycle.NeedEndpointUnknown}, urgency: lifecycle.UrgencyNow,
			next: "look",
		},
		"an endpoint that is there again":                   {change: found("endpointGone", "it is gone", "")},
		"an alarm that the service shows":                   {change: found("expired", "it expired long ago", "")},
		"an expiry that the checks take care of needs none": {change: found("expiring", "in 85 days", "")},
		"an alarm that only the mark remembers": {
			change: func(q *lifecycle.NeedsQuestion) {
				q.Checks.Good = nil
				q.Row.Versions[0].Alarm = "expiring-90-2026-08-01; stuck-1a2b; endpointGone"
			},
			kinds: []lifecycle.NeedKind{lifecycle.NeedStuck}, urgency: lifecycle.UrgencySoon, message: "the alarm stuck was sent",
			commands: []string{"starter trigger desk"},
		},
		"checks that fail": {
			change: failing, kinds: []lifecycle.NeedKind{lifecycle.NeedChecks}, urgency: lifecycle.UrgencySoon,
			message: "the last 3 checks failed, the first on 2026-05-29 05:00 UTC: the service refuses the key; nobody sees its expiry, its endpoint and its data, " +
				"and nothing renews it, until one succeeds; " + champion + " lives until 2027-03-28",
			next: "correct SPEECH_KEY; then check again: starter trigger desk",
		},
		"checks that fail near the end": {
			change: both(failing, until(16), func(q *lifecycle.NeedsQuestion) { q.Checks.Failure = nil }, until(14)),
			kinds:  []lifecycle.NeedKind{lifecycle.NeedExpiring, lifecycle.NeedChecks}, urgency: lifecycle.UrgencyNow,
			commands: []string{"starter trigger desk", "starter history desk"},
		},
		"checks that are paused do not fail": {change: both(failing, paused)},
		"another owner has the model": {
			change: func(q *lifecycle.NeedsQuestion) { q.Row.Rivals = []string{"other"} }, kinds: []lifecycle.NeedKind{lifecycle.NeedOwners},
			urgency: lifecycle.UrgencySoon, next: "RETRAINER_OWNER",
			message: "another installation (other) has versions of a model of the same name and locale on west.example",
		},
		"owners of other models need nobody": {change: func(q *lifecycle.NeedsQuestion) { q.Row.OtherOwners = []string{"other"} }},
		"another home has begun a version": {
			change: func(q *lifecycle.NeedsQuestion) {
				q.Row.Versions = append(q.Row.Versions, lifecycle.Version{ID: "x", State: lifecycle.StateCandidate, Foreign: true, Run: "other/run"})
			},
			kinds: []lifecycle.NeedKind{lifecycle.NeedHomes}, urgency: lifecycle.UrgencySoon, message: "another Temporal namespace (other)",
			next: "clear what it left", commands: []string{"starter sweep desk --home other"},
		},
		"another home has made a version since": {
			change: func(q *lifecycle.NeedsQuestion) { q.Row.Versions[0].Foreign, q.Row.Versions[0].Run = true, "other/run" },
			kinds:  []lifecycle.NeedKind{lifecycle.NeedHomes}, urgency: lifecycle.UrgencySoon, commands: []string{"starter sweep desk --home other"},
		},
		"a move to another Temporal needs nobody": {
			change: func(q *lifecycle.NeedsQuestion) {
				before := lifecycle.Ptr(q.Row.Versions[0].CreatedAt.Add(-time.Hour)) // the version of this home
				q.Row.Versions[1].Foreign, q.Row.Versions[1].Run, q.Row.Versions[1].CreatedAt = true, "other/run", before
			},
		},
		"a retrain without a worker": {
			change: trouble(lifecycle.Trouble{Kind: lifecycle.NoWorker, Message: "waits for a worker", Next: lifecycle.Ptr("start one")}),
			kinds:  []lifecycle.NeedKind{lifecycle.NeedRetrain}, urgency: lifecycle.UrgencySoon,
			message: "the retrain does not get on: the workflow waits for a worker", next: "start one",
		},
		"a service that is away for a moment needs nobody": {change: trouble(failed(lifecycle.Unavailable, 4))},
		"a service that stays away": {
			change: trouble(failed(lifecycle.Unavailable, 4), failed(lifecycle.Unavailable, 5)), kinds: []lifecycle.NeedKind{lifecycle.NeedRetrain},
			urgency: lifecycle.UrgencySoon, commands: []string{"starter watch desk"},
		},
		"a key that is refused": {
			change: trouble(failed(lifecycle.Unauthorized, 1)), kinds: []lifecycle.NeedKind{lifecycle.NeedRetrain}, urgency: lifecycle.UrgencySoon,
			commands: []string{"starter watch desk"},
		},
		"the service was not read": {
			change: both(failing, asks, until(-3), func(q *lifecycle.NeedsQuestion) { q.Row = lifecycle.Row{Name: "desk"} }),
			kinds:  []lifecycle.NeedKind{lifecycle.NeedApproval, lifecycle.NeedChecks}, urgency: lifecycle.UrgencyNow,
			message:  "until when what serves lives is not known now",
			commands: []string{`starter approve desk --version n1 --reason "..."`, `starter reject desk --version n1 --reason "..."`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := lifecycle.NeedsOf(needed(tt.change))
			kinds := []lifecycle.NeedKind(nil)
			for _, n := range got {
				kinds = append(kinds, n.Kind)
				require.NotNil(t, n.Commands)
				require.True(t, n.Next != "" || len(n.Commands) > 0, "it says what to do")
			}
			require.NotNil(t, got)
			require.Equal(t, tt.kinds, kinds, "%+v", got)
			require.Equal(t, len(kinds) > 0 && tt.urgency != lifecycle.UrgencyNote, lifecycle.NeedsPerson(got))
			if len(got) == 0 {
				return
			}
			require.Equal(t, tt.urgency, got[0].Urgency)
			require.Contains(t, got[0].Message, tt.message)
			require.Contains(t, got[0].Next, tt.next)
			require.ElementsMatch(t, tt.commands, got[0].Commands)
		})
	}
}

// What callers suffer from comes first, then who waits for an answer; of two the one that happens first.
func TestNeedsInOrder(t *testing.T) {
	t.Parallel()
	soon, later := time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC), time.Date(2026, 6, 2, 3, 0, 0, 0, time.UTC)
	ordered := []lifecycle.Need{
		{Urgency: lifecycle.UrgencyNow, Kind: lifecycle.NeedExpired},
		{Urgency: lifecycle.UrgencyNow, Kind: lifecycle.NeedApproval, Until: &soon},
		{Urgency: lifecycle.UrgencyNow, Kind: lifecycle.NeedApproval, Until: &later},
		{Urgency: lifecycle.UrgencyNow, Kind: lifecycle.NeedApproval},
		{Urgency: lifecycle.UrgencySoon, Kind: lifecycle.NeedMissing},
		{Urgency: lifecycle.UrgencyNote, Kind: lifecycle.NeedExpired},
	}
	for i, a := range ordered {
		for k, b := range ordered {
			require.Equal(t, cmp.Compare(i, k), cmp.Compare(a.Compare(b), 0), "%d %d", i, k)
		}
	}
}
