package workflows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

func TestAPersonDecides(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{workflows.UpdateApprove, workflows.UpdateReject} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			b, _ := championed(t)
			refused := map[string]string{}
			var accepted lifecycle.ApprovalReport
			send := func(name, id string, in workflows.Answer) {
				b.UpdateWorkflow(name, id, &callbacks{
					reject:   func(err error) { refused[id] = err.Error() },
					complete: func(v any, err error) { accepted, _ = v.(lifecycle.ApprovalReport) },
				}, in)
			}
			b.RegisterDelayedCallback(func() {
				id := b.candidate()
				send(answer, "no name", workflows.Answer{Reason: "r", VersionID: id})
				send(answer, "no reason", workflows.Answer{By: "ann", Reason: " ", VersionID: id})
				send(answer, "another version", workflows.Answer{By: "ann", Reason: "r", VersionID: "other"})
				send(answer, "a secret", workflows.Answer{By: "ann", Reason: "see https://a.example/x?sig=1", VersionID: id})
				send(answer, "no version", workflows.Answer{By: "ann", Reason: "r"})
				send(answer, "good", workflows.Answer{By: "ann", Reason: "we need it", VersionID: strings.ToUpper(id)})
				send(workflows.UpdateReject, "second", workflows.Answer{By: "bob", Reason: "too late", VersionID: id})
			}, 30*time.Minute)
			report, err := b.retrain(gated(b, func(r map[string]any) { r["approval"] = map[string]any{"when": "always"} }))
			require.NoError(t, err)
			require.Equal(t, "ann", accepted.By)
			require.Equal(t, map[string]string{
				"no name": "by is required: who decides", "no reason": "reason is required: why",
				"another version": "version " + report.Version.ID + ` waits for an answer, not "other"`,
				"a secret":        "by and reason must hold no URL with a signature or a password: they are kept",
				"no version":      "versionId is required: " + report.Version.ID + " waits",
				"second":          "ann has already answered: " + string(report.Approval.Answer),
			}, refused)
			require.Equal(t, "we need it", report.Approval.Reason)
			if answer == workflows.UpdateApprove {
				require.Equal(t, lifecycle.Succeeded, report.Outcome)
				require.Equal(t, report.Version.ID, b.serving())
			} else {
				require.Equal(t, lifecycle.Rejected, report.Outcome)
				require.NotEqual(t, report.Version.ID, b.serving())
			}
			for _, m := range b.models() {
				if m.ID() == report.Version.ID {
					require.Contains(t, m.CustomProperties["sr.verdict"], " by ann: we need it")
				}
			}
		})
	}
}

// candidate is the version that waits for an answer.
func (b *bundle) candidate() string {
	for _, m := range b.models() {
		if m.CustomProperties["sr.state"] == "candidate" {
			return m.ID()
		}
	}
	return ""
}

// callbacks receives what becomes of an update.
type callbacks struct {
	reject   func(error)
	complete func(any, error)
}

func (c *callbacks) Accept()                   {}
func (c *callbacks) Reject(err error)          { c.reject(err) }
func (c *callbacks) Complete(v any, err error) { c.complete(v, err) }
