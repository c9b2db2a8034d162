package e2e

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// Requests that a service with all its objects must refuse: each ends in one clear error, creates nothing
// without a mark, and asks the service a handful of times, not a storm.
func TestBadInput(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		request func(*bench) request
		class   lifecycle.FailureClass
		// says must stand in the message, so that an operator knows what is wrong.
		says string
	}{
		{
			name: "dataset of another locale", class: lifecycle.InvalidRequest, says: "de-DE",
			request: func(b *bench) request {
				self, err := b.emulator.Create(b.Context(), "datasets", data{
					"displayName": "German", "locale": "de-DE", "kind": "Language",
					"contentUrl": b.emulator.File("training/related-text.txt"),
				})
				require.NoError(b, err)
				return b.small().with(request{"training": []data{{"dataset": self}}})
			},
		},
		{
			name: "dataset missing by name", class: lifecycle.InvalidRequest, says: "nowhere",
			request: func(b *bench) request { return b.small().with(request{"training": []data{{"dataset": "nowhere"}}}) },
		},
		{
			name: "dataset missing by ID", class: lifecycle.InvalidRequest, says: "6f1e8a3e-0000-4000-8000-000000000000",
			request: func(b *bench) request {
				return b.small().with(request{"training": []data{{"dataset": "6f1e8a3e-0000-4000-8000-000000000000"}}})
			},
		},
		{
			name: "locale that the service does not know", class: lifecycle.InvalidRequest, says: "tlh-QO",
			request: func(b *bench) request { return b.small().with(request{"locale": "tlh-QO"}) },
		},
		{
			name: "no base model is old enough", class: lifecycle.NoUsableBaseModel, says: "36500d",
			request: func(b *bench) request {
				return b.small().with(request{"baseModel": data{"choose": "latest", "minAge": "36500d"}})
			},
		},
		{
			name: "pinned base model past its adaptation date", class: lifecycle.NoUsableBaseModel, says: "training from it ended",
			request: func(b *bench) request { return b.small().with(request{"baseModel": b.expiredBase()}) },
		},
		{
			name: "kind that no base model of the locale adapts with", class: lifecycle.NoUsableBaseModel, says: "Acoustic",
			request: func(b *bench) request {
				return b.small().with(request{"locale": "hi-IN", "training": []data{b.link("recordings", "Acoustic", "audio-and-trans.zip")}})
			},
		},
		{
			name: "dataset that the service failed", class: lifecycle.DatasetFailed, says: "unreadable",
			request: func(b *bench) request {
				require.NoError(b, b.emulator.Plan(b.Context(), stack.Outcome{Kind: "dataset", Code: "DataImportFailed", Message: "unreadable"}))
				self, err := b.emulator.Create(b.Context(), "datasets", data{
					"displayName": "Failed", "locale": "en-US", "kind": "Language",
					"contentUrl": b.emulator.File("training/related-text.txt"),
				})
				require.NoError(b, err)
				b.await("the failure", func(ctx context.Context) error {
					all, err := b.emulator.Objects(ctx, stack.Datasets)
					if err != nil {
						return err
					}
					last := all[len(all)-1]
					return unless(last.Status == "Failed", "%s is %s", last.DisplayName, last.Status)
				})
				return b.small().with(request{"training": []data{{"dataset": self}}})
			},
		},
		{
			name: "pinned base model missing", class: lifecycle.InvalidRequest, says: "6f1e8a3e-0000-4000-8000-000000000000",
			request: func(b *bench) request {
				return b.small().with(request{"baseModel": "6f1e8a3e-0000-4000-8000-000000000000"})
			},
		},
		{
			name: "link to nothing", class: lifecycle.InvalidRequest, says: "the server of training[0] answered 404 Not Found",
			request: func(b *bench) request {
				return b.small().with(request{"training": []data{b.link("related text", "Language", "absent.txt")}})
			},
		},
	}
	b := setUp(t)
	b.worker()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := b.sub(t)
			report, r := b.run(test.request(b))
			require.Equal(t, 1, r.code, r.stderr)
			failure := b.refused(report, test.class)
			require.Contains(t, failure.Message, test.says)
			if test.class == lifecycle.NoUsableBaseModel {
				require.NotEmpty(t, report.BaseModelsRefused)
				for _, refused := range report.BaseModelsRefused {
					require.NotEmpty(t, refused.Reason, refused.ID)
				}
			}
			b.count(stack.Models, 0)
			b.noStorm()
		})
	}
}

// sub is the same bench for a subtest: another model on the same service.
func (b *bench) sub(t *testing.T) *bench {
	requests, err := b.emulator.Requests(t.Context(), 0)
	require.NoError(t, err)
	c := *b
	c.T = t
	c.seen = len(requests)
	c.dir = t.TempDir()
	c.name = modelName(t.Name())
	return &c
}

// storm is more requests than any of these short runs has use for, paging through lists included.
const storm = 150

// noStorm checks that the service was not asked over and over.
func (b *bench) noStorm() {
	b.Helper()
	requests, err := b.emulator.Requests(b.Context(), b.seen)
	require.NoError(b, err)
	require.Less(b, len(requests), storm)
}

// expiredBase is a base model of en-US that could be trained from until yesterday.
func (b *bench) expiredBase() string {
	b.Helper()
	yesterday := time.Now().Add(-24 * time.Hour)
	id, err := b.emulator.Release(b.Context(), stack.BaseModel{Locale: "en-US", Adaptation: &yesterday})
	require.NoError(b, err)
	return id
}

// A dataset whose content is no dataset: the service says Failed, and nothing is trained.
func TestDatasetFailed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "training"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "training", "broken.zip"), []byte("no archive"), 0o600))
	b := setUp(t, files(dir))
	b.worker()
	report, r := b.run(b.small().with(request{"training": []data{b.link("broken", "Acoustic", "broken.zip")}}))
	require.Equal(t, 1, r.code, r.stderr)
	failure := b.refused(report, lifecycle.DatasetFailed)
	require.NotNil(t, failure.Code)
	b.count(stack.Models, 0)
	b.allMarked(stack.Datasets, "sr.owner")
	b.noStorm()
}

// A training that the service fails is reported with the service's own words; the version stays, marked.
func TestTrainingFailed(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	require.NoError(t, b.emulator.Plan(t.Context(), stack.Outcome{
		Kind: "training", Code: "InternalServerError", Message: "the training ran out of luck",
	}))
	report, r := b.run(b.small())
	require.Equal(t, 1, r.code, r.stderr)
	failure := b.refused(report, lifecycle.TrainingFailed)
	require.Equal(t, "InternalServerError", *failure.Code)
	require.Contains(t, failure.Message, "the training ran out of luck")
	require.Equal(t, lifecycle.StateFailed, report.Version.State)
	b.count(stack.Models, 1)
	b.state(report.Version.ID, lifecycle.StateFailed)
	b.allMarked(stack.Models, "sr.run")
	b.allMarked(stack.Datasets, "sr.owner")
	b.noStorm()
}

// A wrong key ends the run at once and says which setting to check, without showing the key.
func TestWrongKey(t *testing.T) {
	t.Parallel()
	b := setUp(t, key("the-right-key"))
	b.worker("SPEECH_KEY=the-wrong-key")
	report, r := b.run(b.small())
	require.Equal(t, 1, r.code, r.stderr)
	failure := b.refused(report, lifecycle.Unauthorized)
	require.Contains(t, *failure.Next, "SPEECH_KEY")
	b.untouched()
	b.noStorm()
	b.secret("the-wrong-key", r)
}

// A service that cannot be reached is tried for as long as the request allows.
func TestServiceUnreachable(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	port, err := stack.FreePort()
	require.NoError(t, err)
	b.worker("SPEECH_ENDPOINT=http://" + (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}).String())
	report, r := b.run(b.small().with(request{"limits": data{"unavailable": "5s"}}))
	require.Equal(t, 1, r.code, r.stderr)
	failure := b.refused(report, lifecycle.Unavailable)
	require.Contains(t, failure.Message, "5s (limits.unavailable)")
	require.Contains(t, *failure.Next, "SPEECH_ENDPOINT")
}

// A signed URL is a secret: starter refuses it before anything starts. What reaches the workflow all the
// same is refused without being repeated, and the operator is told to revoke it.
func TestSignedURL(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	q := b.small().with(request{"training": []data{{
		"name": "secret", "kind": "Language", "contentUrl": b.emulator.File("training/related-text.txt") + "?sv=1&sig=5ecre7",
	}}})
	report, r := b.run(q)
	require.Equal(t, 2, r.code, r.stderr)
	require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
	require.Nil(t, report.RunID)
	b.secret("5ecre7", r)

	failure := b.startRaw("retrain/"+b.name, q)
	require.Equal(t, lifecycle.InvalidRequest, failure.Type)
	require.Contains(t, *failure.Next, "revoke")
	require.NotContains(t, failure.Message+*failure.Next, "5ecre7")
	b.untouched()
}

// secret checks that a secret appears in nothing that was printed or logged.
func (b *bench) secret(secret string, r result) {
	b.Helper()
	require.NotContains(b, r.stdout, secret)
	require.NotContains(b, r.stderr, secret)
	require.NotContains(b, b.stack.Tails(1000), secret)
}

// What starter can see by itself it refuses with all problems at once, and nothing is started.
func TestStarterRefuses(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	q := request{"name": "Not A Name", "locale": "english", "training": []data{}, "modell": true}
	report, r := b.run(q)
	require.Equal(t, 2, r.code, r.stderr)
	require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
	require.Nil(t, report.RunID)
	var paths []string
	for _, p := range report.Error.Problems {
		paths = append(paths, p.Path)
	}
	require.ElementsMatch(t, []string{"name", "locale", "training", "modell"}, paths)
	b.untouched()
}
