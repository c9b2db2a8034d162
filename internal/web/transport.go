// Package web is how this product asks anything over HTTP: which URLs it asks, by which transport, and how long it waits
// when an answer says so. The client of the service and the web hooks stand on it.
package web

import (
	"crypto/tls"
	"net/http"
)

// Limits of every client.
const (
	// IdleConnsPerHost is how many connections are kept for the next request to the same host.
	IdleConnsPerHost = 16
	// maxHeaderBytes bounds the headers of an answer.
	maxHeaderBytes = 256 << 10
)

// NewTransport makes the transport of everything that this product asks over HTTP: certificates are verified,
// which no setting can change, and the headers of an answer have a limit. Proxies are those of the environment.
func NewTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = IdleConnsPerHost
	t.MaxResponseHeaderBytes = maxHeaderBytes
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	return t
}
