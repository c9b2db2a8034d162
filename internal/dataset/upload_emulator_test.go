package dataset_test

import (
	"archive/zip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// The emulator is written from the wire contract by other hands than the upload and its fake.
func TestUploadToTheEmulator(t *testing.T) {
	t.Parallel()
	for _, settings := range []emulator.Settings{emulator.Plain(), emulator.Awkward()} {
		t.Run(settings.Profile, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := bundle.Service(t, emulator.Options{Settings: settings})
				client := connectInMemory(t, server)
				for _, fault := range []emulator.Fault{
					{Operation: "Datasets_Create", Kind: emulator.FaultDropAfter},
					{Operation: "Datasets_UploadBlock", Kind: emulator.FaultThrottle, RetryAfter: "3"},
					{Operation: "Datasets_UploadBlock", Kind: emulator.FaultDropAfter, Skip: 1},
					{Operation: "Datasets_UploadBlock", Kind: emulator.FaultStatus, Status: 403, Skip: 2},
					{Operation: "Datasets_CommitBlocks", Kind: emulator.FaultDropAfter},
				} {
					_, err := server.InjectFault(fault)
					require.NoError(t, err)
				}
				calls := []member{{"calls.wav", recording{length: 9 * time.Minute}.wav()}}
				copy(calls[0].content[44:], pattern()) // blocks are told apart by what is in them
				data := archive(zip.Store, calls)
				require.Greater(t, len(data), 2*block)
				req := uploadOf(data)
				req.Kind, req.Parallel, req.ListLag = lifecycle.DatasetAudioFiles, 1, 10*time.Second

				_, err := dataset.Upload(t.Context(), client, req)
				require.ErrorContains(t, err, "403 Forbidden")
				rest := upload(t, &uploadService{client: client}, req)
				require.False(t, rest.Reused)
				require.Empty(t, rest.Notes)
				require.Less(t, rest.Sent, rest.Bytes, "blocks of the first try are kept")
				require.NoError(t, server.Advance(t.Context(), time.Hour))
				d, _, err := client.GetDataset(t.Context(), rest.DatasetID)
				require.NoError(t, err)
				require.Equal(t, speech.StatusSucceeded, d.Status, d.Properties.Error)

				again := upload(t, &uploadService{client: client}, req)
				require.True(t, again.Reused)
				require.Zero(t, again.Sent)
				require.Equal(t, rest.DatasetID, again.DatasetID)

				changed := uploadOf(archive(zip.Store, append(calls, member{"one-more.wav", recording{}.wav()})))
				changed.Kind = lifecycle.DatasetAudioFiles
				other := upload(t, &uploadService{client: client}, changed)
				require.False(t, other.Reused)
				require.NotEqual(t, rest.DatasetID, other.DatasetID)
				all, _, err := client.ListDatasets(t.Context(), speech.Filter{})
				require.NoError(t, err)
				require.LessOrEqual(t, len(all), 2)
			})
		})
	}
}
