package lifecycle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

func own(id string, daysAgo int, state lifecycle.State) lifecycle.Version {
	return lifecycle.Version{
		ID: id, DisplayName: id, CreatedAt: lifecycle.Ptr(now.AddDate(0, 0, -daysAgo)), Status: "Succeeded", State: state, BaseModelID: "closed",
	}
}

// ownOf is a version of a base model.
func ownOf(base, id string, daysAgo int, state lifecycle.State) lifecycle.Version {
	v := own(id, daysAgo, state)
	v.BaseModelID = base
	return v
}

// sources are a base model that can be trained from for one more second, one that cannot any more, and a custom model.
var sources = []lifecycle.Model{
	{ID: "open", AdaptationEndsAt: lifecycle.Ptr(now.Add(time.Second))},
	{ID: "closed", AdaptationEndsAt: lifecycle.Ptr(now)},
	{ID: "ours", Custom: true, ExpiresAt: lifecycle.Ptr(now.Add(time.Second))},
}

func foreign(id string, daysAgo int) lifecycle.Version {
	v := own(id, daysAgo, lifecycle.StateRetired)
	v.Foreign = true
	return v
}

func TestRetain(t *testing.T) {
	t.Parallel()
	inUse := own("used", 400, lifecycle.StateFailed)
	inUse.InUse = true
	running := own("running", 400, lifecycle.StateFailed)
	running.Status = "Running"
	cases := []struct {
		name               string
		versions           []lifecycle.Version
		champion, previous string
		keep               int
		kept, deleted      map[string]string
	}{
		{
			"a success lets go what is older than the kept ones",
			[]lifecycle.Version{
				own("new", 0, lifecycle.StateChampion), own("prev", 100, lifecycle.StateRetired),
				own("c2", 200, lifecycle.StateRetired), own("c3", 300, lifecycle.StateRetired), own("bad", 50, lifecycle.StateRejected),
			},
			"new", "prev", 2,
			map[string]string{
				"new": "it is the champion", "prev": "it was the champion before: it stays until the next success",
				"c2": "it is one of the 2 earlier champions that are kept",
			},
			map[string]string{
				"c3":  "it was champion, and 2 later ones are kept",
				"bad": "it was rejected, and training from its base model ended on 2026-11-22: the same cannot be trained again",
			},
		},
		{
			"the previous champion stays with keep 0",
			[]lifecycle.Version{own("new", 0, lifecycle.StateChampion), own("prev", 100, lifecycle.StateRetired), own("c2", 200, lifecycle.StateRetired)},
			"new", "prev", 0,
			map[string]string{"new": "it is the champion", "prev": "it was the champion before: it stays until the next success"},
			map[string]string{"c2": "it was champion, and 0 later ones are kept"},
		},
		{
			"what was tried is remembered as long as it could be trained again",
			[]lifecycle.Version{
				own("champion", 100, lifecycle.StateChampion), ownOf("open", "r1", 0, lifecycle.StateRejected),
				ownOf("open", "f2", 10, lifecycle.StateFailed), ownOf("ours", "b3", 20, lifecycle.StateRolledBack), own("f4", 30, lifecycle.StateFailed),
				ownOf("gone", "b5", 40, lifecycle.StateRolledBack), ownOf("", "r6", 50, lifecycle.StateRejected), own("old", 500, lifecycle.StateRetired),
			},
			"", "", 0,
			map[string]string{
				"champion": "it is the champion",
				"r1":       "it was rejected: as long as its base model can be trained from, the same is not trained again",
				"f2":       "it was failed: as long as its base model can be trained from, the same is not trained again",
				"b3":       "it was rolled back: as long as its base model can be trained from, the same is not trained again",
				"r6":       "it was rejected, and what it was trained from is not known: the same is not trained again",
			},
			map[string]string{
				"f4": "it was failed, and training from its base model ended on 2026-11-22: the same cannot be trained again",
				"b5": "it was rolled back, and its base model is gone: the same cannot be trained again",
			},
		},
		{
			"what an endpoint refers to and what is not terminal stays",
			[]lifecycle.Version{own("new", 0, lifecycle.StateChampion), inUse, running},
			"new", "", 0,
			map[string]string{"new": "it is the champion", "used": "an endpoint refers to it", "running": "it is not terminal, the service would refuse to delete it"},
			nil,
		},
		{
			"a second champion is never deleted",
			[]lifecycle.Version{own("new", 0, lifecycle.StateChampion), own("other", 500, lifecycle.StateChampion)},
			"new", "", 0,
			map[string]string{"new": "it is the champion", "other": "it is marked champion, too: the next check retires the older one"},
			nil,
		},
		{
			"what another home made goes when it is old",
			[]lifecycle.Version{own("new", 0, lifecycle.StateChampion), foreign("young", 90), foreign("old", 91)},
			"new", "", 0,
			map[string]string{"new": "it is the champion", "young": "another installation made it, less than 90d ago: it may still count on it"},
			map[string]string{"old": "it was champion, and 0 later ones are kept; another installation made it, more than 90d ago"},
		},
		{
			"candidates and abandoned ones are the sweep's",
			[]lifecycle.Version{own("new", 0, lifecycle.StateChampion), own("cand", 5, lifecycle.StateCandidate), own("left", 5, lifecycle.StateAbandoned)},
			"new", "", 0,
			map[string]string{"new": "it is the champion"},
			nil,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := lifecycle.Retain(c.versions, lifecycle.RetainQuestion{
				Champion: c.champion, Previous: c.previous, Keep: c.keep, Sources: sources, Now: now,
			})
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
		lifecycle.StateRolledBack, lifecycle.StateFailed, lifecycle.StateAbandoned, lifecycle.StateDeploying,
	}
	rapid.Check(t, func(t *rapid.T) {
		var versions []lifecycle.Version
		for i := range rapid.IntRange(0, 8).Draw(t, "n") {
			v := own(fmt.Sprint(i), rapid.SampledFrom([]int{0, 1, 2, 90, 91}).Draw(t, "age"), rapid.SampledFrom(states).Draw(t, "state"))
			v.InUse, v.Foreign = rapid.Bool().Draw(t, "in use"), rapid.Bool().Draw(t, "foreign")
			v.Status = rapid.SampledFrom([]string{"NotStarted", "Running", "Succeeded", "Failed"}).Draw(t, "status")
			versions = append(versions, v)
		}
		ids := rapid.SampledFrom([]string{"", "0", "1", "2"})
		champion, previous, keep := ids.Draw(t, "champion"), ids.Draw(t, "previous"), rapid.IntRange(0, 3).Draw(t, "keep")
		q := lifecycle.RetainQuestion{Champion: champion, Previous: previous, Keep: keep, Sources: sources, Budget: rapid.Bool().Draw(t, "budget"), Now: now}
		got := lifecycle.Retain(versions, q)
		require.Equal(t, got, lifecycle.Retain(rapid.Permutation(versions).Draw(t, "order"), q))
		for _, d := range got.Delete {
			require.NotEmpty(t, d.Reason)
			require.NotEqual(t, champion, d.ID)
			for _, v := range versions {
				if v.ID != d.ID {
					continue
				}
				require.False(t, v.InUse)
				require.False(t, v.Foreign && now.Sub(*v.CreatedAt) <= lifecycle.ForeignAge)
				require.Contains(t, []string{"Succeeded", "Failed"}, v.Status)
				require.NotContains(t, []lifecycle.State{lifecycle.StateCandidate, lifecycle.StateDeploying, lifecycle.StateAbandoned}, v.State)
				require.NotEqual(t, lifecycle.StateChampion, v.State)
				if v.State == lifecycle.StateRetired {
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
		{
			"near its end", champion(14*lifecycle.Day - time.Second), &newest, "n",
			"the champion Champ expires on 2026-12-06, in less than 14d: after that the base model Newest would serve", true,
		},
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
	better, worse, equal := lifecycle.Ptr(-0.01), lifecycle.Ptr(0.01), lifecycle.Ptr(0.0)
	reject, promote := lifecycle.Reject, lifecycle.Promote
	for name, c := range map[string]struct {
		silence lifecycle.Silence
		want    lifecycle.Decision
	}{
		"reject":                      {lifecycle.Silence{OnTimeout: reject, Difference: better, Verdict: "inconclusive"}, lifecycle.DecideReject},
		"promote":                     {lifecycle.Silence{OnTimeout: promote, Verdict: "inconclusive"}, lifecycle.DecidePromote},
		"last resort and better":      {lifecycle.Silence{OnTimeout: reject, LastResort: true, Difference: better, Verdict: "fail"}, lifecycle.DecidePromote},
		"last resort and equal":       {lifecycle.Silence{OnTimeout: reject, LastResort: true, Difference: equal}, lifecycle.DecideReject},
		"last resort and worse":       {lifecycle.Silence{OnTimeout: reject, LastResort: true, Difference: worse}, lifecycle.DecideReject},
		"last resort without numbers": {lifecycle.Silence{OnTimeout: reject, LastResort: true}, lifecycle.DecideReject},
		"by hand, alive and equal": {
			lifecycle.Silence{OnTimeout: reject, SetByHand: true, Alive: true, Verdict: "pass", Difference: equal},
			lifecycle.DecidePromote,
		},
		"by hand, alive and worse": {
			lifecycle.Silence{OnTimeout: promote, SetByHand: true, Alive: true, Verdict: "pass", Difference: worse},
			lifecycle.DecideReject,
		},
		"by hand, alive and failed": {
			lifecycle.Silence{OnTimeout: promote, SetByHand: true, Alive: true, Verdict: "fail", Difference: better},
			lifecycle.DecideReject,
		},
		"by hand, alive, without numbers": {lifecycle.Silence{OnTimeout: promote, SetByHand: true, Alive: true, Verdict: "pass"}, lifecycle.DecideReject},
		"by hand, alive, at its end, better": {lifecycle.Silence{
			OnTimeout: reject, SetByHand: true, Alive: true,
			LastResort: true, Verdict: "fail", Difference: better,
		}, lifecycle.DecidePromote},
		"by hand, alive, at its end, equal": {lifecycle.Silence{
			OnTimeout: promote, SetByHand: true, Alive: true,
			LastResort: true, Verdict: "pass", Difference: equal,
		}, lifecycle.DecideReject},
		"by hand, a base model and better": {lifecycle.Silence{OnTimeout: reject, SetByHand: true, Verdict: "pass", Difference: better}, lifecycle.DecidePromote},
		"by hand, a base model and equal":  {lifecycle.Silence{OnTimeout: promote, SetByHand: true, Verdict: "pass", Difference: equal}, lifecycle.DecideReject},
		"by hand, expired, last resort, fail": {
			lifecycle.Silence{OnTimeout: promote, SetByHand: true, LastResort: true, Verdict: "fail", Difference: better},
			lifecycle.DecideReject,
		},
		"a person said no before": {lifecycle.Silence{OnTimeout: promote, Bound: true, Verdict: "pass", Difference: better}, lifecycle.DecideReject},
		"a person said no before, last resort": {
			lifecycle.Silence{OnTimeout: promote, Bound: true, LastResort: true, Verdict: "pass", Difference: better},
			lifecycle.DecideReject,
		},
		"a person said no before, by hand": {
			lifecycle.Silence{OnTimeout: promote, Bound: true, SetByHand: true, Alive: true, Verdict: "pass", Difference: better},
			lifecycle.DecideReject,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.silence.Waited = lifecycle.Duration(72 * time.Hour)
			got, reason := lifecycle.Unanswered(c.silence)
			require.Equal(t, c.want, got, reason)
			require.Contains(t, reason, "no answer within 3d")
		})
	}
}

func TestQuestionTime(t *testing.T) {
	t.Parallel()
	r := lifecycle.DefaultRequest()
	left := func(d time.Duration) *lifecycle.Model {
		return &lifecycle.Model{Custom: true, ExpiresAt: lifecycle.Ptr(now.Add(d))}
	}
	for name, c := range map[string]struct {
		champion *lifecycle.Model
		want     time.Duration
	}{
		"none":             {nil, 72 * time.Hour},
		"far":              {left(74 * time.Hour), 72 * time.Hour},
		"near":             {left(50 * time.Hour), 48 * time.Hour},
		"nearer":           {left(2 * time.Hour), 0},
		"nearest":          {left(time.Hour), 0},
		"expired":          {left(0), 72 * time.Hour},
		"without an end":   {&lifecycle.Model{Custom: true}, 72 * time.Hour},
		"a base, about to": {&lifecycle.Model{ExpiresAt: lifecycle.Ptr(now.Add(time.Hour))}, 72 * time.Hour},
	} {
		require.Equal(t, lifecycle.Duration(c.want), lifecycle.QuestionTime(c.champion, r, now), name)
	}
}

func TestNearEnd(t *testing.T) {
	t.Parallel()
	r := lifecycle.DefaultRequest() // lastResort 14 d + approval 3 d + evaluation 1 d
	left := func(d time.Duration) *lifecycle.Model { return &lifecycle.Model{ExpiresAt: lifecycle.Ptr(now.Add(d))} }
	near := (r.LastResort.Before + r.Approval.Timeout + r.Limits.Evaluation).Std()
	require.False(t, lifecycle.NearEnd(nil, r, now))
	require.False(t, lifecycle.NearEnd(&lifecycle.Model{}, r, now))
	require.False(t, lifecycle.NearEnd(left(near), r, now))
	require.True(t, lifecycle.NearEnd(left(near-time.Second), r, now))
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
	good := lifecycle.Version{
		ID: "a", Status: "Succeeded", State: lifecycle.StateRetired, CreatedAt: lifecycle.Ptr(now),
		ExpiresAt: lifecycle.Ptr(now.Add(time.Hour)),
	}
	require.Empty(t, lifecycle.RefuseRollback(good, true, now))
	require.Equal(t, "is not a version of this model made by this installation", lifecycle.RefuseRollback(good, false, now))
	expired, rejected, failed := good, good, good
	expired.ExpiresAt, rejected.State, failed.Status = lifecycle.Ptr(now), lifecycle.StateRejected, "Failed"
	require.Equal(t, "expired on 2026-11-22", lifecycle.RefuseRollback(expired, true, now))
	require.Equal(t, "is rejected: only a version that was champion may serve again", lifecycle.RefuseRollback(rejected, true, now))
	require.Equal(t, "has status Failed, not Succeeded", lifecycle.RefuseRollback(failed, true, now))
	older := good
	older.ID, older.CreatedAt = "older", lifecycle.Ptr(now.AddDate(0, 0, -1))
	target, none := lifecycle.ChooseRollback([]lifecycle.Version{older, expired, good, rejected}, lifecycle.ServedNow{}, now)
	require.Empty(t, none)
	require.Equal(t, "a", target.ID)
	_, none = lifecycle.ChooseRollback([]lifecycle.Version{expired}, lifecycle.ServedNow{}, now)
	require.Equal(t, "there is no earlier champion that has not expired", none)
	require.NotEmpty(t, lifecycle.RefuseRollbackNow(lifecycle.StageDeploy))
	require.NotEmpty(t, lifecycle.RefuseRollbackNow(lifecycle.StageVerify))
	require.Empty(t, lifecycle.RefuseRollbackNow(lifecycle.StageTrain))
	require.Empty(t, lifecycle.RefuseRollbackNow(""))
}

// Going back means to the champion when somebody has set its endpoint to what is none, and else to the one before.
func TestChooseRollbackByWhatServes(t *testing.T) {
	t.Parallel()
	of := func(id string, state lifecycle.State, daysAgo int) lifecycle.Version {
		return lifecycle.Version{
			ID: id, Status: "Succeeded", State: state, CreatedAt: lifecycle.Ptr(now.AddDate(0, 0, -daysAgo)),
			ExpiresAt: lifecycle.Ptr(now.Add(time.Hour)),
		}
	}
	versions := []lifecycle.Version{of("v3", lifecycle.StateDeploying, 1), of("v2", lifecycle.StateChampion, 2), of("v1", lifecycle.StateRetired, 3)}
	for name, c := range map[string]struct {
		served lifecycle.ServedNow
		want   string
	}{
		"without an endpoint":           {lifecycle.ServedNow{}, "v1"},
		"the champion serves":           {lifecycle.ServedNow{Endpoint: true, ModelID: "v2"}, "v1"},
		"an earlier one serves by hand": {lifecycle.ServedNow{Endpoint: true, ModelID: "v1"}, "v1"},
		"a base model serves by hand":   {lifecycle.ServedNow{Endpoint: true, ModelID: "base"}, "v2"},
		"nothing serves":                {lifecycle.ServedNow{Endpoint: true}, "v2"},
		"one that is not marked serves": {lifecycle.ServedNow{Endpoint: true, ModelID: "v3"}, "v2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, none := lifecycle.ChooseRollback(versions, c.served, now)
			require.Empty(t, none)
			require.Equal(t, c.want, target.ID)
		})
	}
}

// Twenty are remembered, whatever becomes of them, and the earlier champions are not counted among them.
func TestRetainRemembersTwenty(t *testing.T) {
	t.Parallel()
	versions := []lifecycle.Version{own("new", 0, lifecycle.StateChampion)}
	for i := range 22 {
		versions = append(versions, ownOf("open", fmt.Sprintf("r%02d", i), 10+i, lifecycle.StateRejected))
	}
	versions = append(versions, own("c1", 100, lifecycle.StateRetired))
	got := lifecycle.Retain(versions, lifecycle.RetainQuestion{Champion: "new", Keep: 1, Sources: sources, Now: now})
	require.Equal(t, map[string]string{
		"r20": "it was rejected, and so were 20 later ones", "r21": "it was rejected, and so were 20 later ones",
	}, reasonsOf(got.Delete))
	require.Contains(t, reasonsOf(got.Keep), "c1")
}

// A budget counts what was trained in the month: nothing of it is deleted before the next.
func TestRetainKeepsWhatABudgetCounts(t *testing.T) {
	t.Parallel()
	ofMonth := func(id string, at time.Time) lifecycle.Version {
		v := own(id, 0, lifecycle.StateRejected)
		v.CreatedAt = &at
		return v
	}
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	versions := []lifecycle.Version{ofMonth("this", first), ofMonth("last", first.Add(-time.Second))}
	q := lifecycle.RetainQuestion{Sources: sources, Budget: true, Now: now}
	require.Equal(t, map[string]string{"this": "it was trained in this month, whose budget counts it"}, reasonsOf(lifecycle.Retain(versions, q).Keep))
	q.Budget = false
	require.Len(t, lifecycle.Retain(versions, q).Delete, 2)
}

func TestJudgeRejected(t *testing.T) {
	t.Parallel()
	n := lifecycle.Ptr[int64]
	for name, tc := range map[string]struct {
		accepted, rejected *int64
		refusal, warning   string
	}{
		"equality passes":     {accepted: n(95), rejected: n(5)},
		"more than the limit": {n(94), n(6), "6 of its 100 lines were rejected (6.0 %), more than the 5.0 % allowed", ""},
		"20 lines":            {n(18), n(2), "2 of its 20 lines were rejected (10.0 %), more than the 5.0 % allowed", ""},
		"19 lines": {
			n(0), n(19), "",
			"19 of its 19 lines were rejected (100.0 %), more than the 5.0 % allowed; it is used all the same, as it has fewer than 20 lines",
		},
		"one line": {
			n(0), n(1), "",
			"1 of its 1 line was rejected (100.0 %), more than the 5.0 % allowed; it is used all the same, as it has fewer than 20 lines",
		},
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
