package speech

import (
	"crypto/tls"
	"net/http"
)

// NewTransport makes the transport of everything that this product asks over HTTP: certificates are verified,
// which no setting can change, and the headers of an answer have a limit. Proxies are those of the environment.
func NewTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = idleConnsPerHost
	t.MaxResponseHeaderBytes = maxHeaderBytes
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	return t
}
