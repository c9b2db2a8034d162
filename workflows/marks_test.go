package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/workflows"
)

// A version that has met with everything: its evaluation has failed, nobody has answered, then a person has, it serves, and an
// alarm of its end was sent. Its marks fit beside one of somebody else; with more of those, what is missed least is left
// out, and told before the endpoint is changed.
func TestTheMarksOfAVersionThatHasMetWithEverything(t *testing.T) {
	t.Parallel()
	all := []string{
		lifecycle.MarkOwner, lifecycle.MarkModel, lifecycle.MarkRun, lifecycle.MarkStep, lifecycle.MarkInput, lifecycle.MarkState,
		lifecycle.MarkVerdict, lifecycle.MarkBest, lifecycle.MarkAlarm,
	}
	for patch, lefts := range map[string][][]string{
		"replace": {
			nil, nil, {lifecycle.MarkStep}, {lifecycle.MarkStep, lifecycle.MarkBest}, {lifecycle.MarkStep, lifecycle.MarkAlarm, lifecycle.MarkBest},
		},
		// What is there already stays there.
		"merge": {
			nil, nil, {lifecycle.MarkAlarm}, {lifecycle.MarkAlarm, lifecycle.MarkBest}, {lifecycle.MarkAlarm, lifecycle.MarkBest, lifecycle.MarkVerdict},
		},
	} {
		for foreign, left := range lefts {
			t.Run(fmt.Sprint(foreign, " foreign, ", patch), func(t *testing.T) {
				t.Parallel()
				marks, notes := metWithEverything(t, foreign, patch)
				require.LessOrEqual(t, len(marks), lifecycle.MaxMarks)
				if !slices.Contains(left, lifecycle.MarkAlarm) {
					require.NotContains(t, notes, "sends the alarms again")
				}
				for _, key := range all {
					if !slices.Contains(left, key) {
						require.NotEmpty(t, marks[key], key)
						continue
					}
					require.Empty(t, marks[key], key)
					if key != lifecycle.MarkStep { // without it a version counts as trained
						require.Contains(t, notes, key, "somebody is told")
					}
				}
				for i := range foreign {
					require.Equal(t, "theirs", marks[fmt.Sprint("theirs", i)])
				}
			})
		}
	}
}

// metWithEverything are the marks of such a version, and the notes of the runs and of the check.
func metWithEverything(t *testing.T, foreign int, patch string) (map[string]string, string) {
	b := setup(t, func(s *emulator.Settings, _ *speech.Config) { s.CustomPropertiesPatch = patch })
	url, _ := receiver(t)
	b.env = map[string]string{"OPS_HOOK": url}
	b = b.again()
	ask := gated(b, func(r map[string]any) {
		hooked(r)
		r["approval"] = map[string]any{"when": "always", "timeout": "1h"}
	})
	require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "evaluation", Code: "Broken", Message: "no reference"}))
	theirs := map[string]string{}
	for i := range foreign {
		theirs[fmt.Sprint("theirs", i)] = "theirs"
	}
	b.OnActivityStarted("AwaitVersion", func() {
		for _, m := range b.models() {
			b.remark(m.ID(), theirs)
		}
	})
	first, err := b.retrain(ask)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Rejected, first.Outcome)
	b.ofAnEarlierRun(first.Version.ID)
	next := b.again()
	next.answer(workflows.UpdateApprove)
	second, err := next.retrain(ask)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Succeeded, second.Outcome, "%+v", second.Verdict)
	require.Equal(t, first.Version.ID, second.Version.ID)
	b.runs.states = map[string]lifecycle.RunState{}
	require.NoError(t, b.service.SetTime(t.Context(), second.Version.ExpiresAt.Add(-80*aDay)))
	renewed, _, err := check[lifecycle.RenewReport](b, workflows.TypeRenew, b.request(ask))
	require.NoError(t, err)
	require.Len(t, renewed.Alarms, 1)
	return b.marksOf(first.Version.ID), strings.Join(append(append(first.Notes, second.Notes...), renewed.Notes...), "\n")
}
