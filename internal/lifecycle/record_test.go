package lifecycle_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

func approval(said lifecycle.Answer, reason string) *lifecycle.ApprovalReport {
	return &lifecycle.ApprovalReport{By: "ann", Reason: reason, At: now, Answer: said}
}

func TestRecordOfADecision(t *testing.T) {
	t.Parallel()
	rate, compared := lifecycle.Ptr(0.112), lifecycle.Ptr(0.131)
	pass := &lifecycle.Verdict{Result: "pass"}
	for want, record := range map[string]lifecycle.Record{
		"pass; 0.112 vs 0.131":                         lifecycle.NewRecord(pass, rate, compared, nil),
		"fail; 0.112 vs 0.131; yes by ann: we need it": lifecycle.NewRecord(&lifecycle.Verdict{Result: "fail"}, rate, compared, approval("approved", "we need it")),
		"pass; 0.112 vs 0.131; no by ann: we heard it": lifecycle.NewRecord(pass, rate, compared, approval("rejected", "we heard it")),
		"pass; 0.112 vs 0.131; unanswered@2026-11-22":  lifecycle.NewRecord(pass, rate, compared, approval("timeout", "no answer")),
		"untested":     lifecycle.NewRecord(nil, nil, nil, nil),
		"inconclusive": lifecycle.NewRecord(&lifecycle.Verdict{Result: "inconclusive"}, rate, nil, nil),
	} {
		require.Equal(t, want, record.String())
	}
	long := lifecycle.NewRecord(pass, rate, compared, approval("approved", strings.Repeat("long ", 100)))
	long.Question, long.Serves, long.Hours = "1a2b3c4d", now, 5.5
	long.Failures, long.FailedAt = 2, now
	require.Len(t, []rune(long.String()), lifecycle.MaxMarkValue)
	require.Equal(t, long.Question, lifecycle.ReadRecord(long.String()).Question, "the reason is cut first")
}

func TestReadRecord(t *testing.T) {
	t.Parallel()
	mark := "pass; 0.112 vs 0.131; q:1a2b3c4d; at:2026-11-27; h:5.5; n:2@2026-11-29T03:10Z; yes by ann: fine; no by nobody"
	r := lifecycle.ReadRecord(mark)
	require.Equal(t, mark, r.String())
	require.Equal(t, "pass", r.Verdict)
	require.Equal(t, "0.112 vs 0.131", r.Rates)
	require.Equal(t, "1a2b3c4d", r.Question)
	require.Equal(t, time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC), r.Serves)
	require.InDelta(t, 5.5, r.Hours, 0)
	require.Equal(t, 2, r.Failures)
	require.Equal(t, time.Date(2026, 11, 29, 3, 10, 0, 0, time.UTC), r.FailedAt)
	require.Equal(t, "yes", r.Said)
	require.Equal(t, "ann: fine; no by nobody", r.By)
	// A word of a person takes the place of the one before, whatever that reason held, and of a question nobody answered.
	require.Equal(t, "pass; 0.112 vs 0.131; q:1a2b3c4d; at:2026-11-27; h:5.5; n:2@2026-11-29T03:10Z; back by bob: worse", r.Says("back", "bob", "worse").String())
	require.Equal(t, "fail; no by bob: x", lifecycle.ReadRecord("fail; unanswered@2026-11-22").Says("no", "bob", "x").String())
	require.Equal(t, "back by bob: worse", lifecycle.ReadRecord("").Says("back", "bob", "worse").String())
	// What is not understood is kept, and no reason to fail.
	for _, odd := range []string{"", "something else", "pass; h:many", "n:x@y", "at:tomorrow", "unanswered@never", "pass; fail", "; ;"} {
		require.Equal(t, strings.Trim(odd, "; "), strings.Trim(lifecycle.ReadRecord(odd).String(), "; "), odd)
	}
}

// A person reads a decision in words, never the mark.
func TestDecisionInWords(t *testing.T) {
	t.Parallel()
	for mark, want := range map[string]struct{ decision, sentence string }{
		"pass; 0.022 vs 0.042; q:1a2b3c4d; yes by ann: good; at last": {"pass: 2.2 % against 4.2 % (yes by ann: good; at last)", ""},
		"fail; 0.170 vs 0.110; no by ann: worse":                      {"fail: 17.0 % against 11.0 % (no by ann: worse)", ""},
		"pass; 0.112 vs 0.131; back by bob: names are wrong":          {"pass: 11.2 % against 13.1 % (rolled back by bob: names are wrong)", ""},
		"inconclusive; unanswered@2026-11-22":                         {"inconclusive (nobody had answered by 2026-11-22)", ""},
		"untested; at:2026-11-27":                                     {"not tested", "not tested; came into service on 2026-11-27"},
		"pass; 0.112 vs 0.131; at:2026-11-27; h:5.5; n:2@2026-11-29T03:10Z": {
			"pass: 11.2 % against 13.1 %", "pass: 11.2 % against 13.1 %; came into service on 2026-11-27; trained for 5.5 h; " +
				"its evaluation or deployment failed 2 times, the last time on 2026-11-29 03:10 UTC",
		},
		"pass; h:0.25; n:1@2026-11-29T03:10Z": {"pass", "pass; trained for 15 min; its evaluation or deployment failed once, the last time on 2026-11-29 03:10 UTC"},
		"pass; h:0.002":                       {"pass", "pass; trained for less than a minute"},
		"back by bob: worse":                  {"rolled back by bob: worse", ""},
		"0.112 vs 0.131":                      {"11.2 % against 13.1 %", ""},
		"pass; 0.1x vs y":                     {"pass: 0.1x vs y", ""},
		"pass; 0.112 vs 0.131; ann: checked":  {"pass: 11.2 % against 13.1 %", "pass: 11.2 % against 13.1 %; ann: checked"},
		"q:1a2b3c4d":                          {"", ""},
		"":                                    {"", ""},
		"something else":                      {"", "something else"},
	} {
		r := lifecycle.ReadRecord(mark)
		require.Equal(t, want.decision, r.Decision(), mark)
		if want.sentence == "" {
			want.sentence = want.decision
		}
		require.Equal(t, want.sentence, r.Sentence(), mark)
	}
}

func TestRecordReport(t *testing.T) {
	t.Parallel()
	require.Nil(t, lifecycle.ReadRecord("").Report())
	r := lifecycle.ReadRecord("pass; 0.112 vs 0.131; q:1a2b3c4d; at:2026-11-27; h:5.5; n:2@2026-11-29T03:10Z; yes by ann: fine: really").Report()
	require.Equal(t, &lifecycle.RecordReport{
		Verdict: lifecycle.Ptr("pass"), WordErrorRate: lifecycle.Ptr(0.112), Compared: lifecycle.Ptr(0.131),
		Answer: lifecycle.Ptr("yes"), By: lifecycle.Ptr("ann"), Reason: lifecycle.Ptr("fine: really"),
		ServesSince: lifecycle.Ptr(time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)), TrainingHours: lifecycle.Ptr(5.5),
		Failures: 2, FailedAt: lifecycle.Ptr(time.Date(2026, 11, 29, 3, 10, 0, 0, time.UTC)), Text: r.Text,
	}, r)
	silent := lifecycle.ReadRecord("fail; unanswered@2026-11-22").Report()
	require.Equal(t, &lifecycle.RecordReport{
		Verdict: lifecycle.Ptr("fail"), UnansweredAt: lifecycle.Ptr(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)), Text: silent.Text,
	}, silent)
}

// Whatever a mark holds, reading and writing it changes nothing of what is understood.
func TestRecordsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := lifecycle.Record{
			Verdict: rapid.SampledFrom([]string{"", "pass", "fail", "inconclusive", "untested"}).Draw(t, "verdict"),
			Rates:   rapid.SampledFrom([]string{"", "0.112 vs 0.131"}).Draw(t, "rates"), Question: rapid.StringMatching("([0-9a-f]{8})?").Draw(t, "q"),
			Hours: float64(rapid.IntRange(0, 200000).Draw(t, "h")) / 1000,
		}
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), 0).UTC()
		if rapid.Bool().Draw(t, "serves") {
			r.Serves = at.Truncate(24 * time.Hour)
		}
		if r.Failures = rapid.IntRange(0, 99).Draw(t, "n"); r.Failures > 0 {
			r.FailedAt = at.Truncate(time.Minute)
		}
		switch r.Said = rapid.SampledFrom([]string{"", "yes", "no", "back"}).Draw(t, "said"); {
		case r.Said != "":
			r.By = rapid.StringMatching("[a-z]{1,8}: [a-z;:@ ]{0,40}").Draw(t, "by")
		case rapid.Bool().Draw(t, "unanswered"):
			r.Unanswered = at.Truncate(24 * time.Hour)
		}
		if got := lifecycle.ReadRecord(r.String()); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", r) {
			t.Fatalf("%q\n%+v\n%+v", r.String(), got, r)
		}
	})
}

func TestQuestion(t *testing.T) {
	t.Parallel()
	asked := func(change func(r *lifecycle.Request)) string {
		r := lifecycle.DefaultRequest()
		r.Tests = []lifecycle.Test{{Data: lifecycle.Data{Name: "a"}, MinWords: 50}, {Data: lifecycle.Data{Name: "b"}, MinWords: 50, Strict: true}}
		change(&r)
		return lifecycle.Question(r, "champion", []string{"one", "two", "three"})
	}
	same := asked(func(*lifecycle.Request) {})
	require.Regexp(t, "^[0-9a-f]{8}$", same)
	for name, change := range map[string]func(r *lifecycle.Request){
		"a name":        func(r *lifecycle.Request) { r.Tests[0].Name, r.Description, r.Keep = "other", "text", 7 },
		"an inspection": func(r *lifecycle.Request) { r.Tests = append(r.Tests, lifecycle.Test{Inspect: true}) },
		"a default, spelt out": func(r *lifecycle.Request) {
			r.Tests[0].MaxRegression, r.Tests[0].MaxDrift, r.Tests[0].MinWords = lifecycle.Ptr(0.005), lifecycle.Ptr(0.01), 0
		},
		"how long is waited":  func(r *lifecycle.Request) { r.Approval.Timeout, r.Limits.Evaluation = 1, 1 },
		"what silence means":  func(r *lifecycle.Request) { r.Approval.OnTimeout = lifecycle.Promote },
		"the training's data": func(r *lifecycle.Request) { r.Training = []lifecycle.Data{{Name: "x"}} },
	} {
		require.Equal(t, same, asked(change), name)
	}
	for name, change := range map[string]func(r *lifecycle.Request){
		"a limit":                func(r *lifecycle.Request) { r.Tests[0].MaxWordErrorRate = lifecycle.Ptr(0.2) },
		"another limit":          func(r *lifecycle.Request) { r.Tests[0].MaxRegression = lifecycle.Ptr(0.2) },
		"a third":                func(r *lifecycle.Request) { r.Tests[0].MinImprovementOverBase = lifecycle.Ptr(0.2) },
		"words":                  func(r *lifecycle.Request) { r.Tests[0].MinWords = 51 },
		"a drift":                func(r *lifecycle.Request) { r.Tests[0].MaxDrift = lifecycle.Ptr(0.02) },
		"strict":                 func(r *lifecycle.Request) { r.Tests[0].Strict = true },
		"one test less":          func(r *lifecycle.Request) { r.Tests = r.Tests[:1] },
		"when a person is asked": func(r *lifecycle.Request) { r.Approval.When = lifecycle.WhenNever },
		"untested":               func(r *lifecycle.Request) { r.Untested = lifecycle.Promote },
	} {
		require.NotEqual(t, same, asked(change), name)
	}
	r := lifecycle.DefaultRequest()
	r.Tests = []lifecycle.Test{{MinWords: 50}}
	require.NotEqual(t, lifecycle.Question(r, "a", []string{"one"}), lifecycle.Question(r, "b", []string{"one"}))
	require.NotEqual(t, lifecycle.Question(r, "a", []string{"one"}), lifecycle.Question(r, "a", []string{"two"}))
	r.Tests = nil
	require.Equal(t, lifecycle.Question(r, "a", nil), lifecycle.Question(r, "b", nil), "without tests nothing is compared")
}
