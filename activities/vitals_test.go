package activities_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// The figures of models are read out of what is known already: nobody is asked for them, also long after the last look.
func TestVitalsAskNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	champion := b.version("champion", made{marks: ours("sr.state", "champion", "sr.alarm", "stuck-a1b2")})
	b.endpoint("calls", made{marks: ours(), serves: champion})
	b.evaluation("calls", made{second: champion, marks: ours("sr.step", "evaluate/desk calls")})
	b.version("theirs", made{marks: map[string]string{"sr.owner": "theirs", "sr.model": "secret-project"}})
	b.version("no name", made{marks: ours("sr.model", "Not a name\n")})
	_, known := activities.FiguresOf(b.doing).Vitals()
	require.False(t, known, "nobody has looked yet")

	b.observed("words", "calls")
	asked := len(b.service.Requests())
	seen, known := activities.FiguresOf(b.doing).Vitals()
	require.True(t, known)
	require.Len(t, b.service.Requests(), asked)
	require.Less(t, seen.Age, time.Hour)
	require.Zero(t, seen.LeftOut)
	require.Len(t, seen.Models, 1, "of this owner, and what can be a name")
	desk := seen.Models[0]
	require.Equal(t, "desk", desk.Name)
	require.True(t, desk.ExpiresAt.After(seen.Now))
	require.Equal(t, []string{"stuck"}, desk.Alarms)
	require.Equal(t, "desk calls", desk.Rates[0].Test)
}

// The page has a bound, says what it leaves out, and keeps what is urgent whatever its name.
func TestVitalsAreBounded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.version("champion", made{marks: ours("sr.state", "champion")})
	b.version("alarmed", made{marks: ours("sr.model", "z-alarmed", "sr.state", "champion", "sr.alarm", "stuck-a1b2")})
	b.observed("words", "calls")
	activities.BoundVitals(t, b.doing, 1)
	seen, _ := activities.FiguresOf(b.doing).Vitals()
	require.Len(t, seen.Models, 1)
	require.Equal(t, "z-alarmed", seen.Models[0].Name)
	require.Equal(t, 1, seen.LeftOut)
}

// What a month costs is that of the last check with a budget.
func TestSpendingIsTheLastChecks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.Zero(t, activities.FiguresOf(b.doing).Spending())
	b.version("champion", made{marks: ours("sr.state", "champion", "sr.verdict", "pass; h:3")})
	request := lifecycle.DefaultRequest()
	request.Name, request.Locale, request.Renew.Budget = "desk", "en-US", &lifecycle.Budget{Month: 400}
	request.Training = []lifecycle.Data{{Dataset: "text of en-US"}}
	require.NoError(t, b.run(b.doing.ObserveModel, activities.ObserveModelInput{Scope: scope(), Request: request}, nil))
	spent := activities.FiguresOf(b.doing).Spending()
	require.InDelta(t, 400, spent.Budget, 1e-9)
	require.Positive(t, spent.Spent.Amount)
	require.Equal(t, fmt.Sprint(b.service.Now().UTC().Format("2006-01")), spent.At.UTC().Format("2006-01"))
}
