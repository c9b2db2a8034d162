package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// A retrain that failed is told, however early it did: what, since when, until when, what happens if nobody acts, and what to do.
func TestNeedsAfterAFailedRetrain(t *testing.T) {
	t.Parallel()
	failed := func(q *lifecycle.NeedsQuestion) {
		at := q.Row.ObservedAt.Add(-2 * time.Hour)
		q.Ended = lifecycle.RetrainsSeen{Failed: 1, Since: at, At: at, Cause: lifecycle.CauseExpiry, Failure: &lifecycle.Failure{
			Type: lifecycle.NoUsableBaseModel, Message: "no base model can be used", Next: lifecycle.Ptr("relax baseModel, then start the run again"),
		}}
	}
	with := func(changes ...func(q *lifecycle.NeedsQuestion)) lifecycle.NeedsQuestion {
		return needed(func(q *lifecycle.NeedsQuestion) {
			failed(q)
			for _, change := range changes {
				change(q)
			}
		})
	}
	one := func(q lifecycle.NeedsQuestion) lifecycle.Need {
		t.Helper()
		for _, n := range lifecycle.NeedsOf(q) {
			if n.Kind == lifecycle.NeedFailed {
				return n
			}
		}
		require.Fail(t, "nobody hears of it")
		return lifecycle.Need{}
	}
	byHand := func(q *lifecycle.NeedsQuestion) { q.Ended.Cause = "" }
	alone := func(q *lifecycle.NeedsQuestion) { q.Scheduled, q.Dates = false, lifecycle.Dates{} }

	got := one(with())
	require.Equal(t, lifecycle.UrgencySoon, got.Urgency)
	require.Equal(t, "the last retrain failed, on 2026-06-01 01:00 UTC: NoUsableBaseModel, no base model can be used; "+
		"the next check that finds it due tries again, in vain while that lasts; desk 2026-04-12 1a2b3c4d lives until 2027-03-28; from then on "+
		"its endpoint silently serves the bare base model",
		got.Message)
	require.Equal(t, "relax baseModel, then start the run again", got.Next)
	require.Equal(t, []string{"starter report desk", "starter trigger desk"}, got.Commands)
	require.Equal(t, with().Row.Versions[0].ExpiresAt, got.Until)
	require.True(t, lifecycle.NeedsPerson([]lifecycle.Need{got}))

	got = one(with(until(10), func(q *lifecycle.NeedsQuestion) {
		q.Ended.Failed, q.Ended.Since, q.Ended.Failure = 2, q.Ended.At.Add(-24*time.Hour), nil
	}))
	require.Equal(t, lifecycle.UrgencyNow, got.Urgency)
	require.Contains(t, got.Message, "the last 2 retrains failed, the first on 2026-05-31 01:00 UTC, the last on 2026-06-01 01:00 UTC: why stands in its report;")

	paused := func(q *lifecycle.NeedsQuestion) { q.Paused, q.PauseNote = true, "holidays" }
	require.Contains(t, one(with(paused)).Message, "checks are paused (holidays), so nobody tries again")
	got = one(with(alone))
	require.Contains(t, got.Message, "no schedule tries again")
	require.Equal(t, []string{"starter report desk"}, got.Commands)
	require.Contains(t, one(with(func(q *lifecycle.NeedsQuestion) { q.Row = lifecycle.Row{Name: "desk"} })).Message, "what serves lives is not known now",
		"while the service is away, too")
	require.Contains(t, one(with(func(q *lifecycle.NeedsQuestion) { q.Row.Versions, q.Row.Serving = nil, nil })).Message, "no version serves yet")

	// Who started by hand what need not be renewed yet has been told.
	got = one(with(byHand))
	require.Equal(t, lifecycle.UrgencyNote, got.Urgency)
	require.Contains(t, got.Message, "; a person started it, before what serves is due; desk")
	require.Equal(t, []string{"starter report desk"}, got.Commands)
	require.Equal(t, lifecycle.UrgencyNote, one(with(byHand, alone)).Urgency)
	require.Equal(t, lifecycle.UrgencySoon, one(with(byHand, alone, until(80))).Urgency)
	require.Equal(t, lifecycle.UrgencySoon, one(with(byHand, until(80), func(q *lifecycle.NeedsQuestion) {
		q.Dates.DueAt = lifecycle.Ptr(q.Row.ObservedAt.Add(-time.Hour))
	})).Urgency, "it is due")
	require.Equal(t, lifecycle.UrgencySoon, one(with(byHand, func(q *lifecycle.NeedsQuestion) { q.Row.Versions, q.Row.Serving = nil, nil })).Urgency)

	require.Empty(t, lifecycle.NeedsOf(with(func(q *lifecycle.NeedsQuestion) { q.Retrain = &lifecycle.RetrainSeen{} })), "another try goes on")
}

// A version of another home that is younger than the failure has ended it; one of which that is not sure has not.
func TestSucceededSince(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	row := func(state lifecycle.State, ago time.Duration) lifecycle.Row {
		return lifecycle.Row{ObservedAt: now, Versions: []lifecycle.Version{{Foreign: true, State: state, CreatedAt: lifecycle.Ptr(now.Add(-ago))}}}
	}
	require.True(t, row(lifecycle.StateChampion, time.Hour).SucceededSince(2*time.Hour))
	require.True(t, row(lifecycle.StateRetired, time.Hour).SucceededSince(2*time.Hour))
	require.False(t, row(lifecycle.StateChampion, 2*time.Hour).SucceededSince(time.Hour), "it was there before")
	require.False(t, row(lifecycle.StateChampion, time.Hour).SucceededSince(time.Hour+14*time.Minute), "the look may be as old")
	for _, state := range []lifecycle.State{
		lifecycle.StateFailed, lifecycle.StateRejected, lifecycle.StateCandidate, lifecycle.StateDeploying, lifecycle.StateRolledBack,
	} {
		require.False(t, row(state, time.Hour).SucceededSince(2*time.Hour), state)
	}
	require.False(t, lifecycle.Row{Versions: []lifecycle.Version{{Foreign: true, State: lifecycle.StateChampion}}}.SucceededSince(time.Hour))
	own := row(lifecycle.StateChampion, time.Hour)
	own.Versions[0].Foreign = false
	require.False(t, own.SucceededSince(2*time.Hour), "Temporal knows which of its own runs came later")
}
