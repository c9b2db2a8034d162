package speech

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// canonicalHost is host and port in one spelling.
func canonicalHost(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// CheckEndpoint says what is wrong with the address of a resource: it must be https, or http to
// loopback, and nothing but a host and the root path.
func CheckEndpoint(endpoint string) error {
	_, err := parseEndpoint(endpoint)
	return err
}

func parseEndpoint(endpoint string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(endpoint))
	if err != nil || u.Host == "" || u.Hostname() == "" {
		return nil, fmt.Errorf("%q is not a URL with scheme and host, like https://westeurope.api.cognitive.microsoft.com", Redact(endpoint))
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if err := CheckURL(u.String()); err != nil {
		return nil, fmt.Errorf("%q: %w", Redact(endpoint), err)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q must be scheme and host only", Redact(endpoint))
	}
	if path := strings.TrimSuffix(u.Path, "/"); path != "" && path != rootPath {
		return nil, fmt.Errorf("%q must be scheme and host only, without %q", Redact(endpoint), path)
	}
	u.Path, u.RawPath = rootPath, ""
	return u, nil
}

// CheckURL holds a URL against the product's rule: https, or http to loopback. The error does not
// repeat the URL, which may be signed.
func CheckURL(rawURL string) error {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" {
		return errors.New("not a URL with scheme and host")
	}
	switch strings.ToLower(u.Scheme) {
	case "https":
		return nil
	case "http":
		if Loopback(u.Hostname()) {
			return nil
		}
		return errors.New("http is allowed to loopback only, use https")
	}
	return fmt.Errorf("scheme %q is not allowed, use https", u.Scheme)
}

// Loopback reports whether a host, without its port, is this machine and nothing else.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
