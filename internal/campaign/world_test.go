package campaign

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

func marks(more ...string) map[string]string {
	m := map[string]string{
		"sr.owner": "me", "sr.model": "m", "sr.run": "r", "sr.step": "train", "sr.input": "i", "sr.state": "candidate",
		"testingKind": "Evaluation", "sr.content": "c",
	}
	for i := 0; i < len(more); i += 2 {
		m[more[i]] = more[i+1]
	}
	return m
}

func written(operation, id, state, model, status string) stack.Exchange {
	return stack.Exchange{
		Operation: operation, Object: id, Status: 200,
		After: &stack.After{CustomProperties: marks("sr.state", state), Model: model, ModelStatus: status},
	}
}

// never is a write of a version whose deployment to an endpoint has Failed, so that it does not serve there.
func never(e stack.Exchange, endpoint string) stack.Exchange {
	e.After.NeverServedBy = []string{endpoint}
	return e
}

// Every rule must find what breaks it, and be content with what does not: a campaign is worth as much as its rules.
func TestRulesFindWhatBreaksThem(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	burst := make([]stack.Exchange, 95)
	for i := range burst {
		burst[i].Arrived = at.Add(time.Duration(i) * 100 * time.Millisecond)
	}
	foreign := stack.Object{Kind: stack.Models, ID: "f", DisplayName: "theirs", CustomProperties: map[string]string{"k": "v"}}
	model := stack.Object{Kind: stack.Models, ID: "a", CustomProperties: marks()}
	for name, tt := range map[string]struct {
		world world
		want  []string
	}{
		"nothing": {world: world{objects: []stack.Object{model, foreign}, foreign: []stack.Object{foreign}}},
		"two versions of a run": {
			world{objects: []stack.Object{model, {Kind: stack.Models, ID: "b", CustomProperties: marks()}}},
			[]string{"two of model r/train: a and b"},
		},
		"two evaluations of a test": {
			world{objects: []stack.Object{
				{Kind: stack.Evaluations, ID: "a", CustomProperties: marks("sr.step", "evaluate/x")},
				{Kind: stack.Evaluations, ID: "b", CustomProperties: marks("sr.step", "evaluate/x")},
				{Kind: stack.Evaluations, ID: "c", CustomProperties: marks("sr.step", "evaluate/y")},
			}},
			[]string{"two of evaluation r/evaluate/x: a and b"},
		},
		"two endpoints, but one of another owner and one of another locale": {
			world{objects: []stack.Object{
				{Kind: stack.Endpoints, ID: "a", DisplayName: "e", Locale: "en-US", CustomProperties: marks()},
				{Kind: stack.Endpoints, ID: "b", DisplayName: "e", Locale: "en-US", CustomProperties: marks("sr.owner", "you")},
				{Kind: stack.Endpoints, ID: "c", DisplayName: "e", Locale: "en-US", CustomProperties: marks()},
				{Kind: stack.Endpoints, ID: "d", DisplayName: "e", Locale: "de-DE", CustomProperties: marks()},
			}},
			[]string{"two of endpoint m/e/en-US: a and c"},
		},
		"two datasets of one content, and a failed one": {
			world{objects: []stack.Object{
				{Kind: stack.Datasets, ID: "a", DisplayName: "d", CustomProperties: marks(), Created: at},
				{Kind: stack.Datasets, ID: "b", DisplayName: "d", CustomProperties: marks(), Status: "Failed"},
				{Kind: stack.Datasets, ID: "c", DisplayName: "d", CustomProperties: marks(), Created: at.Add(sameMoment)},
				{Kind: stack.Datasets, ID: "d", DisplayName: "d", CustomProperties: marks("sr.spare", "2026-11-01")},
			}},
			[]string{"two of dataset d/c: a and c"},
		},
		"two datasets and two projects of the same moment": {
			world: world{objects: []stack.Object{
				{Kind: stack.Datasets, ID: "a", DisplayName: "d", CustomProperties: marks(), Created: at},
				{Kind: stack.Datasets, ID: "b", DisplayName: "d", CustomProperties: marks(), Created: at.Add(sameMoment - time.Second)},
				{Kind: stack.Projects, ID: "c", DisplayName: "p", CustomProperties: marks(), Created: at.Add(time.Second)},
				{Kind: stack.Projects, ID: "d", DisplayName: "p", CustomProperties: marks(), Created: at},
			}},
		},
		"two versions of a run of the same moment": {
			world{objects: []stack.Object{
				{Kind: stack.Models, ID: "a", CustomProperties: marks(), Created: at},
				{Kind: stack.Models, ID: "b", CustomProperties: marks(), Created: at},
			}},
			[]string{"two of model r/train: a and b"},
		},
		"two projects, a month apart": {
			world{objects: []stack.Object{
				{Kind: stack.Projects, ID: "a", DisplayName: "p", CustomProperties: marks(), Created: at},
				{Kind: stack.Projects, ID: "b", DisplayName: "p", CustomProperties: marks(), Created: at.AddDate(0, 1, 0)},
			}},
			[]string{"two of project p/: a and b"},
		},
		"no marks": {
			world{
				objects: []stack.Object{{Kind: stack.Datasets, ID: "a", DisplayName: "d"}, {Kind: stack.Endpoints, ID: "canary", DisplayName: "e"}},
				hands:   map[string]bool{"ann": true},
				log:     []stack.Exchange{{Operation: "Endpoints_Create", Object: "canary", Caller: "ann", After: &stack.After{Model: "base", ModelStatus: "Succeeded"}}},
			},
			[]string{`dataset "d" (a) has no sr.owner`, `dataset "d" (a) has no sr.content`},
		},
		"somebody else's is gone": {world{foreign: []stack.Object{foreign}}, []string{`model "theirs" of somebody else is gone`}},
		"somebody else's was changed": {
			world{foreign: []stack.Object{foreign}, objects: []stack.Object{{Kind: stack.Models, ID: "f", DisplayName: "theirs", CustomProperties: marks()}}},
			[]string{`model "theirs" of somebody else was changed`},
		},
		"somebody else's was to be deleted": {
			world{foreign: []stack.Object{foreign}, objects: []stack.Object{foreign}, log: []stack.Exchange{{Number: 7, Method: "DELETE", Object: "f", Status: 400}}},
			[]string{"exchange 7: DELETE of f, which belongs to somebody else"},
		},
		"a version that serves is rejected": {
			world{log: []stack.Exchange{written("Endpoints_Update", "e", "", "a", "Succeeded"), written("Models_Update", "a", "rejected", "", "")}},
			[]string{"exchange 0 (Models_Update): version a becomes rejected while endpoint e serves it"},
		},
		"a version whose first deployment Failed is marked failed": {
			world: world{log: []stack.Exchange{written("Endpoints_Create", "e", "", "a", "Succeeded"), never(written("Models_Update", "a", "failed", "", ""), "e")}},
		},
		"a version whose first deployment Failed at another endpoint is marked failed": {
			world{log: []stack.Exchange{written("Endpoints_Create", "e", "", "a", "Succeeded"), never(written("Models_Update", "a", "failed", "", ""), "f")}},
			[]string{"exchange 0 (Models_Update): version a becomes failed while endpoint e serves it"},
		},
		"a version whose first deployment Failed is rejected": {
			world{log: []stack.Exchange{written("Endpoints_Create", "e", "", "a", "Succeeded"), never(written("Models_Update", "a", "rejected", "", ""), "e")}},
			[]string{"exchange 0 (Models_Update): version a becomes rejected while endpoint e serves it"},
		},
		"a rejected version is deployed": {
			world{log: []stack.Exchange{written("Models_Update", "a", "rejected", "", ""), written("Endpoints_Create", "e", "", "a", "Succeeded")}},
			[]string{"exchange 0 (Endpoints_Create): endpoint e was given version a, which is rejected"},
		},
		"a version that does not run is deployed": {
			world{log: []stack.Exchange{written("Endpoints_Create", "e", "", "a", "Failed")}},
			[]string{`exchange 0 (Endpoints_Create): endpoint e was given version a, whose status is "Failed"`},
		},
		"an endpoint without model": {
			world{log: []stack.Exchange{written("Endpoints_Create", "e", "", "", "")}},
			[]string{"exchange 0 (Endpoints_Create): endpoint e has no model"},
		},
		"a version that serves was to be deleted": {
			world{log: []stack.Exchange{written("Endpoints_Create", "e", "", "a", "Succeeded"), {Operation: "Models_Delete", Object: "a", Status: 409}}},
			[]string{"exchange 0 (Models_Delete): version a was to be deleted while endpoint e serves it (answer 409)"},
		},
		"a deleted version is deployed": {
			world{log: []stack.Exchange{{Operation: "Models_Delete", Object: "a", Status: 204}, written("Endpoints_Create", "e", "", "a", "Succeeded")}},
			[]string{"exchange 0 (Endpoints_Create): endpoint e was given version a, which is deleted"},
		},
		"a good version is deployed, then another": {
			world: world{log: []stack.Exchange{
				written("Models_Create", "a", "deploying", "", ""), written("Endpoints_Create", "e", "", "a", "Succeeded"),
				written("Endpoints_Update", "e", "", "b", "Succeeded"), written("Models_Update", "a", "retired", "", ""),
				{Operation: "Models_Delete", Object: "a", Status: 204},
			}},
		},
		"too many requests": {world{log: burst}, []string{"95 requests within 10s, more than the limiter allows (94)"}},
		"just enough":       {world: world{log: burst[1:]}},
		"against the contract": {
			world{against: []stack.Violation{{Number: 3, Method: "GET", Path: "/x", Side: "request", Message: "wrong"}}},
			[]string{"against the contract: exchange 3, request of GET /x (): wrong"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.world.owner = "me"
			tt.world.asked = []asked{{endpoints: []string{"e"}}}
			require.Equal(t, tt.want, tt.world.violations())
		})
	}
}

// A version that did not earn it is found among the reports.
func TestUnearned(t *testing.T) {
	t.Parallel()
	request := object{"tests": []object{{}}}
	test := []lifecycle.TestReport{{}}
	pass, fail := &lifecycle.Verdict{Result: lifecycle.Pass}, &lifecycle.Verdict{Result: lifecycle.Fail}
	taken := func(result lifecycle.VerdictKind, reason string) lifecycle.Report {
		return lifecycle.Report{Version: &lifecycle.VersionReport{Taken: true}, Verdict: &lifecycle.Verdict{Result: result, Reason: reason}}
	}
	for name, tt := range map[string]struct {
		report   lifecycle.Report
		request  object
		unearned bool
	}{
		"passed":     {lifecycle.Report{Verdict: pass, Tests: test}, request, false},
		"failed":     {lifecycle.Report{Verdict: fail, Tests: test}, request, true},
		"no verdict": {lifecycle.Report{}, request, true},
		"taken, its answer was yes": {
			taken(lifecycle.Pass, "already judged: m was judged by the same question already: pass: 10.0 % against 20.0 %"), request,
			false,
		},
		"taken, a person's yes": {
			taken(lifecycle.Fail, "already judged: m was judged by the same question already: fail: 20.0 % against 10.0 % (yes by ann: so be it)"), request, false,
		},
		"taken, its answer was no": {taken(lifecycle.Fail, "already judged: m was judged by the same question already: fail: 20.0 % against 10.0 %"), request, true},
		"taken, judged by nothing": {taken(lifecycle.Pass, "every test passed"), request, true},
		"no tests asked for":       {lifecycle.Report{}, object{}, false},
		"approved":                 {lifecycle.Report{Verdict: fail, Tests: test, Approval: &lifecycle.ApprovalReport{Answer: "approved"}}, request, false},
		"rejected":                 {lifecycle.Report{Verdict: pass, Tests: test, Approval: &lifecycle.ApprovalReport{Answer: "rejected"}}, request, true},
		"unanswered":               {lifecycle.Report{Verdict: pass, Tests: test, Approval: &lifecycle.ApprovalReport{Answer: "timeout"}}, request, true},
		"unanswered, promote": {
			lifecycle.Report{Verdict: pass, Tests: test, Approval: &lifecycle.ApprovalReport{Answer: "timeout"}},
			with(request, object{"approval": object{"onTimeout": "promote"}}), false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.unearned, unearned(&tt.report, tt.request) != "")
		})
	}
}

func TestRemade(t *testing.T) {
	t.Parallel()
	made := func(run string) stack.Exchange {
		return stack.Exchange{Operation: "Models_Create", After: &stack.After{Kind: "model", DisplayName: "m 1", CustomProperties: marks("sr.run", run)}}
	}
	w := world{owner: "me", log: []stack.Exchange{
		made("r"), made("q"), {Operation: "Models_Create", Status: 503}, {Operation: "Models_Update", After: made("r").After},
	}}
	require.Empty(t, w.remade())
	w.log = append(w.log, made("r"), made("r"))
	require.Equal(t, []string{`created twice: model "m 1" r train`}, w.remade())
	require.Len(t, w.remade(stack.Evaluations, stack.Models), 1)
	require.Empty(t, w.remade(stack.Datasets, stack.Evaluations))
}
