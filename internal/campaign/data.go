package campaign

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"
)

// dataServer is a server of data that can go away: then it answers 503.
type dataServer struct {
	server *httptest.Server
	away   atomic.Bool
}

func newDataServer(text string) *dataServer {
	d := &dataServer{}
	d.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.away.Load() {
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(w, r, "words.txt", time.Time{}, strings.NewReader("\ufeff"+text))
	}))
	return d
}
