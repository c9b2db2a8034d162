package e2e

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// checked is what doctor printed for machines.
type checked struct {
	Status   lifecycle.FindingStatus
	Findings []lifecycle.Finding
}

// amiss are the findings of an area that are not ok, by their checks.
func (c checked) amiss(area string) map[string]lifecycle.Finding {
	all := map[string]lifecycle.Finding{}
	for _, f := range c.Findings {
		if f.Area == area && f.Status != lifecycle.FindingOK {
			all[f.Check] = f
		}
	}
	return all
}

func (b *bench) doctor(code int, args ...string) checked {
	b.Helper()
	r := b.starter(append([]string{"doctor", "--task-queue", b.queue, "--output", "json"}, args...)...)
	require.Equal(b, code, r.code, "%s\n%s", r.stdout, r.stderr)
	var c checked
	b.json(r.stdout, &c)
	b.readable(b.starter(append([]string{"doctor", "--task-queue", b.queue}, args...)...).stdout)
	return c
}

// ready is what a worker says of its readiness.
func ready(t *testing.T, url string) (code int, says string) {
	t.Helper()
	response, err := http.Get(url + "/readyz")
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(text)
}

// A set-up is looked at as it gets better: no worker, one with a wrong key, one that reaches everything but two of its data.
func TestDoctor(t *testing.T) {
	t.Parallel()
	b := setUp(t, key("the-right-key"))
	q := b.small()
	q["training"] = []data{
		q["training"].([]data)[0],
		{"name": "gone", "kind": "Language", "contentUrl": b.emulator.File("none.txt")},
		{"name": "ended", "kind": "Language", "contentUrlFrom": data{"env": "ENDED_URL"}},
		{"name": "unset", "kind": "Language", "contentUrlFrom": data{"env": "NOT_THERE"}},
	}
	q["notify"] = []data{{"urlFrom": data{"env": "NO_HOOK"}, "on": []string{"failed"}}}
	file := b.write(q)

	found := b.doctor(1, "-f", file)
	require.Contains(t, found.amiss(lifecycle.AreaWorker)["polls"].Message, "no worker polls task queue "+b.queue)
	require.Contains(t, *found.amiss(lifecycle.AreaWorker)["polls"].Next, "worker --task-queue "+b.queue)
	require.Empty(t, found.amiss(lifecycle.AreaService), "nobody could be asked")
	require.Contains(t, found.amiss(lifecycle.AreaTemporal)["retention"].Message, "forgets ended runs after 1d")

	wrong := b.worker("SPEECH_KEY=the-wrong-key")
	found = b.doctor(1, "-f", file)
	access := found.amiss(lifecycle.AreaService)["access"]
	require.Equal(t, lifecycle.FindingError, access.Status)
	require.Contains(t, access.Message, "401")
	require.Contains(t, *access.Next, "SPEECH_KEY")
	code, says := ready(t, wrong.Health)
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Contains(t, says, "refuses the key (401 Unauthorized): check SPEECH_KEY")
	require.NoError(t, wrong.Stop(patience))

	b.worker("ENDED_URL=" + b.emulator.File("training/related-text.txt") + "?se=2026-01-01&sig=hush-hush")
	r := b.starter("doctor", "-f", file, "--task-queue", b.queue)
	require.Equal(t, 1, r.code, r.stderr)
	require.NotContains(t, r.stdout, "hush-hush")
	found = b.doctor(1, "-f", file)
	require.Empty(t, found.amiss(lifecycle.AreaService))
	amiss := found.amiss(lifecycle.AreaData)
	require.Len(t, amiss, 3)
	require.Contains(t, amiss[b.name+" training[1]"].Message, "answered 404 Not Found")
	require.Contains(t, amiss[b.name+" training[2]"].Message, "has ended on 2026-01-01")
	require.Contains(t, amiss[b.name+" training[3]"].Message, "the worker has no environment variable NOT_THERE")
	require.Contains(t, found.amiss(lifecycle.AreaHooks)["NO_HOOK"].Message, "the worker has no environment variable NO_HOOK")

	// The Temporal CLI alone gets the same of the worker.
	require.Contains(t, b.temporal("workflow", "execute", "--type", "Doctor", "--task-queue", b.queue, "--workflow-id", "doctor/"+b.name), "COMPLETED")
}

// What of Temporal itself is amiss: a namespace without our search attributes, one that is not there, a server that is not.
func TestDoctorOfTemporal(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	bare := "bare-" + b.name
	b.temporal("operator", "namespace", "create", "--namespace", bare, "--retention", "240h")
	b.await("the namespace", func(context.Context) error {
		r := b.starter("doctor", "--namespace", bare, "--output", "json")
		var found checked
		if err := json.Unmarshal([]byte(r.stdout), &found); err != nil {
			return err
		}
		missing := found.amiss(lifecycle.AreaTemporal)
		return unless(r.code == 1 && len(missing) == 1 && strings.Contains(missing["search attributes"].Message, "SpeechModel"), "%d: %+v", r.code, missing)
	})

	found := b.doctor(1, "--namespace", "none-"+b.name)
	require.Contains(t, found.amiss(lifecycle.AreaTemporal)["namespace"].Message, "does not exist")

	found = b.doctor(5, "--address", "127.0.0.1:1")
	require.Contains(t, found.amiss(lifecycle.AreaTemporal)["connection"].Message, "cannot reach Temporal at 127.0.0.1:1")
}
