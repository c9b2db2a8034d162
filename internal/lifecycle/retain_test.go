package lifecycle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

func own(id string, daysAgo int, state lifecycle.State) lifecycle.OwnVersion {
	return lifecycle.OwnVersion{ID: id, DisplayName: id, CreatedAt: now.AddDate(0, 0, -daysAgo), Terminal: true, State: state}
}

func TestRetain(t *testing.T) {
	t.Parallel()
	inUse := own("used", 400, lifecycle.StateFailed)
	inUse.InUse = true
	running := own("running", 400, lifecycle.StateFailed)
	running.Terminal = false
	cases := []struct {
		name               string
		versions           []lifecycle.OwnVersion
		champion, previous string
		keep               int
		kept, deleted      map[string]string
	}{
		{
			"a success lets go what is older than the kept ones",
			[]lifecycle.OwnVersion{own("new", 0, lifecycle.StateChampion), own("prev", 100, lifecycle.StateRetired), own("c2", 200, lifecycle.StateRetired), own("c3", 300, lifecycle.StateRetired), own("bad", 50, lifecycle.StateRejected)},
			"new", "prev", 2,
			map[string]string{"new": "it is the champion", "prev": "it was the champion before: it stays until the next success", "c2": "it is one of the 2 earlier champions that are kept"},
			map[string]string{"c3": "it was champion, and 2 later ones are kept", "bad": "it was rejected, and a later version succeeded"},
		},
		{
			"the previous champion stays with keep 0",
			[]lifecycle.OwnVersion{own("new", 0, lifecycle.StateChampion), own("prev", 100, lifecycle.StateRetired), own("c2", 200, lifecycle.StateRetired)},
			"new", "prev", 0,
			map[string]string{"new": "it is the champion", "prev": "it was the champion before: it stays until the next success"},
			map[string]string{"c2": "it was champion, and 0 later ones are kept"},
		},
		{
			"a rejection keeps the newest unsuccessful one and every champion",
			[]lifecycle.OwnVersion{own("champion", 100, lifecycle.StateChampion), own("r1", 0, lifecycle.StateRejected), own("f2", 10, lifecycle.StateFailed), own("old", 500, lifecycle.StateRetired)},
			"", "", 0,
			map[string]string{"champion": "it is the champion", "r1": "it is the newest that was rejected: it stays until the next success"},
			map[string]string{"f2": "it was failed, and so was a later one"},
		},
		{
			"what an endpoint refers to and what is not terminal stays",
			[]lifecycle.OwnVersion{own("new", 0, lifecycle.StateChampion), inUse, running},
			"new", "", 0,
			map[string]string{"new": "it is the champion", "used": "an endpoint refers to it", "running": "it is not terminal, the service would refuse to delete it"},
			nil,
		},
		{
			"candidates and abandoned ones are the sweep's",
			[]lifecycle.OwnVersion{own("new", 0, lifecycle.StateChampion), own("cand", 5, lifecycle.StateCandidate), own("left", 5, lifecycle.StateAbandoned)},
			"new", "", 0,
			map[string]string{"new": "it is the champion"},
			nil,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := lifecycle.Retain(c.versions, c.champion, c.previous, c.keep)
			require.Equal(t, c.kept, reasonsOf(got.Keep))
			require.Equal(t, c.deleted, reasonsOf(got.Delete))
		})
	}
}

func reasonsOf(list []lifecycle.Disposed) map[string]string {
	var m map[string]string
	for _, d := range list {
		if m == nil {
			m = map[string]string{}
		}
		m[d.ID] = d.Reason
	}
	return m
}

func TestRetainNeverDeletesWhatMayBeNeeded(t *testing.T) {
	t.Parallel()
	states := []lifecycle.State{
		lifecycle.StateCandidate, lifecycle.StateChampion, lifecycle.StateRetired, lifecycle.StateRejected,
		lifecycle.StateRolledBack, lifecycle.StateFailed, lifecycle.StateAbandoned,
	}
	rapid.Check(t, func(t *rapid.T) {
		var versions []lifecycle.OwnVersion
		for i := range rapid.IntRange(0, 8).Draw(t, "n") {
			v := own(fmt.Sprint(i), rapid.IntRange(0, 5).Draw(t, "age"), rapid.SampledFrom(states).Draw(t, "state"))
			v.InUse, v.Terminal = rapid.Bool().Draw(t, "in use"), rapid.Bool().Draw(t, "terminal")
			versions = append(versions, v)
		}
		ids := rapid.SampledFrom([]string{"", "0", "1", "2"})
		champion, previous, keep := ids.Draw(t, "champion"), ids.Draw(t, "previous"), rapid.IntRange(0, 3).Draw(t, "keep")
		got := lifecycle.Retain(versions, champion, previous, keep)
		require.Equal(t, got, lifecycle.Retain(rapid.Permutation(versions).Draw(t, "order"), champion, previous, keep))
		for _, d := range got.Delete {
			require.NotEmpty(t, d.Reason)
			require.NotEqual(t, champion, d.ID)
			for _, v := range versions {
				if v.ID != d.ID {
					continue
				}
				require.False(t, v.InUse)
				require.True(t, v.Terminal)
				require.NotContains(t, []lifecycle.State{lifecycle.StateCandidate, lifecycle.StateAbandoned}, v.State)
				if v.State == lifecycle.StateChampion || v.State == lifecycle.StateRetired {
					require.NotEqual(t, previous, v.ID)
					require.NotEmpty(t, champion, "a champion goes only after a success")
				}
			}
		}
	})
}

func TestChooseOpponent(t *testing.T) {
	t.Parallel()
	base, newest := lifecycle.Model{ID: "b", DisplayName: "Base"}, lifecycle.Model{ID: "n", DisplayName: "Newest"}
	champion := func(left time.Duration) *lifecycle.Model {
		return &lifecycle.Model{ID: "c", DisplayName: "Champ", Custom: true, ExpiresAt: lifecycle.Ptr(now.Add(left))}
	}
	before := lifecycle.Duration(14 * lifecycle.Day)
	cases := []struct {
		name     string
		champion *lifecycle.Model
		fallback *lifecycle.Model
		want     string
		why      string
		last     bool
	}{
		{"first run", nil, &newest, "b", "there is no champion yet", false},
		{"a healthy champion", champion(15 * lifecycle.Day), &newest, "c", "", false},
		{"exactly at the limit", champion(14 * lifecycle.Day), &newest, "c", "", false},
		{"near its end", champion(14*lifecycle.Day - time.Second), &newest, "n", "the champion Champ expires on 2026-12-06, in less than 14d: after that the base model Newest would serve", true},
		{"expired", champion(0), &newest, "n", "the champion Champ expired on 2026-11-22, so the base model Newest serves", true},
		{"expired, and no newest base known", champion(-time.Hour), nil, "b", "the champion Champ expired on 2026-11-22, so the base model Base serves", true},
		{"a champion without expiry", &lifecycle.Model{ID: "c"}, &newest, "c", "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := lifecycle.ChooseOpponent(c.champion, base, c.fallback, before, now)
			require.Equal(t, c.want, got.Model.ID)
			require.Equal(t, c.why, got.Why)
			require.Equal(t, c.last, got.LastResort)
		})
	}
}

func TestUnanswered(t *testing.T) {
	t.Parallel()
	reject := lifecycle.Approval{Timeout: lifecycle.Duration(72 * time.Hour), OnTimeout: lifecycle.Reject}
	promote := reject
	promote.OnTimeout = lifecycle.Promote
	better, worse, equal := lifecycle.Ptr(-0.01), lifecycle.Ptr(0.01), lifecycle.Ptr(0.0)
	cases := []struct {
		name       string
		approval   lifecycle.Approval
		last       bool
		difference *float64
		want       lifecycle.Decision
	}{
		{"reject", reject, false, better, lifecycle.DecideReject},
		{"promote", promote, false, nil, lifecycle.DecidePromote},
		{"last resort and better", reject, true, better, lifecycle.DecidePromote},
		{"last resort and equal", reject, true, equal, lifecycle.DecideReject},
		{"last resort and worse", reject, true, worse, lifecycle.DecideReject},
		{"last resort without numbers", reject, true, nil, lifecycle.DecideReject},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, reason := lifecycle.Unanswered(c.approval, c.last, c.difference)
			require.Equal(t, c.want, got)
			require.Contains(t, reason, "no answer within 3d")
		})
	}
}

func TestFallbackIsTheNewestThatRecognises(t *testing.T) {
	t.Parallel()
	expired, other, running := usable("x", now), usable("o", now), usable("r", now)
	expired.ExpiresAt = lifecycle.Ptr(now)
	other.Locale, running.Status = "de-DE", "Running"
	noTraining := usable("n", now.AddDate(0, -1, 0))
	noTraining.AdaptationEndsAt, noTraining.Kinds = nil, nil
	got := lifecycle.Fallback([]lifecycle.Model{usable("old", now.AddDate(-1, 0, 0)), expired, other, noTraining, running}, "en-US", now)
	require.Equal(t, "n", got.ID, "what serves need not be trainable")
	require.Nil(t, lifecycle.Fallback(nil, "en-US", now))
}

func TestRollbackRules(t *testing.T) {
	t.Parallel()
	good := lifecycle.Version{ID: "a", Status: "Succeeded", State: lifecycle.StateRetired, CreatedAt: now, ExpiresAt: lifecycle.Ptr(now.Add(time.Hour))}
	require.Empty(t, lifecycle.RefuseRollback(good, true, now))
	require.Equal(t, "is not a version of this model made by this installation", lifecycle.RefuseRollback(good, false, now))
	expired, rejected, failed := good, good, good
	expired.ExpiresAt, rejected.State, failed.Status = lifecycle.Ptr(now), lifecycle.StateRejected, "Failed"
	require.Equal(t, "expired on 2026-11-22", lifecycle.RefuseRollback(expired, true, now))
	require.Equal(t, "is rejected: only a version that was champion may serve again", lifecycle.RefuseRollback(rejected, true, now))
	require.Equal(t, "has status Failed, not Succeeded", lifecycle.RefuseRollback(failed, true, now))
	older := good
	older.ID, older.CreatedAt = "older", now.AddDate(0, 0, -1)
	target, none := lifecycle.ChooseRollback([]lifecycle.Version{older, expired, good, rejected}, now)
	require.Empty(t, none)
	require.Equal(t, "a", target.ID)
	_, none = lifecycle.ChooseRollback([]lifecycle.Version{expired}, now)
	require.Equal(t, "there is no earlier champion that has not expired", none)
	require.NotEmpty(t, lifecycle.RefuseRollbackNow(lifecycle.StageDeploy))
	require.NotEmpty(t, lifecycle.RefuseRollbackNow(lifecycle.StageVerify))
	require.Empty(t, lifecycle.RefuseRollbackNow(lifecycle.StageTrain))
	require.Empty(t, lifecycle.RefuseRollbackNow(""))
}

func TestVerdictMarkFitsIntoAMark(t *testing.T) {
	t.Parallel()
	rate, compared := lifecycle.Ptr(0.112), lifecycle.Ptr(0.131)
	require.Equal(t, "pass; 0.112 vs 0.131", lifecycle.VerdictMark(&lifecycle.Verdict{Result: "pass"}, rate, compared, "", ""))
	require.Equal(t, "fail; 0.112 vs 0.131; ann: we need it", lifecycle.VerdictMark(&lifecycle.Verdict{Result: "fail"}, rate, compared, "ann", "we need it"))
	require.Equal(t, "untested", lifecycle.VerdictMark(nil, nil, nil, "", ""))
	long := lifecycle.VerdictMark(&lifecycle.Verdict{Result: "pass"}, rate, compared, "ann", fmt.Sprint(make([]int, 500)))
	require.Len(t, []rune(long), lifecycle.MaxMarkValue)
}

func TestJudgeRejected(t *testing.T) {
	t.Parallel()
	n := lifecycle.Ptr[int64]
	for name, tc := range map[string]struct {
		accepted, rejected *int64
		refusal, warning   string
	}{
		"equality passes":         {accepted: n(95), rejected: n(5)},
		"more than the limit":     {n(94), n(6), "6 of its 100 lines were rejected (6.0 %), more than the 5.0 % allowed", ""},
		"20 lines":                {n(18), n(2), "2 of its 20 lines were rejected (10.0 %), more than the 5.0 % allowed", ""},
		"19 lines":                {n(0), n(19), "", "19 of its 19 lines were rejected (100.0 %), more than the 5.0 % allowed; it is used all the same, as it has fewer than 20 lines"},
		"one line":                {n(0), n(1), "", "1 of its 1 line was rejected (100.0 %), more than the 5.0 % allowed; it is used all the same, as it has fewer than 20 lines"},
		"few lines, none too bad": {accepted: n(10), rejected: n(0)},
		"the service did not say": {rejected: n(6)},
		"nothing in it":           {accepted: n(0), rejected: n(0)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refusal, warning := lifecycle.JudgeRejected(tc.accepted, tc.rejected, 0.05)
			require.Equal(t, tc.refusal, refusal)
			require.Equal(t, tc.warning, warning)
		})
	}
}
