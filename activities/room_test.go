package activities_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	shared "speech-retrainer/internal/bundle"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
)

// What a run would create is found out as the create itself does it: only a dataset of ours that holds the content saves
// one, and one that was made since saves it too. All datasets count, whosever they are.
func TestCheckRoom(t *testing.T) {
	t.Parallel()
	const content = "0123456789abcdef"
	needed := activities.RoomData{Path: "training[0]", Label: "text", Found: activities.DataFound{DisplayName: "text 0123", Kind: "Language", Content: content}}
	ofContent := ours(lifecycle.MarkContent, content)
	for name, tt := range map[string]struct {
		prepare func(*bundle)
		quotas  activities.Options
		input   activities.RoomInput
		refused string
	}{
		"nothing to create": {quotas: activities.Options{EndpointQuota: 1, DatasetQuota: 1}},
		"no endpoint fits": {
			prepare: func(b *bundle) { b.endpoint("of somebody", made{}) }, quotas: activities.Options{EndpointQuota: 1},
			input: activities.RoomInput{Endpoint: "Desk"}, refused: "at least 1 of the 1 endpoints",
		},
		"the endpoint was made meanwhile": {
			prepare: func(b *bundle) { b.endpoint("Desk", made{}) }, quotas: activities.Options{EndpointQuota: 1}, input: activities.RoomInput{Endpoint: "Desk"},
		},
		"no dataset fits": {
			prepare: func(b *bundle) { b.dataset("of somebody", made{}) }, quotas: activities.Options{DatasetQuota: 1},
			input:   activities.RoomInput{Data: []activities.RoomData{needed}},
			refused: "a dataset would have to be created (text), and the Speech resource has at least 1 of the 1 datasets",
		},
		"the dataset is there": {
			prepare: func(b *bundle) { b.dataset("text 0123", made{marks: ofContent}) }, quotas: activities.Options{DatasetQuota: 1},
			input: activities.RoomInput{Data: []activities.RoomData{needed}},
		},
		"the dataset is there, but Failed": {
			prepare: func(b *bundle) { b.dataset("text 0123", made{marks: ofContent, fails: true}) }, quotas: activities.Options{DatasetQuota: 1},
			input: activities.RoomInput{Data: []activities.RoomData{needed}}, refused: "at least 1 of the 1 datasets",
		},
		"a dataset of that name, but not of ours": {
			prepare: func(b *bundle) { b.dataset("text 0123", made{}) }, quotas: activities.Options{DatasetQuota: 1},
			input: activities.RoomInput{Data: []activities.RoomData{needed}}, refused: "at least 1 of the 1 datasets",
		},
		"it is not known what the resource may have": {
			prepare: func(b *bundle) { b.endpoint("of somebody", made{}) }, input: activities.RoomInput{Endpoint: "Desk", Data: []activities.RoomData{needed}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if tt.prepare != nil {
				tt.prepare(b)
			}
			tt.quotas.Speech, tt.quotas.Owner, tt.quotas.Runs = shared.Client(t, b.url, "ours"), "ours", b.runs
			doing := activities.New(tt.quotas)
			tt.input.Scope = scope()
			b.doing = doing
			err := b.run(doing.CheckRoom, tt.input, nil)
			if tt.refused == "" {
				require.NoError(t, err)
				return
			}
			failure, application := failureOf(t, err)
			require.True(t, application.NonRetryable())
			require.Equal(t, lifecycle.InvalidRequest, failure.Type)
			require.Contains(t, failure.Message, tt.refused)
		})
	}
}

// What the service does not let go is told with what to look at.
func TestADeletionThatIsRefusedSaysWhatToLookAt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	name, marks := mine()
	version := b.version(name, made{marks: marks})
	b.endpoint("Desk", made{marks: ours(), serves: version})
	old := b.endpoint("Desk", made{marks: ours(), serves: version})
	in := activities.SettleEndpointInput{ID: old, EndpointInput: activities.EndpointInput{
		Scope: scope(), Name: "Desk", Version: activities.ModelRef{ID: version, Custom: true},
	}}
	_, err := b.service.InjectFault(emulator.Fault{
		Method: http.MethodDelete, Path: "/speechtotext/endpoints/" + old, Kind: emulator.FaultStatus,
		Status: http.StatusForbidden, Code: "InUseViolation", Message: "in use",
	})
	require.NoError(t, err)
	var settled activities.EndpointSettled
	require.NoError(t, b.run(b.doing.SettleEndpoint, in, &settled))
	require.Len(t, settled.Kept, 1)
	require.Contains(t, settled.Kept[0].Reason, "the service refused to delete it")
	require.Contains(t, settled.Kept[0].Reason, "; something still uses it: look in the portal which endpoint, test or training that is")
}

// An object that ends as Failed for such a reason says the same.
func TestAFailedDeploymentSaysWhatToDo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	version := b.version("v", made{marks: ours()})
	require.NoError(t, b.service.Plan(emulator.Outcome{Kind: "endpoint", Code: "ModelNotDeployable", Message: "no"}))
	id := b.endpoint("Desk", made{marks: ours(), serves: version})
	in := activities.DeployInput{Scope: scope(), EndpointID: id, Label: "Desk", Version: activities.ModelRef{ID: version, Custom: true}}
	failure, _ := failureOf(t, b.run(b.doing.AwaitDeployed, in, nil))
	require.Equal(t, lifecycle.DeployFailed, failure.Type)
	require.Contains(t, *failure.Next, "this model cannot serve an endpoint: choose another baseModel")
}
