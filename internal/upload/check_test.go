package upload

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
)

func TestLimitsOfAFile(t *testing.T) {
	t.Parallel()
	usual, own := LimitsOf(lifecycle.Data{}, false), LimitsOf(lifecycle.Data{MaxRejected: lifecycle.Ptr(0.2)}, true)
	require.Equal(t, dataset.Limits{RejectedShare: lifecycle.MaxRejected}, usual)
	require.Equal(t, dataset.Limits{Test: true, RejectedShare: 0.2}, own)
}

// Whisper is trained with the sound of shorter recordings than other base models are.
func TestRecordingsForWhisper(t *testing.T) {
	t.Parallel()
	given := fleet.Given{Request: lifecycle.Request{Training: []lifecycle.Data{{Name: "calls", Kind: lifecycle.DatasetAcoustic, File: "calls.zip"}}}}
	require.Zero(t, limitsOfFile(given.Files()[0]).TrainingRecording, "the check's own")
	given.BaseModel.Family = lifecycle.FamilyWhisper
	require.Equal(t, 30*time.Second, limitsOfFile(given.Files()[0]).TrainingRecording)
}
