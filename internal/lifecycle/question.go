package lifecycle

import (
	"fmt"
	"slices"
	"strings"
)

// Question identifies what is asked of a version, by eight hex digits: against which model and on which contents it is
// measured, the limits of each test, when a person is asked, and what happens without tests. The same question to the same
// version has the same answer, which is not bought twice. opponent is the ID of what it is compared with; it counts for
// requests with tests only. contents are the content marks of the tests in the request's order.
func Question(request Request, opponent string, contents []string) string {
	var lines []string
	for i, t := range request.Tests {
		if t.Inspect {
			continue
		}
		content := ""
		if i < len(contents) {
			content = contents[i]
		}
		regression := "-"
		if limit, asked := t.RegressionLimit(); asked {
			regression = fmt.Sprint(limit)
		}
		lines = append(lines, strings.Join([]string{
			content, limitText(t.MaxWordErrorRate), regression, limitText(t.MinImprovementOverBase),
			fmt.Sprint(t.LeastWords()), fmt.Sprint(t.Strict), fmt.Sprint(t.DriftLimit()),
		}, "/"))
	}
	if len(lines) > 0 {
		slices.Sort(lines)
		lines = append(lines, "against "+opponent)
	}
	return hash(strings.Join(append(lines, string(request.Approval.When), request.Untested), "\n"))[:8]
}

func limitText(limit *float64) string {
	if limit == nil {
		return "-"
	}
	return fmt.Sprint(*limit)
}

// answer is what was decided on a version.
type answer string

// The answers; none yet is empty.
const (
	answeredYes answer = "yes"
	answeredNo  answer = "no"
)

// answerOf is the last answer on a version: what a person said, else what the request's table makes of its verdict. There
// is none while nobody has answered, and when an evaluation that the verdict needed has failed.
func answerOf(v Version, request Request) answer {
	r := ReadRecord(v.Verdict)
	switch {
	case r.Said == SaidYes:
		return answeredYes
	case r.Said != "" || v.State == StateRolledBack:
		return answeredNo
	case !r.Unanswered.IsZero() || r.Verdict == "":
		return ""
	case r.Verdict == Untested:
		if request.Untested == Promote || request.Deploy == nil {
			return answeredYes
		}
		return answeredNo
	}
	switch Decide(VerdictKind(r.Verdict), request.Approval.When) {
	case DecidePromote:
		return answeredYes
	case DecideReject:
		if r.Failures == 0 {
			return answeredNo
		}
	}
	return ""
}

// PersonSaidNo tells that the last word of a person on the version that a run has, by its ID, was a no, or a rollback, or that on
// the newest version of its input on which one was said. A no on the version itself stands, whatever was said of another since or
// before: marks do not tell which came first.
func PersonSaidNo(versions []Version, input, own string) bool {
	spoken := func(v Version) bool { return ReadRecord(v.Verdict).Said != "" || v.State == StateRolledBack }
	no := func(v *Version) bool { return v != nil && ReadRecord(v.Verdict).Said != SaidYes }
	return no(newest(versions, func(v Version) bool { return v.ID == own && spoken(v) })) ||
		no(newest(versions, func(v Version) bool { return input != "" && v.Input == input && spoken(v) }))
}
