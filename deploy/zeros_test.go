package deploy_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/metric"
)

// shares are the alerts that need no series from the start, and why: what they compare is a share of many events.
var shares = map[string]string{
	"RetrainerServiceFails": "a share of the requests of a quarter of an hour, for another one: it does not hang on the first of a kind, which is not seen",
}

var (
	growth  = regexp.MustCompile(`\b(?:increase|rate|irate|delta)\((retrainer_[a-z_]+_total)(?:\{([^}]*)\})?\[`)
	matcher = regexp.MustCompile(`([a-z_]+)(=~|!~|!=|=)"([^"]*)"`)
)

// texts are values as they stand in labels.
func texts[T ~string](values []T, more ...string) []string {
	all := make([]string, 0, len(values)+len(more))
	for _, v := range values {
		all = append(all, string(v))
	}
	return append(all, more...)
}

// words are the values that a label of a counter may have.
func words() map[string][]string {
	return map[string][]string{
		"workflow_type": {"Retrain", "Evaluate", "Rollback", "Adopt", "Renew"},
		"outcome":       {"failed"}, // of all others no rule asks how many more there are
		"failure":       texts(lifecycle.FailureClasses),
		"kind":          texts(lifecycle.AlarmKinds),
		"event":         texts(lifecycle.Events),
		"format":        texts(lifecycle.Formats),
		"result":        {"sent", "again", "refused"},
	}
}

// selected are the label values of a counter that matchers select, in the order of the catalogue.
func selected(t *testing.T, m metric.Metric, matchers string) [][]string {
	t.Helper()
	all := [][]string{{}}
	for _, label := range m.Labels {
		values := words()[label]
		require.NotEmpty(t, values, "the values of %s are not known here", label)
		for _, by := range matcher.FindAllStringSubmatch(matchers, -1) {
			if by[1] != label {
				continue
			}
			values = slices.DeleteFunc(slices.Clone(values), func(v string) bool {
				same := v == by[3]
				if strings.HasSuffix(by[2], "~") {
					same = regexp.MustCompile("^(?:" + by[3] + ")$").MatchString(v)
				}
				return same == strings.HasPrefix(by[2], "!")
			})
		}
		var longer [][]string
		for _, before := range all {
			for _, v := range values {
				longer = append(longer, append(slices.Clone(before), v))
			}
		}
		all = longer
	}
	return all
}

// counterOf is the counter that Prometheus shows under a name.
func counterOf(exposed string) (metric.Metric, bool) {
	i := slices.IndexFunc(metric.All, func(m metric.Metric) bool { return m.Kind == metric.Counter && m.Exposed() == exposed })
	if i < 0 {
		return metric.Metric{}, false
	}
	return metric.All[i], true
}

func begins(m metric.Metric, labels []string) bool {
	return slices.ContainsFunc(m.Zeros, func(zero []string) bool { return slices.Equal(zero, labels) })
}

// The increase of a series that begins with its first event is nothing: what an alert waits for begins with 0.
func TestTheFirstEventIsAnIncrease(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, g := range rulesOf(t).Groups {
		for _, r := range g.Rules {
			found := growth.FindAllStringSubmatch(r.Expr, -1)
			require.Equal(t, strings.Count(r.Expr, "_total"), len(found), "%s: a counter in a form that this test does not read", r.Alert)
			for _, of := range found {
				if shares[r.Alert] != "" {
					continue
				}
				m, is := counterOf(of[1])
				require.True(t, is, of[1])
				values := selected(t, m, of[2])
				require.NotEmpty(t, values, "%s selects nothing that there is: %s", r.Alert, of[0])
				for _, labels := range values {
					seen++
					require.True(t, begins(m, labels), "%s: %s%v does not begin with 0", r.Alert, of[1], labels)
				}
			}
		}
	}
	require.Positive(t, seen)
	for alert := range shares {
		require.Contains(t, read(t, "prometheus/rules.yaml"), "alert: "+alert+"\n")
	}
}

// A counter in the tests of the rules begins as a worker shows it: with 0 where there is one from the start, else with its first event.
func TestRuleTestsBeginAsWorkersDo(t *testing.T) {
	t.Parallel()
	var suite struct {
		Tests []struct {
			Name  string
			Input []struct{ Series, Values string } `yaml:"input_series"`
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "prometheus/rules_test.yaml")), &suite))
	seen := 0
	for _, test := range suite.Tests {
		for _, input := range test.Input {
			name, labels, _ := strings.Cut(strings.TrimSuffix(input.Series, "}"), "{")
			m, is := counterOf(name)
			if !is {
				continue
			}
			seen++
			values := make([]string, len(m.Labels))
			for _, l := range matcher.FindAllStringSubmatch(labels, -1) {
				if at := slices.Index(m.Labels, l[1]); at >= 0 {
					values[at] = l[3]
				}
			}
			zero := regexp.MustCompile(`^0(?:[x+ ]|$)`).MatchString(input.Values)
			require.Equal(t, begins(m, values), zero, "%s: %s begins with %s", test.Name, input.Series, input.Values)
		}
	}
	require.Positive(t, seen)
}
