//go:build alerts

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/stack"
)

// prometheus reads workers and the rules until the test ends, and answers questions.
type prometheus struct{ url string }

func (b *bench) prometheus(workers ...*stack.Worker) prometheus {
	b.Helper()
	path, err := exec.LookPath("prometheus")
	require.NoError(b, err, "install it with: make test-tools")
	folder := b.TempDir()
	var targets []string
	for _, w := range workers {
		targets = append(targets, fmt.Sprintf("%q", strings.TrimPrefix(w.Health, "http://")))
	}
	config := fmt.Sprintf("global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [%q]\nscrape_configs: "+
		"[{job_name: speech-retrainer, static_configs: [{targets: [%s]}]}]\n",
		filepath.Join(shared.root, "deploy", "prometheus", "rules.yaml"), strings.Join(targets, ", "))
	file := filepath.Join(folder, "prometheus.yaml")
	require.NoError(b, os.WriteFile(file, []byte(config), 0o600))
	port, err := stack.FreePort()
	require.NoError(b, err)
	p := prometheus{url: fmt.Sprintf("http://127.0.0.1:%d", port)}
	process, err := stack.Start(stack.Spec{
		Name: "prometheus", Path: path, LogDir: folder, Env: stack.Environment(),
		Args: []string{"--config.file", file, "--storage.tsdb.path", filepath.Join(folder, "data"), "--web.listen-address", strings.TrimPrefix(p.url, "http://")},
	})
	require.NoError(b, err)
	b.Cleanup(func() {
		if err := process.Stop(10 * time.Second); err != nil {
			b.Error(err)
		}
	})
	b.await("prometheus", func(ctx context.Context) error { return p.ask(ctx, "/-/ready", nil) })
	return p
}

func (p prometheus) ask(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, response.Status)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// series is how many series an expression gives now.
func (p prometheus) series(ctx context.Context, expression string) (int, error) {
	var answer struct {
		Data struct{ Result []json.RawMessage }
	}
	err := p.ask(ctx, "/api/v1/query?query="+url.QueryEscape(expression), &answer)
	return len(answer.Data.Result), err
}

// Prometheus reads a worker with a fleet in which something of everything has happened: every expression of the dashboard
// gives a series, the rules load, and an alert fires that should.
func TestAlertsLive(t *testing.T) {
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(hook.Close)
	b := setUp(t)
	w := b.worker("OPS_WEBHOOK=" + hook.URL)
	p := b.prometheus(w)
	only := *b
	m := &only
	m.name += "-a"
	heard := data{"urlFrom": data{"env": "OPS_WEBHOOK"}, "on": []string{"expiring", "approval", "promoted"}}
	first, r := m.run(m.gated().with(request{"notify": []data{heard}}))
	require.Zero(t, r.code, r.stderr)
	fleet := b.crew("168h", m.gated().with(request{"renew": data{"before": "60d"}, "approval": data{"when": "always"}}))
	fleet["budget"] = data{"month": 400}
	fleet["prices"] = data{"currency": "EUR", "trainingHour": 10, "endpointHour": 0.05, "evaluationAudioHour": 1}
	fleet["defaults"].(data)["notify"] = []data{heard}
	b.apply(fleet)
	b.check("a")
	_, version := m.ask()

	text, err := os.ReadFile(filepath.Join(shared.root, "deploy", "grafana", "dashboard.json"))
	require.NoError(t, err)
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &dashboard))
	var expressions []string
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			expressions = append(expressions, strings.ReplaceAll(target.Expr, "$model", ".*"))
		}
	}
	require.Greater(t, len(expressions), 25)
	// What Temporal knows is read once a minute, and a rate needs two readings.
	b.await("every expression of the dashboard", func(ctx context.Context) error {
		var silent []string
		for _, expression := range expressions {
			n, err := p.series(ctx, expression)
			if err != nil {
				return err
			}
			if n == 0 {
				silent = append(silent, expression)
			}
		}
		return unless(len(silent) == 0, "no series: %s", strings.Join(silent, "\n"))
	})
	now, err := b.emulator.Now(t.Context())
	require.NoError(t, err)
	require.NoError(t, b.emulator.Advance(t.Context(), first.Version.ExpiresAt.Add(-10*24*time.Hour).Sub(now)))
	b.check("a")
	b.await("an alert", func(ctx context.Context) error {
		n, err := p.series(ctx, `ALERTS{alertname="RetrainerModelExpiresSoon",model="`+m.name+`"}`)
		if err != nil {
			return err
		}
		return unless(n == 1, "%d", n)
	})
	// The first retrain of its life that this worker sees fail, of its class.
	_, r = b.run(b.small().with(request{"baseModel": data{"choose": "latest", "minAge": "36500d"}}))
	require.Equal(t, exit.Failed, r.code, r.stderr)
	b.await("an alert of the first failure", func(ctx context.Context) error {
		n, err := p.series(ctx, `ALERTS{alertname="RetrainerRetrainFails",failure="NoUsableBaseModel",alertstate="firing"}`)
		if err != nil {
			return err
		}
		return unless(n == 1, "%d", n)
	})
	var loaded struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
	}
	require.NoError(t, p.ask(t.Context(), "/api/v1/rules", &loaded))
	for _, g := range loaded.Data.Groups {
		for _, rule := range g.Rules {
			require.Equal(t, "ok", rule.Health, "%s: %s", rule.Name, rule.LastError)
		}
	}
	r = b.starter("reject", m.name, "--by", "ann", "--reason", "it was a test", "--version", version)
	require.Zero(t, r.code, r.stderr)
}
