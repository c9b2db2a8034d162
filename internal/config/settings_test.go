package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/speech"
)

const key = "0123456789abcdef0123456789abcdef"

func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestFromEnv(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, []byte("\ufeff"+key+"\r\n"), 0o600))
	tests := map[string]struct {
		vars     map[string]string
		resource string
		version  string
		share    float64
		lag      time.Duration
		owner    string
	}{
		"endpoint and key": {
			vars:     map[string]string{"SPEECH_ENDPOINT": "https://calls.cognitiveservices.azure.com/", "SPEECH_KEY": " " + key + "\n"},
			resource: "calls.cognitiveservices.azure.com",
		},
		"endpoint with the root path": {
			vars:     map[string]string{"SPEECH_ENDPOINT": "https://calls.cognitiveservices.azure.com/speechtotext", "SPEECH_KEY": key},
			resource: "calls.cognitiveservices.azure.com",
		},
		"region in the public cloud": {
			vars:     map[string]string{"SPEECH_REGION": "WestEurope", "SPEECH_KEY": key},
			resource: "westeurope.api.cognitive.microsoft.com",
		},
		"region of the US government": {
			vars:     map[string]string{"SPEECH_REGION": "usgovarizona", "SPEECH_CLOUD": "usgov", "SPEECH_KEY": key},
			resource: "usgovarizona.api.cognitive.microsoft.us",
		},
		"region of China": {
			vars:     map[string]string{"SPEECH_REGION": "chinanorth3", "SPEECH_CLOUD": "china", "SPEECH_KEY_FILE": file},
			resource: "chinanorth3.api.cognitive.azure.cn",
		},
		"everything set": {
			vars: map[string]string{
				"SPEECH_ENDPOINT": "http://127.0.0.1:8090", "SPEECH_KEY": "any", "SPEECH_API_VERSION": "2024-11-15",
				"SPEECH_QUOTA_SHARE": "0.25", "SPEECH_LIST_LAG": "0s", "RETRAINER_OWNER": "ops",
			},
			resource: "127.0.0.1:8090", version: "2024-11-15", share: 0.25, lag: -1, owner: "ops",
		},
		"share as a fraction": {
			vars:     map[string]string{"SPEECH_ENDPOINT": "http://[::1]:8090", "SPEECH_KEY": "any", "SPEECH_QUOTA_SHARE": "1/4"},
			resource: "[::1]:8090", share: 0.25,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := config.FromEnv(env(tt.vars))
			require.NoError(t, err)
			client, err := speech.New(speech.Config{Access: s.Speech})
			require.NoError(t, err)
			require.Equal(t, tt.resource, client.Resource())
			if tt.vars["SPEECH_KEY"] != "any" {
				require.Equal(t, key, s.Speech.Key)
			}
			version, share, lag := tt.version, tt.share, tt.lag
			if version == "" {
				version = "2025-10-15"
			}
			if share == 0 {
				share = 1
			}
			switch lag {
			case 0:
				lag = 30 * time.Second
			case -1:
				lag = 0
			}
			require.Equal(t, version, client.APIVersion())
			require.InDelta(t, share, s.Speech.QuotaShare, 1e-9)
			require.Equal(t, lag, s.ListLag)
			require.Equal(t, tt.owner, s.Owner)
		})
	}
}

func TestFromEnvEntra(t *testing.T) {
	t.Parallel()
	s, err := config.FromEnv(env(map[string]string{
		"SPEECH_ENDPOINT":    "https://calls.cognitiveservices.azure.com",
		"SPEECH_TOKEN_SCOPE": "https://cognitiveservices.azure.us/.default",
	}))
	require.NoError(t, err)
	require.Empty(t, s.Speech.Key)
	require.NotNil(t, s.Speech.Credential)
	require.Equal(t, "https://cognitiveservices.azure.us/.default", s.Speech.TokenScope)
}

func TestFromEnvRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty, huge := filepath.Join(dir, "empty"), filepath.Join(dir, "huge")
	require.NoError(t, os.WriteFile(empty, []byte("\n"), 0o600))
	require.NoError(t, os.WriteFile(huge, make([]byte, 5000), 0o600))
	good := "https://calls.cognitiveservices.azure.com"
	tests := map[string]struct {
		vars map[string]string
		want []string // parts of the message
	}{
		"nothing set": {nil, []string{"SPEECH_ENDPOINT", "SPEECH_REGION"}},
		"endpoint and region": {
			map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_REGION": "westus", "SPEECH_KEY": key},
			[]string{"SPEECH_ENDPOINT and SPEECH_REGION are both set"},
		},
		"endpoint and cloud": {
			map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_CLOUD": "usgov", "SPEECH_KEY": key},
			[]string{"SPEECH_CLOUD goes with SPEECH_REGION"},
		},
		"unknown cloud":           {map[string]string{"SPEECH_REGION": "westus", "SPEECH_CLOUD": "moon", "SPEECH_KEY": key}, []string{`SPEECH_CLOUD "moon"`}},
		"region that is a host":   {map[string]string{"SPEECH_REGION": "evil.example/x", "SPEECH_KEY": key}, []string{"SPEECH_REGION"}},
		"http to another machine": {map[string]string{"SPEECH_ENDPOINT": "http://10.0.0.8", "SPEECH_KEY": key}, []string{"SPEECH_ENDPOINT", "https"}},
		"host of recognition": {
			map[string]string{"SPEECH_ENDPOINT": "https://westeurope.stt.speech.microsoft.com", "SPEECH_KEY": key},
			[]string{"SPEECH_ENDPOINT", "another API", "use https://westeurope.api.cognitive.microsoft.com, or"},
		},
		"host of voices": {
			map[string]string{"SPEECH_ENDPOINT": "https://WestUS2.TTS.speech.microsoft.com/cognitiveservices/v1", "SPEECH_KEY": key},
			[]string{"SPEECH_ENDPOINT", "use https://westus2.api.cognitive.microsoft.com, or"},
		},
		"host without a scheme": {
			map[string]string{"SPEECH_ENDPOINT": "westus.stt.speech.microsoft.com", "SPEECH_KEY": key},
			[]string{"SPEECH_ENDPOINT", "use https://westus.api.cognitive.microsoft.com, or"},
		},
		"an endpoint's web socket": {
			map[string]string{"SPEECH_ENDPOINT": "wss://westus.stt.speech.microsoft.com/stt/speech/universal/v2?cid=7", "SPEECH_KEY": key},
			[]string{"SPEECH_ENDPOINT", "use https://westus.api.cognitive.microsoft.com, or"},
		},
		"web socket, custom domain": {
			map[string]string{"SPEECH_ENDPOINT": "wss://calls.cognitiveservices.azure.com/stt/speech/universal/v2", "SPEECH_KEY": key},
			[]string{"SPEECH_ENDPOINT", "use https://calls.cognitiveservices.azure.com"},
		},
		"recognition, US government": {
			map[string]string{"SPEECH_ENDPOINT": "https://usgovvirginia.stt.speech.azure.us/", "SPEECH_KEY": key},
			[]string{"SPEECH_ENDPOINT", "use https://usgovvirginia.api.cognitive.microsoft.us, or"},
		},
		"recognition, China": {
			map[string]string{"SPEECH_ENDPOINT": "https://chinaeast2.stt.speech.azure.cn", "SPEECH_KEY": key},
			[]string{"SPEECH_ENDPOINT", "use https://chinaeast2.api.cognitive.azure.cn, or"},
		},
		"Azure OpenAI": {
			map[string]string{"SPEECH_ENDPOINT": "https://calls.openai.azure.com/", "SPEECH_KEY": key},
			[]string{"SPEECH_ENDPOINT", "Azure OpenAI", "use https://calls.cognitiveservices.azure.com, or"},
		},
		"Foundry": {
			map[string]string{"SPEECH_ENDPOINT": "https://calls.services.ai.azure.com/api/projects/desk", "SPEECH_KEY": key},
			[]string{"SPEECH_ENDPOINT", "Foundry", "use https://calls.cognitiveservices.azure.com, or"},
		},
		"an old console": {
			map[string]string{"SPEECH_ENDPOINT": "https://westus.dev.cognitive.microsoft.com", "SPEECH_KEY": key},
			[]string{"SPEECH_ENDPOINT", "use https://westus.api.cognitive.microsoft.com, or"},
		},
		"an older console": {
			map[string]string{"SPEECH_ENDPOINT": "https://westus.cris.ai", "SPEECH_KEY": key},
			[]string{"SPEECH_ENDPOINT", "use https://westus.api.cognitive.microsoft.com, or"},
		},
		"a portal": {
			map[string]string{"SPEECH_ENDPOINT": "https://speech.microsoft.com/portal/customspeech", "SPEECH_KEY": key},
			[]string{"SPEECH_ENDPOINT", "of a portal", "that the portal shows"},
		},
		"Azure's own API": {
			map[string]string{"SPEECH_ENDPOINT": "https://management.azure.com", "SPEECH_KEY": key},
			[]string{"SPEECH_ENDPOINT", "Azure Resource Manager"},
		},
		"endpoint without scheme": {map[string]string{"SPEECH_ENDPOINT": "calls.cognitiveservices.azure.com", "SPEECH_KEY": key}, []string{"SPEECH_ENDPOINT"}},
		"endpoint with another path": {
			map[string]string{"SPEECH_ENDPOINT": good + "/speechtotext/v3.2", "SPEECH_KEY": key},
			[]string{"SPEECH_ENDPOINT", "scheme and host only"},
		},
		"endpoint with a password": {map[string]string{"SPEECH_ENDPOINT": "https://u:hunter2@calls.example", "SPEECH_KEY": key}, []string{"SPEECH_ENDPOINT"}},
		"endpoint with a key":      {map[string]string{"SPEECH_ENDPOINT": good + "?key=hunter2", "SPEECH_KEY": key}, []string{"SPEECH_ENDPOINT"}},
		"key and key file": {
			map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY": key, "SPEECH_KEY_FILE": empty},
			[]string{"SPEECH_KEY and SPEECH_KEY_FILE are both set"},
		},
		"missing key file": {
			map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY_FILE": filepath.Join(dir, "none")},
			[]string{"SPEECH_KEY_FILE cannot be read"},
		},
		"key file that is a folder": {map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY_FILE": dir}, []string{"SPEECH_KEY_FILE cannot be read"}},
		"empty key file":            {map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY_FILE": empty}, []string{"SPEECH_KEY_FILE", "is empty"}},
		"huge key file":             {map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY_FILE": huge}, []string{"SPEECH_KEY_FILE", "not a key"}},
		"key with a blank":          {map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY": "hunter2 hunter2"}, []string{"SPEECH_KEY holds blanks"}},
		"scope with a key":          {map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY": key, "SPEECH_TOKEN_SCOPE": "x"}, []string{"SPEECH_TOKEN_SCOPE"}},
		"Entra with a region":       {map[string]string{"SPEECH_REGION": "westus"}, []string{"SPEECH_KEY or SPEECH_KEY_FILE", "SPEECH_REGION", "custom subdomain"}},
		"Entra with a regional host": {
			map[string]string{"SPEECH_ENDPOINT": "https://westus.api.cognitive.microsoft.com"},
			[]string{"SPEECH_KEY", "SPEECH_ENDPOINT", "custom subdomain"},
		},
		"Entra over http": {map[string]string{"SPEECH_ENDPOINT": "http://127.0.0.1:8090"}, []string{"SPEECH_KEY", "https only"}},
		"API version": {
			map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY": key, "SPEECH_API_VERSION": "3.2"},
			[]string{"SPEECH_API_VERSION", "2025-10-15 or 2024-11-15"},
		},
		"share above one": {
			map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY": key, "SPEECH_QUOTA_SHARE": "4"}, []string{"SPEECH_QUOTA_SHARE", "1/n"},
		},
		"share of nothing":          {map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY": key, "SPEECH_QUOTA_SHARE": "0/0"}, []string{"SPEECH_QUOTA_SHARE"}},
		"share that is none":        {map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY": key, "SPEECH_QUOTA_SHARE": "half"}, []string{"SPEECH_QUOTA_SHARE"}},
		"key in place of a file":    {map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY_FILE": key}, []string{"SPEECH_KEY_FILE cannot be read"}},
		"key in place of a region":  {map[string]string{"SPEECH_REGION": "c" + key[1:], "SPEECH_KEY": key}, []string{"SPEECH_REGION"}},
		"key in place of a version": {map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY": key, "SPEECH_API_VERSION": key}, []string{"SPEECH_API_VERSION"}},
		"key in place of a host":    {map[string]string{"SPEECH_ENDPOINT": key, "SPEECH_KEY": key}, []string{"SPEECH_ENDPOINT"}},
		"negative lag":              {map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY": key, "SPEECH_LIST_LAG": "-1s"}, []string{"SPEECH_LIST_LAG"}},
		"old snapshot":              {map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY": key, "SPEECH_SNAPSHOT_AGE": "61s"}, []string{"SPEECH_SNAPSHOT_AGE"}},
		"lag without a unit":        {map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY": key, "SPEECH_LIST_LAG": "30"}, []string{"SPEECH_LIST_LAG"}},
		"no room for datasets":      {map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY": key, "SPEECH_DATASET_QUOTA": "0"}, []string{"SPEECH_DATASET_QUOTA"}},
		"no room for endpoints": {
			map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY": key, "SPEECH_ENDPOINT_QUOTA": "some"},
			[]string{"SPEECH_ENDPOINT_QUOTA"},
		},
		"owner too long": {
			map[string]string{"SPEECH_ENDPOINT": good, "SPEECH_KEY": key, "RETRAINER_OWNER": string(make([]rune, 257))},
			[]string{"RETRAINER_OWNER"},
		},
		"all problems at once": {
			map[string]string{"SPEECH_KEY": key, "SPEECH_API_VERSION": "1", "SPEECH_LIST_LAG": "x"},
			[]string{"SPEECH_ENDPOINT", "SPEECH_API_VERSION", "SPEECH_LIST_LAG"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := config.FromEnv(env(tt.vars))
			var problems *config.Error
			require.ErrorAs(t, err, &problems)
			require.Zero(t, s)
			for _, want := range tt.want {
				require.ErrorContains(t, err, want)
			}
			require.NotContains(t, err.Error(), key[1:])
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestSettingsPrintNoKey(t *testing.T) {
	t.Parallel()
	s, err := config.FromEnv(env(map[string]string{"SPEECH_ENDPOINT": "https://a.example", "SPEECH_KEY": key}))
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(verb, s), key, verb)
		require.NotContains(t, fmt.Sprintf(verb, &s), key, verb)
		require.NotContains(t, fmt.Sprintf(verb, s.Speech), key, verb)
	}
}

func TestQuotasOfTheResource(t *testing.T) {
	t.Parallel()
	vars := map[string]string{"SPEECH_ENDPOINT": "http://127.0.0.1:8090", "SPEECH_KEY": "any"}
	s, err := config.FromEnv(env(vars))
	require.NoError(t, err)
	require.Equal(t, []int{50, 500}, []int{s.EndpointQuota, s.DatasetQuota}, "those of a standard resource")
	vars["SPEECH_ENDPOINT_QUOTA"], vars["SPEECH_DATASET_QUOTA"] = "1", "2"
	s, err = config.FromEnv(env(vars))
	require.NoError(t, err)
	require.Equal(t, []int{1, 2}, []int{s.EndpointQuota, s.DatasetQuota})
}
