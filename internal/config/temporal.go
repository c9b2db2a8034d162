package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"

	"speech-retrainer/internal/web"
)

// Temporal is what TEMPORAL_* and temporal.toml say of the connection to Temporal, as the Temporal CLI reads
// them. An address or namespace that is given goes before theirs; the defaults are filled in, so that messages
// can name them. Nothing is sent.
//
// What goes to Temporal decides which model serves. So its certificate is always verified and its API key never
// goes out unencrypted, unless it runs on this machine; the error names the setting to change.
func Temporal(env envconfig.EnvLookup, address, namespace string) (client.Options, error) {
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: env})
	if err == nil {
		options.HostPort = cmp.Or(address, options.HostPort, client.DefaultHostPort)
		options.Namespace = cmp.Or(namespace, options.Namespace, client.DefaultNamespace)
		err = trusted(options)
	}
	if err != nil {
		return client.Options{}, fmt.Errorf("settings for Temporal (TEMPORAL_*, temporal.toml): %w", err)
	}
	return options, nil
}

func trusted(options client.Options) error {
	if Local(options.HostPort) {
		return nil
	}
	secured := options.ConnectionOptions.TLS
	if options.ConnectionOptions.TLSDisabled {
		secured = nil
	}
	switch {
	case secured != nil && secured.InsecureSkipVerify:
		return fmt.Errorf("TEMPORAL_TLS_DISABLE_HOST_VERIFICATION (disable_host_verification in temporal.toml) is refused for %s, which is not this machine: "+
			"anybody on the way there could pass for Temporal; take it out, and name the server's own authority with TEMPORAL_TLS_SERVER_CA_CERT_PATH "+
			"or the name in its certificate with TEMPORAL_TLS_SERVER_NAME", options.HostPort)
	case secured == nil && options.Credentials != nil:
		return fmt.Errorf("TEMPORAL_API_KEY (api_key in temporal.toml) would go unencrypted to %s, which is not this machine: "+
			"take out TEMPORAL_TLS=false (disabled in temporal.toml)", options.HostPort)
	}
	return nil
}

// Local tells whether the address of a Temporal server is this machine. A form that is not host:port, which
// the client would hand to a resolver, is not.
func Local(address string) bool {
	host, _, err := net.SplitHostPort(address)
	var form *net.AddrError
	if errors.As(err, &form) && form.Err == "missing port in address" {
		host, err = address, nil
	}
	return err == nil && web.Loopback(host)
}
