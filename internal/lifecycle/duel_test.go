package lifecycle_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// against is a challenger's measurement against the champion's.
func against(challenger, champion lifecycle.Measurement) lifecycle.Measured {
	return lifecycle.Measured{Challenger: challenger, Compared: champion, ComparedWith: "the champion", Version: "v"}
}

func TestDrift(t *testing.T) {
	t.Parallel()
	const enough = 100_000 // a test of 100,000 words at 10 % shows ±0.3 points
	best := &lifecycle.BestRate{Content: "1a2b3c4d", Rate: 0.1, Words: 2310}
	cases := []struct {
		name       string
		test       lifecycle.Test
		challenger lifecycle.Measurement
		best       *lifecycle.BestRate
		lastResort bool
		want       lifecycle.VerdictKind
		reason     string
	}{
		{
			"a point above the best",
			lifecycle.Test{},
			measured(11_000, enough), best, false, "pass",
			"11.0 % against 10.8 % of the champion: +0.2 points, at most +0.5 points allowed",
		},
		{
			"more than a point above the best",
			lifecycle.Test{},
			measured(11_010, enough), best, false, "inconclusive",
			"11.0 % is +1.0 points above the best that a champion has had here, 10.0 % in 2310 words: more than 1.0 points (maxDrift); small steps add up",
		},
		{
			"more than the request allows",
			lifecycle.Test{MaxDrift: lifecycle.Ptr(0.005)},
			measured(10_600, enough), best, false, "inconclusive",
			"10.6 % is +0.6 points above the best that a champion has had here, 10.0 % in 2310 words: more than 0.5 points (maxDrift); small steps add up",
		},
		{"the request allows more", lifecycle.Test{MaxDrift: lifecycle.Ptr(0.02)}, measured(11_200, enough), best, false, "pass", ""},
		{"nothing is known of the best", lifecycle.Test{}, measured(11_200, enough), nil, false, "pass", ""},
		{"the last resort", lifecycle.Test{}, measured(11_200, enough), best, true, "pass", ""},
		{
			"a limit that fails is no question of drift",
			lifecycle.Test{},
			measured(12_000, enough), best, false, "fail",
			"12.0 % against 10.8 % of the champion: +1.2 points, at most +0.5 points allowed",
		},
		{
			"an absolute limit that holds",
			lifecycle.Test{MaxWordErrorRate: lifecycle.Ptr(0.3)},
			measured(12_000, enough), best, false, "inconclusive",
			"12.0 % is +2.0 points above the best that a champion has had here, 10.0 % in 2310 words: more than 1.0 points (maxDrift); small steps add up",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := against(c.challenger, measured(10_800, enough))
			m.Best, m.LastResort = c.best, c.lastResort
			got := lifecycle.Judge(c.test, m)
			require.Equal(t, c.want, got.Verdict, got.Reason)
			if c.reason != "" {
				require.Equal(t, c.reason, got.Reason)
			}
			if c.best == nil {
				require.Nil(t, got.Best)
				return
			}
			require.InDelta(t, 0.1, *got.Best, 1e-12)
		})
	}
}

// What the words of a test cannot show is no drift.
func TestDriftOfFewWords(t *testing.T) {
	t.Parallel()
	m := against(measured(60, 500), measured(60, 500))
	m.Best = &lifecycle.BestRate{Rate: 0.1, Words: 500}
	got := lifecycle.Judge(lifecycle.Test{}, m)
	require.InDelta(t, 0.0405, *got.Visible, 0.0001)
	require.Equal(t, lifecycle.Pass, got.Verdict, "2 points above the best, and 4 can be seen")
	m = against(measured(71, 500), measured(71, 500))
	m.Best = &lifecycle.BestRate{Rate: 0.09, Words: 500}
	got = lifecycle.Judge(lifecycle.Test{}, m)
	require.Equal(t, lifecycle.Inconclusive, got.Verdict)
	require.Contains(t, got.Reason, "+5.2 points above the best that a champion has had here, 9.0 % in 500 words: more than 4.3 points "+
		"(the smallest difference that its words can show)")
}

// Five steps of +0.4 points pass one by one, and the third is asked about: the best is carried on from champion to champion.
func TestSmallStepsAddUp(t *testing.T) {
	t.Parallel()
	const enough = 100_000
	judge := func(carried bool) (verdicts []lifecycle.VerdictKind) {
		champion, best := int64(10_000), []lifecycle.BestRate(nil)
		for range 5 {
			m := against(measured(champion+400, enough), measured(champion, enough))
			m.Best = lifecycle.FindBest(best, "1a2b3c4d")
			got := lifecycle.Judge(lifecycle.Test{}, m)
			verdicts = append(verdicts, got.Verdict)
			if carried {
				now := lifecycle.BestMeasured(lifecycle.Test{}, "1a2b3c4d", got, got.Compared)
				best = lifecycle.ParseBest(lifecycle.FormatBest(lifecycle.MergeBest(now, best)))
			}
			champion += 400
		}
		return verdicts
	}
	require.Equal(t, []lifecycle.VerdictKind{"pass", "pass", "pass", "pass", "pass"}, judge(false))
	require.Equal(t, []lifecycle.VerdictKind{"pass", "pass", "inconclusive", "inconclusive", "inconclusive"}, judge(true))
}

func TestOtherVersionsOfTheInput(t *testing.T) {
	t.Parallel()
	champion := measured(100, 1000)
	other := func(id string, errors int64) lifecycle.Pair {
		return lifecycle.Pair{Version: id, Challenger: measured(errors, 1000), Compared: champion}
	}
	alone := lifecycle.Judge(lifecycle.Test{}, against(measured(99, 1000), champion))
	require.Equal(t, lifecycle.Pass, alone.Verdict)

	m := against(measured(99, 1000), champion)
	m.Others = []lifecycle.Pair{other("a", 120), other("b", 117)}
	got := lifecycle.Judge(lifecycle.Test{}, m)
	require.Equal(t, lifecycle.Fail, got.Verdict, "99, 120 and 117 of 1000 are 11.2 % together")
	require.Equal(t, "11.2 % against 10.0 % of the champion, with 2 other versions of the same input: +1.2 points, at most +0.5 points allowed", got.Reason)
	require.InDelta(t, 0.012, *got.Difference, 1e-12)
	require.InDelta(t, 0.099, *got.Rate, 1e-12, "its own rate stays its own")
	require.Equal(t, int64(1000), *got.Words)
	low, high := lifecycle.Difference95(lifecycle.Number{Rate: 0.112, Words: 1000, Errors: 112}, lifecycle.Number{Rate: 0.1, Words: 1000, Errors: 100})
	require.Equal(t, [2]float64{low, high}, *got.Interval, "the same audio heard three times is no more audio")
	require.InDelta(t, *alone.Visible, *got.Visible, 1e-12)

	limited := lifecycle.Test{MaxWordErrorRate: lifecycle.Ptr(0.1)}
	require.Equal(t, lifecycle.Pass, lifecycle.Judge(limited, m).Verdict, "an absolute limit is about this version alone")

	once := lifecycle.Judge(lifecycle.Test{}, m)
	m.Others = append(m.Others, other("a", 10), other("b", 10), other("v", 10), other("a", 120))
	require.Equal(t, once, lifecycle.Judge(lifecycle.Test{}, m), "each version counts once, and the challenger is one")

	m.Others = []lifecycle.Pair{{Version: "c"}, {Version: "d", Challenger: measured(500, 1000)}}
	require.Equal(t, alone, lifecycle.Judge(lifecycle.Test{}, m), "what cannot be read is left out")
	m.Others = []lifecycle.Pair{other("a", 99)}
	require.Contains(t, lifecycle.Judge(lifecycle.Test{}, m).Reason, "of the champion, with another version of the same input: -0.1 points")
}

// coin gives the errors of evaluations of so many words, each of which goes wrong with a chance of rate.
type coin struct {
	words int64
	// below is the chance of at most so many errors.
	below []float64
}

func newCoin(rate float64, words int64) coin {
	c := coin{words: words}
	chance, sum := math.Pow(1-rate, float64(words)), 0.0
	for k := range words + 1 {
		sum += chance
		c.below = append(c.below, sum)
		chance *= float64(words-k) / float64(k+1) * rate / (1 - rate)
	}
	return c
}

func (c coin) toss(r *rand.Rand) lifecycle.Measurement {
	return measured(min(int64(sort.SearchFloat64s(c.below, r.Float64())), c.words), c.words)
}

// A version that is truly one point worse passes a test of 1,000 words quite often: 28 in 100 when nothing worse is
// allowed, 40 in 100 with half a point. That is all that so few words can tell, and it must not grow with the number of
// judgments. It would when each judgment measured anew; it does not when what was measured is used, and it becomes less
// when the versions of one input are taken together.
func TestARepeatedJudgmentTossesNoCoin(t *testing.T) {
	t.Parallel()
	const evaluations, judgments, words, rate = 4000, 26, 1000, 0.16
	for _, c := range []struct {
		name                               string
		limit                              *float64
		first, within5, within26, together float64
	}{
		{"nothing worse allowed", lifecycle.Ptr(0.0), 0.28, 0.62, 0.85, 0.19},
		{"the default, half a point", nil, 0.40, 0.76, 0.93, 0.34},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(14, 2027))
			serving, worse := newCoin(rate, words), newCoin(rate+0.01, words)
			pass := func(m lifecycle.Measured) bool {
				return lifecycle.Judge(lifecycle.Test{MaxRegression: c.limit}, m).Verdict == lifecycle.Pass
			}
			var first, again, within5, within26, together float64
			count := func(n *float64, is bool) {
				if is {
					*n += 1.0 / evaluations
				}
			}
			for range evaluations {
				champion := serving.toss(r)
				m := against(worse.toss(r), champion)
				passed := pass(m)
				ever, anew := passed, passed
				same, others := m, m
				for n := 1; n < judgments; n++ {
					same.Others = append(same.Others, lifecycle.Pair{Version: m.Version, Challenger: m.Challenger, Compared: m.Compared})
					ever = ever || pass(same)
					next := lifecycle.Pair{Version: fmt.Sprint(n), Challenger: worse.toss(r), Compared: champion}
					others.Others = append(others.Others, next)
					anew = anew || pass(against(next.Challenger, champion))
					if n == 4 {
						count(&within5, anew)
					}
				}
				count(&first, passed)
				count(&again, ever)
				count(&within26, anew)
				count(&together, pass(others))
			}
			require.Equal(t, first, again, "26 judgments of what was measured once promote no more than the first")
			require.InDelta(t, c.first, first, 0.02)
			require.InDelta(t, c.within5, within5, 0.02, "what it would be if five judgments measured anew")
			require.InDelta(t, c.within26, within26, 0.02, "what it would be if each measured anew")
			require.InDelta(t, c.together, together, 0.03, "all 26 versions taken together")
		})
	}
}
