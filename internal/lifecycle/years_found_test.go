package lifecycle_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// What years of daily checks have found, as examples.

// A first version is held to half of its own life, not to a lead that is longer: else it would never be worth taking.
func TestAVersionIsTakenThatLivesShorterThanTheLead(t *testing.T) {
	t.Parallel()
	v := trained("v1", lifecycle.StateRejected, 10, 200)
	q := lifecycle.TakeQuestion{Input: v.Input, Cause: lifecycle.CauseFirst, Lead: lifecycle.LongestBefore, Now: noon}
	taken, _ := lifecycle.Take([]lifecycle.Version{v}, q)
	require.NotNil(t, taken)
	q.Now = noon.Add(96 * aDay)
	taken, _ = lifecycle.Take([]lifecycle.Version{v}, q)
	require.Nil(t, taken, "it would be due again at once")
}

// The pilot's no passes over a base while there is another, but it never leaves an expiry without one.
func TestThePilotAloneLeavesNoExpiryStuck(t *testing.T) {
	t.Parallel()
	o, r := calm(), desk()
	expire(&o, 30)
	r.Renew.Pilot = "pilot"
	o.Bases = []lifecycle.Model{newerBase(5 * aDay)} // that of the champion can no longer be trained from
	v := trained("p1", lifecycle.StateRejected, 3, 600)
	v.BaseModelID, v.Verdict = "new", "fail; q:1"
	o.Pilot = &lifecycle.PilotSeen{Name: "pilot", Versions: []lifecycle.Version{v}}
	answer := lifecycle.Due(o, r)
	require.True(t, answer.Due, answer.Reason)
	require.Empty(t, answer.Stuck)
	q := lifecycle.BaseQuestion{Locale: "en-US", Kinds: []lifecycle.DatasetKind{"Language"}, Deploy: true, Now: noon}
	require.Empty(t, lifecycle.PassOver(lifecycle.ProspectOf(o, r, lifecycle.CauseExpiry), q), "the retrain has a base to train from")
}

// Trainings that keep failing are one cause, also on the day on which one more is tried, and while it is under way.
func TestStuckStandsWhileOneMoreIsTried(t *testing.T) {
	t.Parallel()
	o, r := calm(), desk()
	expire(&o, 30)
	for i := range 6 {
		failedTraining(&o, fmt.Sprint("f", i), 24*(60-i))
	}
	due := lifecycle.Due(o, r)
	require.True(t, due.Due, due.Reason)
	require.Contains(t, due.Stuck, "it is tried again on 2026-06-01")
	tried(&o, "v9", lifecycle.StateFailed, 0, "").Status = "Running"
	under := lifecycle.Due(o, r)
	require.True(t, under.Due, under.Reason)
	require.Equal(t, due.StuckKey, under.StuckKey)
	require.NotEmpty(t, under.Stuck)
}

// A day that is avoided does not end the alarm of imports that keep failing: it would be told anew on each Monday.
func TestStuckStandsOnAvoidedDays(t *testing.T) {
	t.Parallel()
	o, r := calm(), desk()
	o.Training[0] = lifecycle.ObservedData{Label: "text", Kind: "Language", Content: "other", Tries: 6, TriedAt: noon.Add(-aDay)}
	key := lifecycle.Due(o, r).StuckKey
	require.NotEmpty(t, key)
	r.Renew.Avoid = []string{"Mon"}
	avoided := lifecycle.Due(o, r)
	require.False(t, avoided.Due)
	require.Equal(t, key, avoided.StuckKey)
}

// While nothing of ours serves, a new version does not forget what was told.
func TestAlarmMark(t *testing.T) {
	t.Parallel()
	told := trained("v1", lifecycle.StateFailed, 5, 300)
	told.Alarm = "stuck-1"
	o := lifecycle.Observed{Versions: []lifecycle.Version{trained("v2", lifecycle.StateFailed, 1, 300), told}}
	require.Equal(t, "stuck-1", lifecycle.AlarmMark(o))
	o.Versions[0].Alarm = lifecycle.NoAlarm
	require.Equal(t, lifecycle.NoAlarm, lifecycle.AlarmMark(o))
	o.Versions[0].Alarm = ""
	o.Serving = serving(o.Versions[0])
	require.Empty(t, lifecycle.AlarmMark(o), "what serves has been told nothing")
	require.Empty(t, lifecycle.AlarmMark(lifecycle.Observed{}))
}
