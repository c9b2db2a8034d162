package stack

import (
	"os"
	"strings"
)

// foreign are the prefixes of settings that belong to somebody's real resource, cluster or collector. A local
// stack must never reach those, whatever the operator's shell has exported.
var foreign = []string{"TEMPORAL_", "SPEECH_", "AZURE_", "RETRAINER_", "OTEL_"}

// Environment returns this process's environment without the settings of real services, plus extra.
// TEMPORAL_CONFIG_FILE names the null device: a profile in the operator's home stays out too.
func Environment(extra ...string) []string {
	var env []string
	for _, entry := range os.Environ() {
		if !hasPrefix(entry, foreign) {
			env = append(env, entry)
		}
	}
	return append(append(env, "TEMPORAL_CONFIG_FILE="+os.DevNull), extra...)
}

func hasPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
