package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// A person sets an endpoint to another model after the run has last looked: between that look and the change a worker may have
// been away for an hour. What the person has set stays, also where a failed deployment would put the model before back.
func TestWhatIsSetByHandDuringADeploymentStays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at    string
		fails bool
	}{
		"before the change":                        {at: "PointEndpoint"},
		"while a deployment that fails is awaited": {at: "AwaitEndpointEnd", fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, first := championed(t)
			third := b.put("by hand", "en-US", nil)
			if c.fails {
				require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "endpoint", Code: "DeployingFailedModel", Message: "no capacity"}))
			}
			b.OnActivityStarted(c.at, func() { b.repoint(first.Endpoint.ID, b.client().Ref(speech.KindModel, third)) })
			report, err := b.retrain(gated(b, nil))
			require.Error(t, err)
			require.Equal(t, third, b.serving())
			require.Equal(t, lifecycle.DeployFailed, report.Error.Type)
			require.Contains(t, report.Error.Message, "another run or a hand has set")
			require.Contains(t, report.Error.Message, third)
			require.Equal(t, third, *report.Endpoint.VersionID)
			require.Equal(t, "failed", b.states()[report.Version.ID])
			require.Equal(t, "champion", b.states()[first.Version.ID])
		})
	}
}
