// Package deploy_test holds what is deployed beside the programs to what they tell: rules and dashboard to the metrics that
// there are, and docs/metrics.md to all of it.
package deploy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/metric"
)

type rules struct {
	Groups []struct {
		Rules []struct {
			Alert, Expr, For string
			Labels           map[string]string
			Annotations      map[string]string
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

func rulesOf(t *testing.T) (r rules) {
	t.Helper()
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "prometheus/rules.yaml")), &r))
	return r
}

// expressions are those of the dashboard, by the title of their panel.
func expressions(t *testing.T) map[string][]string {
	t.Helper()
	var dashboard struct {
		Panels []struct {
			Type, Title string
			Targets     []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(read(t, "grafana/dashboard.json")), &dashboard))
	all := map[string][]string{}
	for _, p := range dashboard.Panels {
		if p.Type == "row" {
			continue
		}
		require.NotContains(t, all, p.Title, "two panels of one title")
		for _, target := range p.Targets {
			all[p.Title] = append(all[p.Title], target.Expr)
		}
		require.NotEmpty(t, all[p.Title], p.Title)
	}
	return all
}

var (
	ours   = regexp.MustCompile(`\bretrainer_[a-z_]+`)
	series = regexp.MustCompile(`(retrainer_[a-z_]+)\{([^}]*)\}`)
	label  = regexp.MustCompile(`([a-z_]+)\s*[=!]`)
)

// known are the names of our series, with their labels.
func known() map[string][]string {
	all := map[string][]string{}
	for _, m := range metric.All {
		if m.Kind == metric.Histogram {
			all[m.Name+"_bucket"], all[m.Name+"_sum"], all[m.Name+"_count"] = append([]string{"le"}, m.Labels...), m.Labels, m.Labels
			continue
		}
		all[m.Exposed()] = m.Labels
	}
	return all
}

// A rule or panel that names what no worker tells would be silent for ever.
func TestOnlyWhatWorkersTell(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	for _, g := range rulesOf(t).Groups {
		for _, r := range g.Rules {
			texts[r.Alert] = r.Expr
		}
	}
	for title, all := range expressions(t) {
		texts[title] = strings.Join(all, "\n")
	}
	texts["rules_test.yaml"] = read(t, "prometheus/rules_test.yaml")
	series, of := series, known()
	for where, text := range texts {
		for _, name := range ours.FindAllString(text, -1) {
			require.Contains(t, of, name, where)
		}
		for _, s := range series.FindAllStringSubmatch(text, -1) {
			for _, l := range label.FindAllStringSubmatch(s[2], -1) {
				require.Contains(t, append([]string{"job", "instance"}, of[s[1]]...), l[1], "%s: %s", where, s[0])
			}
		}
	}
}

// Each alert says what to do, and is tested at a moment at which it fires and at one at which it does not yet.
func TestEachAlertIsTested(t *testing.T) {
	t.Parallel()
	var suite struct {
		Tests []struct {
			Name string
			Expr []struct {
				Expr    string
				Samples []struct{ Value float64 } `yaml:"exp_samples"`
			} `yaml:"promql_expr_test"`
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "prometheus/rules_test.yaml")), &suite))
	fires, quiet := map[string][]string{}, map[string]bool{}
	for _, test := range suite.Tests {
		for _, e := range test.Expr {
			_, after, is := strings.Cut(e.Expr, `alertname="`)
			require.True(t, is, e.Expr)
			name, _, _ := strings.Cut(after, `"`)
			if len(e.Samples) == 0 {
				quiet[name] = true
			} else {
				fires[name] = append(fires[name], test.Name)
			}
		}
	}
	page, seen := read(t, "../docs/metrics.md"), 0
	for _, g := range rulesOf(t).Groups {
		for _, r := range g.Rules {
			seen++
			require.NotEmpty(t, fires[r.Alert], "nothing fires %s", r.Alert)
			require.True(t, quiet[r.Alert], "%s is not held to be quiet before", r.Alert)
			require.NotEmpty(t, r.Annotations["summary"], r.Alert)
			require.NotEmpty(t, r.Annotations["action"], r.Alert)
			require.Contains(t, []string{"critical", "warning", "info"}, r.Labels["severity"])
			after := r.For
			if after == "" {
				after = "at once"
			}
			require.Contains(t, page, fmt.Sprintf("\n| `%s` | %s | %s | ", r.Alert, r.Labels["severity"], after))
			row := page[strings.Index(page, "\n| `"+r.Alert+"` "):]
			row, _, _ = strings.Cut(row[1:], "\n")
			for _, name := range fires[r.Alert] {
				require.Contains(t, row, name)
			}
		}
	}
	require.Len(t, fires, seen, "a test of an alert that is not there: %v", slices.Sorted(maps.Keys(fires)))
	require.Equal(t, seen, strings.Count(page, "\n| `Retrainer"))
}

// docs/metrics.md has each metric as the worker tells it.
func TestEachMetricIsDocumented(t *testing.T) {
	t.Parallel()
	page := read(t, "../docs/metrics.md")
	for _, m := range metric.All {
		labels := "none"
		if len(m.Labels) > 0 {
			labels = "`" + strings.Join(m.Labels, "`, `") + "`"
		}
		require.Contains(t, page, fmt.Sprintf("\n| `%s` | %s | %s | %s |\n", m.Exposed(), m.Kind, labels, m.Help))
	}
	require.Equal(t, len(metric.All), strings.Count(page, "\n| `retrainer_"))
}
