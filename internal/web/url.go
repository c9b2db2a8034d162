package web

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

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
