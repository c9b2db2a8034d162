package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/config"
)

// variables are an environment whose settings file is the one it names, or none.
type variables map[string]string

func (v variables) Environ() []string { return nil }

func (v variables) LookupEnv(name string) (string, bool) {
	value, ok := v[name]
	if name == "TEMPORAL_CONFIG_FILE" && !ok {
		return filepath.Join("testdata", "no-such-temporal.toml"), true
	}
	return value, ok
}

const (
	skip      = "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION"
	at        = "TEMPORAL_ADDRESS"
	elsewhere = "temporal.example:7233"
)

// Certificates are verified and keys are encrypted everywhere but on this machine.
func TestTemporalIsVerified(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "temporal.toml")
	require.NoError(t, os.WriteFile(file, []byte("[profile.default]\naddress = \""+elsewhere+"\"\n[profile.default.tls]\ndisable_host_verification = true\n"), 0o600))
	tests := map[string]struct {
		env     variables
		address string
		refused string
	}{
		"nothing set":                        {env: variables{}},
		"loopback by name":                   {env: variables{skip: "true", at: "localhost:7233"}},
		"loopback in capitals":               {env: variables{skip: "true", at: "LOCALHOST:7233"}},
		"loopback by number":                 {env: variables{skip: "1", at: "127.0.0.8:7233"}},
		"loopback of IPv6":                   {env: variables{skip: "true", at: "[::1]:7233"}},
		"the default address":                {env: variables{skip: "true"}},
		"verified elsewhere":                 {env: variables{skip: "false", at: elsewhere}},
		"not verified elsewhere":             {env: variables{skip: "true", at: elsewhere}, refused: skip},
		"not verified, with a key":           {env: variables{skip: "true", at: elsewhere, "TEMPORAL_API_KEY": "hunter2"}, refused: skip},
		"by the settings file":               {env: variables{"TEMPORAL_CONFIG_FILE": file}, refused: "disable_host_verification in temporal.toml"},
		"taken back by the environment":      {env: variables{"TEMPORAL_CONFIG_FILE": file, skip: "false"}},
		"the flag leads elsewhere":           {env: variables{skip: "true", at: "localhost:7233"}, address: elsewhere, refused: skip},
		"the flag leads here":                {env: variables{"TEMPORAL_CONFIG_FILE": file}, address: "127.0.0.1:7233"},
		"all addresses are not this machine": {env: variables{skip: "true", at: "0.0.0.0:7233"}, refused: skip},
		"a name that begins alike":           {env: variables{skip: "true", at: "localhost.example:7233"}, refused: skip},
		"a resolver's form":                  {env: variables{skip: "true", at: "dns:///localhost:7233"}, refused: skip},
		"a key in the clear":                 {env: variables{"TEMPORAL_TLS": "false", "TEMPORAL_API_KEY": "hunter2", at: elsewhere}, refused: "TEMPORAL_API_KEY"},
		"a key in the clear on this machine": {env: variables{"TEMPORAL_TLS": "false", "TEMPORAL_API_KEY": "hunter2"}},
		"a key, encrypted":                   {env: variables{"TEMPORAL_API_KEY": "hunter2", at: elsewhere}},
		"no TLS and no key":                  {env: variables{at: elsewhere}},
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
func refusedAddress(env variables, address string) string {
	if address == "" {
		address = env[at]
	}
	if address == "" {
		return elsewhere
	}
	return address
}
