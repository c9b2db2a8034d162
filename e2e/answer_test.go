package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"speech-retrainer/internal/lifecycle"
)

// Nobody's version: a valid ID that the service does not know.
const unknownID = "6f1e8a3e-0000-4000-8000-000000000000"

// A person decides on a waiting version in three ways; an answer that is not taken leaves no trace.
func TestAnswers(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	for name, test := range map[string]func(*bench){
		"approve": approveWaiting, "reject": rejectWaiting, "temporal": approveWithTemporal,
		"two at once": answerAtOnce, "nobody": answerNever,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(b.sub(t))
		})
	}
}

func approveWaiting(b *bench) {
	starter, version := b.ask()
	before := b.events()
	b.notTaken(b.starter("approve", b.name, "--by", "ann", "--reason", "good", "--version", unknownID),
		fmt.Sprintf("version %s waits for an answer, not %q", version, unknownID))
	b.notTaken(b.update("approve", data{"by": "ann", "reason": " ", "versionId": version}), "reason is required")
	b.notTaken(b.update("reject", data{"by": "ann", "reason": "bad", "versionId": unknownID}), "version "+version+" waits for an answer, not")
	r := b.starter("approve", b.name, "--by", "ann", "--reason", "")
	require.Equal(b, 2, r.code, "starter itself refuses an answer without a reason: %s", r.stderr)
	require.Contains(b, r.stderr, "--reason is required")
	require.Equal(b, before, b.events(), "a refused answer leaves no history")

	b.admin(http.MethodPost, "outcomes", data{"kind": "endpoint", "displayName": b.name, "hang": true}, nil)
	r = b.starter("approve", b.name, "--by", "ann", "--reason", "checked by hand")
	require.Zero(b, r.code, r.stderr)
	b.awaitActivity("retrain/"+b.name, "await-deployment")
	before = b.events()
	b.notTaken(b.update("reject", data{"by": "bob", "reason": "too late", "versionId": version}), "ann has already answered: approved")
	b.notTaken(b.starter("reject", b.name, "--by", "bob", "--reason", "too late"), "nothing waits for an answer")
	require.Equal(b, before, b.events(), "a second answer leaves no history")
	for _, e := range b.objects(endpoints) {
		if e.DisplayName == b.name {
			b.finish(e.ID)
		}
	}
	r = starter.wait()
	require.Zero(b, r.code, r.stderr)
	b.approved(b.report(r), "ann", "checked by hand")
}

func rejectWaiting(b *bench) {
	starter, version := b.ask()
	r := b.starter("reject", b.name, "--by", "bob", "--reason", "names are wrong", "--output", "json")
	require.Zero(b, r.code, r.stderr)
	answered := b.report(r)
	require.Equal(b, lifecycle.AnswerRejected, answered.Approval.Answer)
	r = starter.wait()
	require.Equal(b, 3, r.code, r.stderr)
	report := b.report(r)
	b.decided(report, "bob", "names are wrong", "rejected")
	require.Equal(b, version, report.Version.ID)
	b.state(version, lifecycle.StateRejected)
	require.Nil(b, report.Endpoint)
	b.notTaken(b.starter("approve", b.name, "--by", "ann", "--reason", "good"), "no run of "+b.name+" goes on")
}

// The Temporal CLI alone is enough.
func approveWithTemporal(b *bench) {
	starter, version := b.ask()
	r := b.update("approve", data{"by": "ann", "reason": "checked by hand", "versionId": version})
	require.Zero(b, r.code, "%s\n%s", r.stdout, r.stderr)
	r = starter.wait()
	require.Zero(b, r.code, r.stderr)
	b.approved(b.report(r), "ann", "checked by hand")
}

// Two people answer at the same moment: one is heard, the other is told so, and the run does what the
// first said.
func answerAtOnce(b *bench) {
	starter, _ := b.ask()
	ann := b.background(shared.binaries.Starter, "approve", b.name, "--by", "ann", "--reason", "good")
	bob := b.background(shared.binaries.Starter, "reject", b.name, "--by", "bob", "--reason", "bad")
	yes, no := ann.wait(), bob.wait()
	require.Equal(b, 1, yes.code+no.code, "one answer is taken: %s\n%s", yes.stderr, no.stderr)
	r := starter.wait()
	report := b.report(r)
	if yes.code == 0 {
		require.Zero(b, r.code, r.stderr)
		b.approved(report, "ann", "good")
		return
	}
	require.Equal(b, 3, r.code, r.stderr)
	b.decided(report, "bob", "bad", "rejected")
}

// Silence means what the request says it means.
func answerNever(b *bench) {
	report, r := b.run(b.gated().with(request{"approval": data{"when": "always", "timeout": "1s"}}))
	require.Equal(b, 3, r.code, r.stderr)
	require.Equal(b, lifecycle.AnswerTimeout, report.Approval.Answer)
	require.Equal(b, "no answer within 1s, and onTimeout is reject", report.Approval.Reason)
	b.state(report.Version.ID, lifecycle.StateRejected)
}

// ask starts a run that asks a person whatever the numbers say, and waits until it does.
func (b *bench) ask() (starter *running, version string) {
	b.Helper()
	q := b.gated().with(request{"approval": data{"when": "always"}})
	starter = b.background(shared.binaries.Starter, "run", "-f", b.write(q), "--task-queue", b.queue, "--output", "json")
	return starter, b.awaitApproval().Version.ID
}

// awaitApproval waits until the run waits for a person and returns its report.
func (b *bench) awaitApproval() lifecycle.Report {
	b.Helper()
	var report lifecycle.Report
	b.await("the question", func(ctx context.Context) error {
		answer, err := b.client.QueryWorkflow(ctx, "retrain/"+b.name, "", "status")
		if err != nil {
			return err
		}
		report = lifecycle.Report{}
		if err := answer.Get(&report); err != nil {
			return err
		}
		return unless(report.WaitingFor != nil && report.WaitingFor.Kind == lifecycle.WaitsForApproval,
			"waits for %+v, ended: %s %+v", report.WaitingFor, report.Outcome, report.Error)
	})
	return report
}

// update answers with the Temporal CLI.
func (b *bench) update(name string, answer data) result {
	b.Helper()
	text, err := json.Marshal(answer)
	require.NoError(b, err)
	return b.command(shared.binaries.Temporal, "workflow", "update", "execute",
		"--workflow-id", "retrain/"+b.name, "--name", name, "--input", string(text))
}

// notTaken checks that an answer was refused and why.
func (b *bench) notTaken(r result, says string) {
	b.Helper()
	require.Equal(b, 1, r.code, "%s\n%s", r.stdout, r.stderr)
	require.Contains(b, r.stdout+r.stderr, says)
}

// events counts the history of the latest run.
func (b *bench) events() int {
	b.Helper()
	n := 0
	for history := b.client.GetWorkflowHistory(b.Context(), "retrain/"+b.name, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); history.HasNext(); n++ {
		_, err := history.Next()
		require.NoError(b, err)
	}
	return n
}

// decided checks that who and why are in the report and on the version itself.
func (b *bench) decided(r lifecycle.Report, by, reason string, answer lifecycle.Answer) {
	b.Helper()
	require.NotNil(b, r.Approval)
	require.Equal(b, by, r.Approval.By)
	require.Equal(b, reason, r.Approval.Reason)
	require.Equal(b, answer, r.Approval.Answer)
	require.Contains(b, stagesOf(r), lifecycle.StageApproval)
	said := map[lifecycle.Answer]string{lifecycle.AnswerApproved: "yes", lifecycle.AnswerRejected: "no"}[answer]
	mark := b.object("model", r.Version.ID).CustomProperties["sr.verdict"]
	require.Regexp(b, `^pass; 0\.\d{3} vs 0\.\d{3}; q:[0-9a-f]{8}; (at:[0-9-]{10}; )?h:[0-9.]+; `+said+` by `+by+`: `+reason+`$`, mark)
}

func (b *bench) approved(r lifecycle.Report, by, reason string) {
	b.Helper()
	b.deployed(r)
	b.decided(r, by, reason, "approved")
}
