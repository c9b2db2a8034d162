package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// driving holds what a terminal obeys: an escape sequence, C1 controls, a carriage return, a bell, a
// change of writing direction.
const driving = "a\x1b[2J\u009b31mb\rc\a\u202ed\u2028e\ttail"

// Whatever the service puts into any text of a report, the screen sees none of it as an instruction, in
// words as in JSON.
func TestHostileReport(t *testing.T) {
	t.Parallel()
	bad := sample.Failed()
	bad.Trouble = []lifecycle.Trouble{
		{Kind: lifecycle.Retrying, Step: lifecycle.Ptr("await-training"), Message: "get model: away", Next: lifecycle.Ptr("look; then: temporal workflow list")},
		{Kind: lifecycle.Paused, Step: lifecycle.Ptr("create-version"), Message: "is paused by ann", Next: lifecycle.Ptr("let it go on: temporal activity unpause")},
	}
	data, err := json.Marshal(bad)
	require.NoError(t, err)
	var tree any
	require.NoError(t, json.Unmarshal(data, &tree))
	data, err = json.Marshal(poison(tree))
	require.NoError(t, err)
	var report lifecycle.Report
	require.NoError(t, json.Unmarshal(data, &report))

	visible := func(text string) {
		require.Equal(t, -1, strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }), "%q", text)
	}
	var stdout bytes.Buffer
	a := newApp(Options{Stdout: &stdout, Stderr: &stdout, Env: env{}})
	a.out.Report(report)
	visible(stdout.String())

	stdout.Reset()
	a.out.JSON = true
	a.out.Report(report)
	visible(stdout.String())
	var back lifecycle.Report
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &back))
	require.Empty(t, cmp.Diff(report, back), "JSON keeps the text as the service gave it")
}

// poison appends driving to every string of a decoded JSON document but times.
func poison(value any) any {
	switch v := value.(type) {
	case string:
		if _, err := time.Parse(time.RFC3339, v); err == nil {
			return v
		}
		return v + driving
	case []any:
		for i := range v {
			v[i] = poison(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = poison(v[key])
		}
	}
	return value
}
