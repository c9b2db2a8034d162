package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// What this month and the last have cost is counted over all models of this owner, at the prices of the request: what is
// charged, what goes on, and what was measured. Others' work is theirs.
func TestWhatAMonthHasCost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := b.service.Now().UTC()
	first := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	b.advance(first.Add(-24 * time.Hour).Sub(now))
	b.version("of last month", made{marks: ours("sr.state", "retired", "sr.verdict", "pass; h:7")})
	b.advance(first.Add(48 * time.Hour).Sub(b.service.Now()))

	champion := b.version("champion", made{marks: ours("sr.state", "champion", "sr.verdict", "pass; 0.1 vs 0.2; h:3")})
	b.version("another model", made{marks: ours("sr.model", "till", "sr.verdict", "fail; h:2")})
	b.version("somebody's", made{marks: map[string]string{"sr.owner": "theirs", "sr.verdict": "pass; h:50"}})
	free, err := b.service.ReleaseBaseModel(emulator.BaseModel{Locale: "de-DE", Charge: lifecycle.Ptr(false)})
	require.NoError(t, err)
	b.bases["de-DE"] = b.hand.Ref(speech.KindBaseModel, free)
	b.version("not charged", made{locale: "de-DE", marks: ours("sr.verdict", "pass; h:60")})
	b.evaluation("ours", made{second: champion, marks: ours()})
	b.evaluation("theirs", made{second: champion, marks: map[string]string{"sr.owner": "theirs"}})
	b.version("goes on", made{hangs: true, marks: ours("sr.model", "till", "sr.state", "candidate")})
	b.advance(4*time.Hour - time.Minute)

	seen := func(budget *lifecycle.Budget) activities.ModelObserved {
		t.Helper()
		request := lifecycle.DefaultRequest()
		request.Name, request.Locale, request.Renew.Budget = "desk", "en-US", budget
		request.Renew.Prices.TrainingHour = lifecycle.Ptr(2.0)
		request.Training = []lifecycle.Data{{Dataset: "text of en-US"}}
		request.Tests = []lifecycle.Test{{Data: lifecycle.Data{Dataset: "calls of en-US"}}}
		var o activities.ModelObserved
		require.NoError(t, b.run(b.doing.ObserveModel, activities.ObserveModelInput{Scope: scope(), Request: request}, &o))
		return o
	}
	o := seen(&lifecycle.Budget{Month: 100})
	require.Equal(t, "ours", o.Owner)
	require.Nil(t, o.Training[0].AudioHours, "text has none")
	audio := o.Tests[0].AudioHours
	require.NotNil(t, audio)
	require.Positive(t, *audio)

	require.Equal(t, 3, o.Spent.Trainings, o.Spent.Formula)
	require.InDelta(t, 3+2+4, o.Spent.TrainingHours, 1e-6, o.Spent.Formula)
	require.Equal(t, 1, o.Spent.Evaluations)
	require.InDelta(t, *audio, o.Spent.AudioHours, 1e-9)
	require.InDelta(t, 9*2+*audio*2*0.225, o.Spent.Amount, 1e-6, o.Spent.Formula)
	require.Equal(t, 1, o.SpentBefore.Trainings)
	require.InDelta(t, 7*2, o.SpentBefore.Amount, 1e-9, o.SpentBefore.Formula)

	o = seen(nil)
	require.Nil(t, o.Spent, "without a budget nobody counts")
	require.Nil(t, o.SpentBefore)
	require.Equal(t, "ours", o.Owner)
}
