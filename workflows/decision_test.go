package workflows_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
)

// The version that served until now stays until the next one has proved itself, also when no earlier ones are kept.
func TestTheVersionBeforeIsKept(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	_, err := b.retrain(gated(b, func(r map[string]any) { r["keep"] = 0 }))
	require.NoError(t, err)
	_, _, err = b.client().GetModel(t.Context(), first.Version.ID)
	require.NoError(t, err)
}

// A version is marked deploying, with its verdict, before the endpoint refers to it: whatever ends the run from then on,
// no sweep takes it for abandoned.
func TestAVersionIsMarkedBeforeTheEndpointChanges(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.retrain(gated(b, nil))
	require.NoError(t, err)
	b.ofAnEarlierRun(first.Version.ID)
	second, err := b.again().retrain(gated(b, nil))
	require.NoError(t, err)
	for _, id := range []string{first.Version.ID, second.Version.ID} {
		var marks map[string]string
		told := false
		for _, e := range b.service.Requests() {
			switch {
			case e.After == nil:
			case e.Object == id && e.After.Kind == "model":
				marks = e.After.CustomProperties
			case e.After.Kind == "endpoint" && e.After.Model == id && !told:
				told = true
				require.Equal(t, "deploying", marks["sr.state"])
				require.Contains(t, marks["sr.verdict"], "pass")
			}
		}
		require.True(t, told)
	}
}

// An endpoint that somebody has set by hand is changed only when a person says so, whatever the request says: nobody is
// asked by "never", and "promote" would let even a version serve that has failed.
func TestAPersonIsAskedBeforeAChangeByHandIsUndone(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(map[string]any){
		"when: never": func(r map[string]any) { r["approval"] = map[string]any{"when": "never"} },
		"onTimeout: promote, and it fails": func(r map[string]any) {
			test(r)["maxWordErrorRate"] = 0
			r["approval"] = map[string]any{"onTimeout": "promote", "timeout": "1h"}
		},
		"without tests": func(r map[string]any) {
			delete(r, "tests")
			r["untested"] = "promote"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, first := championed(t)
			require.NoError(t, b.SetMemoOnStart(map[string]any{"cause": lifecycle.CauseSetByHand}))
			report, err := b.retrain(gated(b, change))
			require.NoError(t, err)
			require.NotNil(t, report.Approval, "asked")
			require.Equal(t, lifecycle.AnswerTimeout, report.Approval.Answer)
			if name == "when: never" {
				return // it passes, and is not worse than what serves
			}
			require.Equal(t, lifecycle.Rejected, report.Outcome)
			require.Equal(t, first.Version.ID, b.serving())
		})
	}
}

// Nobody answers, and the champion is about to expire: the version serves if it is better than the bare base model in
// every test. One test in which it is worse outweighs another in which it is better.
func TestTheWorstTestDecidesForAnUnansweredVersion(t *testing.T) {
	t.Parallel()
	b, first := championed(t)
	old := b.models()[0].BaseModel.ID()
	_, err := b.service.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US", Quality: lifecycle.Ptr(0.92)})
	require.NoError(t, err)
	require.NoError(t, b.service.SetTime(t.Context(), first.Version.ExpiresAt.Add(-5*24*time.Hour)))
	later := b.service.Now().Add(100 * 24 * time.Hour)
	require.NoError(t, b.service.Redate(old, &later, &later))
	other := foreignWords(t)
	report, err := b.retrain(gated(b, func(r map[string]any) {
		r["baseModel"] = old
		r["tests"] = append(r["tests"].([]any), map[string]any{"name": "other calls", "kind": "Acoustic", "contentUrl": other})
		r["approval"] = map[string]any{"when": "always", "timeout": "1h"}
	}))
	require.NoError(t, err)
	require.Len(t, report.Tests, 2)
	require.Less(t, *report.Tests[0].Difference**report.Tests[1].Difference, 0.0, "better in one, worse in the other")
	require.Equal(t, lifecycle.Rejected, report.Outcome)
}

// foreignWords serves the calls of the example with other words in them, none of which anybody has trained.
func foreignWords(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "examples", "data", "testing", "audio-and-trans.zip"))
	require.NoError(t, err)
	in, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	lines := "\ufeff"
	for i, f := range in.File {
		if f.Name == "trans.txt" {
			continue
		}
		w, err := archive.Create(f.Name)
		require.NoError(t, err)
		r, err := f.Open()
		require.NoError(t, err)
		_, err = io.Copy(w, r)
		require.NoError(t, err)
		lines += f.Name + "\t"
		for n := range 8 {
			lines += fmt.Sprintf("%cel%cor%can ", 'b'+rune(i*8+n)%20, 'b'+rune(i*3+n)%20, 'b'+rune(i+n*7)%20)
		}
		lines += "\n"
	}
	w, err := archive.Create("trans.txt")
	require.NoError(t, err)
	_, err = io.WriteString(w, lines)
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(out.Bytes()) }))
	t.Cleanup(server.Close)
	return server.URL + "/other.zip"
}
