package lifecycle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// same is the question that is asked of desk in the tests: it has no tests, so nothing is compared.
func same() string { return "q:" + lifecycle.Question(desk(), "", nil) }

// tried puts a version before the others that was trained from base-1 and text so many days ago, and what is known of it.
func tried(o *lifecycle.Observed, name string, state lifecycle.State, ago int, verdict string) *lifecycle.Version {
	v := trained(name, state, ago, 700)
	v.Verdict = verdict
	o.Versions = append([]lifecycle.Version{v}, o.Versions...)
	return &o.Versions[0]
}

// failedTraining is one whose training failed so many hours ago.
func failedTraining(o *lifecycle.Observed, name string, hours int) {
	v := tried(o, name, lifecycle.StateFailed, 0, "")
	v.Status, v.ExpiresAt = "Failed", nil
	v.EndedAt = lifecycle.Ptr(noon.Add(-time.Duration(hours) * time.Hour))
	v.CreatedAt = lifecycle.Ptr(v.EndedAt.Add(-2 * time.Hour))
}

// renewed lets v2, made so many days ago, have taken the place of v1, which expires so many days from now.
func renewed(o *lifecycle.Observed, ago, left, before int) {
	o.Versions = []lifecycle.Version{trained("v2", lifecycle.StateChampion, ago, left), trained("v1", lifecycle.StateRetired, 300, before)}
	o.Versions[0].EndedAt = o.Versions[0].CreatedAt
	o.Serving = serving(o.Versions[0])
	o.Endpoint.ModelID = o.Serving.ID
}

// The last word of a person is the answer, whatever the numbers came to.
func TestAPersonsWordIsTheAnswer(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"":                 "yes", // what the table makes of a pass
		lifecycle.SaidYes:  "yes",
		lifecycle.SaidNo:   "no",
		lifecycle.SaidBack: "no",
	} {
		for _, verdict := range []string{"pass", "inconclusive", "fail"} {
			if word == "" && verdict != "pass" {
				continue
			}
			record := lifecycle.ReadRecord(verdict + "; 0.100 vs 0.110; " + same())
			if word != "" {
				record = record.Says(word, "ann", "heard it")
			}
			v := trained("v1", lifecycle.StateRetired, 5, 700)
			v.Verdict = record.String()
			judged := lifecycle.JudgedBefore(v, desk(), record.Question)
			require.Equal(t, want, judged.Answer, "%s, %s: %s", verdict, word, v.Verdict)
		}
	}
}

// Each training has to earn its price: what was tried is no reason again.
func TestDueAsksWhatATrainingWouldEarn(t *testing.T) {
	t.Parallel()
	none := func(o *lifecycle.Observed) { o.Versions, o.Serving, o.Endpoint = nil, nil, nil }
	newer := func(o *lifecycle.Observed) { o.Bases = append(o.Bases, base("base-2", 1)) }
	day := func(days float64) time.Time { return noon.Add(time.Duration(days * 24 * float64(time.Hour))) }
	tests := map[string]struct {
		change func(*lifecycle.Observed, *lifecycle.Request)
		due    bool
		cause  string
		reason string
		next   time.Time
		stuck  string
	}{
		"a first version that did not pass": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				none(o)
				tried(o, "v1", lifecycle.StateRejected, 5, "untested; "+same())
			}, false, "first", "nothing is left to try: v1 was judged by the same question already",
			time.Time{},
			"no version of the model has served yet: nothing is left",
		},
		"... and is asked another question": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				none(o)
				tried(o, "v1", lifecycle.StateRejected, 5, "untested; q:00000000")
			}, true, "first", "no version of the model has served yet", time.Time{}, "",
		},
		"... and a newer base": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				none(o)
				newer(o)
				tried(o, "v1", lifecycle.StateRejected, 5, "untested; "+same())
			}, true, "first", "no version of the model has served yet", time.Time{}, "",
		},
		"a first version that a person let serve, and whose deployment failed": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				none(o)
				tried(o, "v1", lifecycle.StateFailed, 5, "untested; "+same()+"; n:1@2026-06-01T11:30Z; yes by ann: go")
			}, false, "first", "waiting until 2026-06-01: an evaluation or deployment of v1 has failed once", noon.Add(30 * time.Minute), "",
		},
		"... an hour later": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				none(o)
				tried(o, "v1", lifecycle.StateFailed, 5, "untested; "+same()+"; n:1@2026-06-01T11:00Z; yes by ann: go")
			}, true, "first", "no version", time.Time{}, "",
		},
		"... twice": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				none(o)
				tried(o, "v1", lifecycle.StateFailed, 5, "n:2@2026-06-01T11:00Z")
			}, false, "first", "has failed 2 times", noon.Add(5 * time.Hour), "",
		},
		"... ten times": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				none(o)
				tried(o, "v1", lifecycle.StateFailed, 5, "n:10@2026-06-01T11:00Z")
			}, false, "first", "has failed 10 times", noon.Add(23 * time.Hour), "",
		},
		"a question that nobody answered": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 30)
				tried(o, "v2", lifecycle.StateRejected, 5, "inconclusive; "+same()+"; unanswered@2026-05-29")
			}, false, "expiry", "nobody has answered what is to become of v2 by 2026-05-29", day(3.5), "",
		},
		"... a week ago": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 30)
				tried(o, "v2", lifecycle.StateRejected, 5, "inconclusive; "+same()+"; unanswered@2026-05-25")
			}, true, "expiry", "the champion v1 expires", time.Time{}, "",
		},
		"... and the question is another": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 30)
				tried(o, "v2", lifecycle.StateRejected, 5, "inconclusive; q:00000000; unanswered@2026-05-29")
			}, true, "expiry", "the champion v1 expires", time.Time{}, "",
		},
		"the ordinary renewal of a champion by its own input": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 30)
				o.Versions[0].Verdict = "untested; " + same() + "; no by ann: nobody asks the champion"
			}, true, "expiry", "the champion v1 expires", time.Time{}, "",
		},
		"rejected near an expiry": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 30)
				tried(o, "v2", lifecycle.StateRejected, 5, "untested; "+same())
			}, false, "expiry", "it is tried again on 2026-06-17, as last resort", day(16), "the champion v1 expires on 2026-07-01",
		},
		"rejected near an expiry, but it would not outlive the champion": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 30)
				tried(o, "v2", lifecycle.StateRejected, 5, "untested; "+same()).ExpiresAt = lifecycle.Ptr(day(59))
			}, false, "expiry", "v2 was trained within the lead", day(12.5625), "v2 was trained within the lead and expires hardly later than v1",
		},
		"... and half of the time that was left has passed, too": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 12)
				tried(o, "v2", lifecycle.StateRejected, 20, "untested; "+same()).ExpiresAt = lifecycle.Ptr(day(41))
			}, true, "expiry", "the champion v1 expires", time.Time{}, "when half of the time left has passed",
		},
		"rejected near an expiry, and an older base is there": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 30)
				tried(o, "v2", lifecycle.StateRejected, 5, "untested; "+same())
				o.Bases = append(o.Bases, base("base-0", 200))
			}, true, "expiry", "the champion v1 expires", time.Time{}, "",
		},
		"rejected with the newest three": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 30)
				for i := range 4 {
					id := fmt.Sprint("old-", i)
					o.Bases = append(o.Bases, base(id, 200+i))
					v := tried(o, "v"+id, lifecycle.StateRejected, 5, "untested; "+same())
					v.BaseModelID, v.Input = id, lifecycle.InputMark(id, []string{"text"})
				}
				o.Bases = o.Bases[1:]
			}, false, "expiry", "so were 2 other base models", day(16), "the champion v1 expires on 2026-07-01",
		},
		"a newer base, rejected": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) { rollBack(o, "base-2", "text") }, false, "", "current", day(264).Add(-4 * time.Hour), "",
		},
		"a newer base, rejected by another question": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				rollBack(o, "base-2", "text")
				o.Versions[0].Verdict = "fail; q:00000000"
			}, true, "base", "the base model base-2", time.Time{}, "",
		},
		"a training that failed this morning": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 30)
				failedTraining(o, "v2", 6)
			}, false, "expiry", "the training of this base model and data has failed once", noon.Add(18 * time.Hour), "",
		},
		"a training that failed yesterday": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 30)
				failedTraining(o, "v2", 24)
			}, true, "expiry", "the champion v1 expires", time.Time{}, "",
		},
		"trainings that failed three times": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 38)
				failedTraining(o, "v2", 80)
				failedTraining(o, "v3", 48)
				failedTraining(o, "v4", 24)
				o.Training[0].Content = "text"
			}, false, "", "current", time.Time{}, "",
		},
		"trainings that failed six times": {
			func(o *lifecycle.Observed, r *lifecycle.Request) {
				expire(o, 100)
				r.Renew.Before = lifecycle.Duration(110 * aDay)
				for i := range 6 {
					failedTraining(o, fmt.Sprint("f", i), 24*(6-i))
				}
			}, false, "expiry", "has failed 6 times", day(15), "it is tried again on 2026-06-16",
		},
		"trainings that failed six times, and the end is near": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 25)
				for i := range 6 {
					failedTraining(o, fmt.Sprint("f", i), 24*(6-i))
				}
			}, false, "expiry", "has failed 6 times", day(25 - 20).Add(-3 * time.Hour), "it is tried again on 2026-06-06",
		},
		"a renewal within the lead that has moved nothing": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) { renewed(o, 1, 29, 20) }, false, "", "current", day(14), "v2 was trained within the lead and " +
				"expires hardly later than v1 (2026-06-30, 2026-06-21); the same is trained again on 2026-06-15, when half of the time left has passed",
		},
		"... and half of the time that was left has passed": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) { renewed(o, 15, 15, 1) }, true, "expiry", "the champion v2 expires",
			time.Time{},
			"when half of the time left has passed",
		},
		"... but a newer base is out": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				renewed(o, 1, 29, 20)
				newer(o)
			}, true, "base", "the base model base-2", time.Time{}, "",
		},
		"a renewal before the lead that has moved nothing": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) { renewed(o, 80, 20, 20) }, true, "expiry", "the champion v2 expires", time.Time{}, "",
		},
		"a renewal within the lead that has moved the expiry": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) { renewed(o, 1, 40, 10) }, false, "", "current", time.Time{}, "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, r := calm(), desk()
			r.Renew.Window = 0
			tt.change(&o, &r)
			answer := lifecycle.Due(o, r)
			require.Equal(t, tt.due, answer.Due, answer.Reason)
			require.Contains(t, answer.Reason, tt.reason)
			require.Equal(t, tt.cause, answer.Cause)
			if !tt.next.IsZero() {
				require.NotNil(t, answer.NextCheck)
				require.Equal(t, tt.next, *answer.NextCheck)
			} else if tt.due {
				require.Nil(t, answer.NextCheck)
			}
			if tt.stuck == "" {
				require.Empty(t, answer.Stuck)
			} else {
				require.Contains(t, answer.Stuck, tt.stuck)
			}
		})
	}
}

// A newer base that was tried in vain does not hide the day on which a still newer one is old enough.
func TestATriedBaseHidesNoYoungerOne(t *testing.T) {
	t.Parallel()
	o, r := calm(), desk()
	r.BaseModel.MinAge = lifecycle.Duration(14 * aDay)
	o.Bases = append(o.Bases, base("base-2", 20), base("base-3", 1))
	v := tried(&o, "v2", lifecycle.StateRejected, 5, "fail; "+same())
	v.BaseModelID, v.Input = "base-2", lifecycle.InputMark("base-2", []string{"text"})
	answer := lifecycle.Due(o, r)
	require.False(t, answer.Due, answer.Reason)
	require.Contains(t, answer.Reason, "current")
	require.Equal(t, noon.Add(13*aDay), *answer.NextCheck)
}
