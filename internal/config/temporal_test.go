package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/config"
)

const (
	skip      = "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION"
	at        = "TEMPORAL_ADDRESS"
	elsewhere = "temporal.example:7233"
)

// Certificates are verified and keys are encrypted everywhere but on this machine.
func TestTemporalIsVerified(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "temporal.toml")
	profile := "[profile.default]\naddress = \"" + elsewhere + "\"\n[profile.default.tls]\ndisable_host_verification = true\n"
	require.NoError(t, os.WriteFile(file, []byte(profile), 0o600))
	tests := map[string]struct {
		env     bundle.Env
		address string
		refused string
	}{
		"nothing set":                        {env: bundle.Env{}},
		"loopback by name":                   {env: bundle.Env{skip: "true", at: "localhost:7233"}},
		"loopback in capitals":               {env: bundle.Env{skip: "true", at: "LOCALHOST:7233"}},
		"loopback by number":                 {env: bundle.Env{skip: "1", at: "127.0.0.8:7233"}},
		"loopback of IPv6":                   {env: bundle.Env{skip: "true", at: "[::1]:7233"}},
		"the default address":                {env: bundle.Env{skip: "true"}},
		"verified elsewhere":                 {env: bundle.Env{skip: "false", at: elsewhere}},
		"not verified elsewhere":             {env: bundle.Env{skip: "true", at: elsewhere}, refused: skip},
		"not verified, with a key":           {env: bundle.Env{skip: "true", at: elsewhere, "TEMPORAL_API_KEY": "hunter2"}, refused: skip},
		"by the settings file":               {env: bundle.Env{"TEMPORAL_CONFIG_FILE": file}, refused: "disable_host_verification in temporal.toml"},
		"taken back by the environment":      {env: bundle.Env{"TEMPORAL_CONFIG_FILE": file, skip: "false"}},
		"the flag leads elsewhere":           {env: bundle.Env{skip: "true", at: "localhost:7233"}, address: elsewhere, refused: skip},
		"the flag leads here":                {env: bundle.Env{"TEMPORAL_CONFIG_FILE": file}, address: "127.0.0.1:7233"},
		"all addresses are not this machine": {env: bundle.Env{skip: "true", at: "0.0.0.0:7233"}, refused: skip},
		"a name that begins alike":           {env: bundle.Env{skip: "true", at: "localhost.example:7233"}, refused: skip},
		"a resolver's form":                  {env: bundle.Env{skip: "true", at: "dns:///localhost:7233"}, refused: skip},
		"a key in the clear":                 {env: bundle.Env{"TEMPORAL_TLS": "false", "TEMPORAL_API_KEY": "hunter2", at: elsewhere}, refused: "TEMPORAL_API_KEY"},
		"a key in the clear on this machine": {env: bundle.Env{"TEMPORAL_TLS": "false", "TEMPORAL_API_KEY": "hunter2"}},
		"a key, encrypted":                   {env: bundle.Env{"TEMPORAL_API_KEY": "hunter2", at: elsewhere}},
		"no TLS and no key":                  {env: bundle.Env{at: elsewhere}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options, err := config.Temporal(tt.env, tt.address, "")
			if tt.refused == "" {
				require.NoError(t, err)
				require.NotEmpty(t, options.HostPort)
				require.Equal(t, "default", options.Namespace)
				return
			}
			require.ErrorContains(t, err, "settings for Temporal (TEMPORAL_*, temporal.toml): ")
			require.ErrorContains(t, err, tt.refused)
			require.ErrorContains(t, err, refusedAddress(tt.env, tt.address))
			require.NotContains(t, err.Error(), "hunter2")
			require.Zero(t, options)
		})
	}
}

// refusedAddress is the address that a refusal must name.
func refusedAddress(env bundle.Env, address string) string {
	if address == "" {
		address = env[at]
	}
	if address == "" {
		return elsewhere
	}
	return address
}
