package rehearsal

import (
	"context"
	"os"
	"path/filepath"

	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/stack"
)

// OnPrivateServer is Run on a Temporal server of its own, which ends with the rehearsal. It needs the Temporal CLI.
func OnPrivateServer(ctx context.Context, o Options) (result Result, err error) {
	self, err := os.Executable()
	if err != nil {
		return result, err
	}
	binary, err := stack.FindTemporal(filepath.Dir(self))
	if err != nil {
		return result, err
	}
	logs, err := os.MkdirTemp("", "rehearsal-logs-")
	if err != nil {
		return result, err
	}
	defer func() { _ = os.RemoveAll(logs) }() // they lie in the system's folder for temporary files
	s, err := stack.New(logs)
	if err != nil {
		return result, err
	}
	defer func() {
		if closing := s.Close(); err == nil {
			err = closing
		}
	}()
	server, err := s.StartServer(ctx, stack.ServerOptions{Binary: binary})
	if err != nil {
		return result, err
	}
	if o.Client, err = client.DialContext(ctx, client.Options{HostPort: server.Address, Logger: silent()}); err != nil {
		return result, err
	}
	defer o.Client.Close()
	return Run(ctx, o)
}
