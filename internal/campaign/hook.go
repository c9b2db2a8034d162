package campaign

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
)

// hookVariable is the workers' variable that holds the address of the web hook.
const hookVariable = "CAMPAIGN_HOOK"

// hook is a web hook that counts what it is told.
type hook struct {
	server *httptest.Server
	told   atomic.Int64
}

func newHook() *hook {
	h := &hook{}
	h.server = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { h.told.Add(1) }))
	return h
}

func (h *hook) count() int64 { return h.told.Load() }
