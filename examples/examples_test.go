// Package examples_test holds the examples to what their README says.
package examples_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/paper"
)

// readRequest decodes a request without the product's rules: through JSON, so that numbers compare.
func readRequest(t *testing.T, path string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	if filepath.Ext(path) == ".yaml" {
		text, err = yaml.YAMLToJSON(text)
		require.NoError(t, err)
	}
	var request map[string]any
	require.NoError(t, json.Unmarshal(text, &request))
	return request
}

func TestBothFormsOfTheRequestAreOne(t *testing.T) {
	t.Parallel()
	require.Empty(t, cmp.Diff(readRequest(t, "request.json"), readRequest(t, "request.yaml")))
}

func TestEveryReferencedFileIsShipped(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"request.yaml", "request.json", "request-full.yaml", "first-model.yaml"} {
		request := readRequest(t, path)
		data := request["training"].([]any)
		if tests, ok := request["tests"].([]any); ok {
			data = append(data, tests...)
		}
		require.NotEmpty(t, data, path)
		for _, entry := range data {
			file, _ := entry.(map[string]any)["file"].(string)
			if link, ok := entry.(map[string]any)["contentUrl"].(string); ok {
				served, found := strings.CutPrefix(link, "http://127.0.0.1:8090/files/")
				require.True(t, found, "%s: %s is not what the emulator serves by default", path, link)
				file = filepath.Join("data", filepath.FromSlash(served))
			}
			require.FileExists(t, file, path)
		}
	}
}

// What is accepted from earlier versions and only gives a note is nothing to copy.
func TestNothingWithoutEffectIsShown(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"request.yaml", "request.json", "request-full.yaml", "first-model.yaml", "first-fleet.yaml", "fleet.yaml", "demo.yaml", "../README.md",
	} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NotContains(t, string(text), "retryAfter", path)
	}
}

// The first model's fleet has the model of its request and nothing else.
func TestTheFirstFleetIsTheFirstModel(t *testing.T) {
	t.Parallel()
	request, fleet := readRequest(t, "first-model.yaml"), readRequest(t, "first-fleet.yaml")
	models := fleet["models"].([]any)
	require.Len(t, models, 1)
	model := models[0].(map[string]any)
	model["locale"] = fleet["defaults"].(map[string]any)["locale"]
	require.Empty(t, cmp.Diff(request, model))
}

// What the pages say of the cost of the first model is what the product reckons with.
func TestTheFirstModelCostsWhatThePagesSay(t *testing.T) {
	t.Parallel()
	prices := lifecycle.Prices{}.List()
	training := fmt.Sprintf("%.2f USD", prices.TrainingHour)
	hosting := prices.EndpointHour * 730
	test := prices.EvaluationAudioHour * 2 * recorded(t, "data/testing/audio-and-trans.zip").Hours()
	for path, says := range map[string][]string{
		"docs/first-model.md": {
			training + " for a compute hour", fmt.Sprintf("%g USD an hour", prices.EndpointHour), fmt.Sprintf("%.2f USD a month of 730 hours", hosting),
			fmt.Sprintf("%g USD for an hour of audio and model", prices.EvaluationAudioHour), fmt.Sprintf("%.2f USD for 3 minutes and two models", test),
		},
		"README.md": {fmt.Sprintf("%g USD for a training, %.2f USD for its test, %.0f USD a month for the endpoint", prices.TrainingHour, test, hosting)},
	} {
		text := paper.One(t, "..", path).Text
		for _, what := range says {
			require.Contains(t, text, what, path)
		}
	}
}

// recorded is how long the recordings of an archive last together.
func recorded(t *testing.T, path string) time.Duration {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	info, err := file.Stat()
	require.NoError(t, err)
	report, err := dataset.Check(t.Context(), file, info.Size(), lifecycle.DatasetAcoustic, "en-US", dataset.Limits{})
	require.NoError(t, err)
	return report.AudioDuration
}

// The demo's numbers mean something only if no test sentence was trained on while the terms are shared.
func TestTestSentencesAreNewAndTheirTermsAreTrained(t *testing.T) {
	t.Parallel()
	related, err := os.ReadFile("data/training/related-text.txt")
	require.NoError(t, err)
	training := transcript(t, "data/training/audio-and-trans.zip")
	testing := transcript(t, "data/testing/audio-and-trans.zip")

	trained := map[string]bool{}
	taught := map[string]bool{}
	for _, line := range append(strings.Split(strings.TrimPrefix(string(related), "\ufeff"), "\n"), training...) {
		trained[line] = true
		for _, word := range words(line) {
			taught[word] = true
		}
	}
	total := 0
	for _, line := range testing {
		require.False(t, trained[line], "%q is in the training data too", line)
		total += len(words(line))
	}
	require.Len(t, testing, 66)
	require.Equal(t, 502, total, "the number in README.md")
	for _, term := range []string{"nacelle", "anemometer", "scada", "igbt", "micropitting", "curtailment", "yaw", "borescope"} {
		require.True(t, taught[term], "%s is not in the training data", term)
		require.Contains(t, strings.ToLower(strings.Join(testing, "\n")), term)
	}
}

func words(line string) []string {
	return strings.Fields(strings.ToLower(strings.Trim(line, ". ")))
}

// transcript is the spoken texts of an archive, without the names of their recordings.
func transcript(t *testing.T, path string) []string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, archive.Close()) }()
	file, err := archive.Open("trans.txt")
	require.NoError(t, err)
	text, err := io.ReadAll(file)
	require.NoError(t, err)
	var texts []string
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		_, spoken, found := strings.Cut(strings.TrimRight(line, "\r\n"), "\t")
		require.True(t, found, line)
		texts = append(texts, spoken)
	}
	return texts
}
