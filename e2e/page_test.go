package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"speech-retrainer/internal/stack"
)

// A browser sees a model that was made, its page and its run; looking starts no workflow, and asks the service for nothing by itself.
func TestFleetPage(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	port, err := stack.FreePort(0)
	require.NoError(t, err)
	page := fmt.Sprintf("http://127.0.0.1:%d", port)
	b.workerWith([]string{"--page", strings.TrimPrefix(page, "http://")}, "SPEECH_SNAPSHOT_AGE=")
	report, _ := b.run(b.whole())
	b.succeeded(report)
	get := func(path string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page+path, nil)
		require.NoError(t, err)
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, errors.Join(err, answer.Body.Close()))
		return answer.StatusCode, string(text)
	}
	b.await("the page shows the version", func(context.Context) error {
		_, text := get("/?q=" + b.name)
		_, model := get("/model/" + b.name)
		if !strings.Contains(text, "/model/"+b.name) || !strings.Contains(model, report.Version.ID) {
			return errors.New("not yet: it shows what it has read up to 15 s before")
		}
		return nil
	})
	runs := func() int64 {
		count, err := b.client.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: "default", Query: fmt.Sprintf("TaskQueue = '%s'", b.queue),
		})
		require.NoError(t, err)
		return count.GetCount()
	}
	before, err := b.emulator.Tally(t.Context(), 0)
	require.NoError(t, err)
	begun := runs()
	for range 40 {
		code, text := get("/model/" + b.name)
		require.Equal(t, http.StatusOK, code)
		require.Contains(t, text, report.Version.ID)
		link := regexp.MustCompile(`/run/retrain/` + b.name + `/[0-9a-f-]+`).FindString(text)
		require.NotEmpty(t, link)
		code, text = get(link)
		require.Equal(t, http.StatusOK, code)
		require.Contains(t, text, "Succeeded")
		require.Contains(t, text, report.Version.DisplayName)
	}
	asked, err := b.emulator.Tally(t.Context(), before.Last)
	require.NoError(t, err)
	// The worker's own crawl goes on meanwhile.
	require.Less(t, asked.Requests, 40, "%v", asked.Operations)
	require.Equal(t, begun, runs(), "nobody's workflow is started for a view")
}
