package rehearsal

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// serve lets a handler listen on a free port of this machine, until hangUp cuts its connections and returns.
func serve(ctx context.Context, handler http.Handler) (url string, hangUp func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen for the rehearsal's Speech service: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		// It ends by hangUp alone.
		_ = server.Serve(listener)
	}()
	return "http://" + listener.Addr().String(), func() {
		_ = server.Close() // what goes on is cut off: the rehearsal has ended
		<-done
	}, nil
}
