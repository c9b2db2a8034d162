package activities_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/activities"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
)

// A base that is withdrawn after it was chosen is the base's fault; whatever else the service refuses is not.
func TestAWithdrawnBase(t *testing.T) {
	t.Parallel()
	refusing := func(status int, code string) func(*bundle, string) {
		return func(b *bundle, _ string) {
			_, err := b.service.InjectFault(emulator.Fault{Operation: "Models_Create", Kind: emulator.FaultStatus, Status: status, Code: code, Message: "no"})
			require.NoError(b.t, err)
		}
	}
	for name, tt := range map[string]struct {
		spoil func(*bundle, string)
		class lifecycle.FailureClass
		says  string
	}{
		"past its date": {func(b *bundle, base string) {
			past := b.service.Now().AddDate(0, 0, -1)
			require.NoError(b.t, b.service.Redate(base, &past, nil))
		}, lifecycle.NoUsableBaseModel, "deprecated and cannot be used"},
		"gone": {
			func(b *bundle, base string) { require.NoError(b.t, b.service.Remove(base)) },
			lifecycle.NoUsableBaseModel, "it does not exist any more",
		},
		"not valid":                  {refusing(400, "InvalidBaseModel"), lifecycle.NoUsableBaseModel, "does not train from it any more: no"},
		"deprecated, as a conflict":  {refusing(409, "modeldeprecated"), lifecycle.NoUsableBaseModel, "does not train from it any more: no"},
		"another refusal":            {refusing(400, "InvalidDataset"), lifecycle.TrainingFailed, "InvalidDataset"},
		"a code that says no more":   {refusing(400, "InvalidPayload"), lifecycle.TrainingFailed, "InvalidPayload"},
		"an outage, with such words": {refusing(503, "InvalidBaseModel"), lifecycle.Unavailable, "503"},
		"a role that is missing":     {refusing(403, "Forbidden"), lifecycle.Unauthorized, "403"},
		"deprecated, as forbidden":   {refusing(403, "ModelDeprecated"), lifecycle.NoUsableBaseModel, "does not train from it any more: no"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			in := b.training(scope(), "desk")
			in.BaseName = "20261101 Base"
			tt.spoil(b, in.BaseID)
			err := b.run(b.doing.CreateVersion, in, nil)
			var failure lifecycle.Failure
			var application *temporal.ApplicationError
			require.True(t, errors.As(err, &application), "%v", err)
			require.NoError(t, application.Details(&failure))
			require.Equal(t, tt.class, failure.Type, failure.Message)
			require.Contains(t, failure.Message, tt.says)
			if tt.class != lifecycle.NoUsableBaseModel {
				require.Empty(t, failure.Refused)
				return
			}
			require.Len(t, failure.Refused, 1)
			require.Equal(t, in.BaseID, failure.Refused[0].ID)
			require.Equal(t, in.BaseName, failure.Refused[0].DisplayName)
			require.NotEmpty(t, *failure.Code)
			require.NotContains(t, *failure.Next, "correct the request")
			require.Empty(t, b.service.Objects("model"), "a refusal has made nothing")
		})
	}
}

// After a refusal another base is tried: should an earlier attempt of the run have made its version unseen, it is looked
// for as after a lost answer.
func TestAnotherBaseIsTriedAsALaterAttempt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	name, marks := mine()
	in := b.training(scope(), name)
	in.Again = true
	own := ""
	b.after(http.MethodGet, "models", func() { own = b.version(name, made{marks: marks}) })
	var created activities.VersionResult
	require.NoError(t, b.run(b.doing.CreateVersion, in, &created))
	require.Equal(t, own, created.Report.ID, "it came into the list after the first look")
	require.Len(t, b.service.Objects("model"), 1)
}
