package build

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFrom(t *testing.T) {
	t.Parallel()
	recorded := &debug.BuildInfo{
		Main:     debug.Module{Version: "v0.0.0-20261127120000-1a2b3c4d5e6f"},
		Settings: []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "1a2b3c4d5e6f7a8b"}, {Key: "vcs.modified", Value: "false"}},
	}
	changed := &debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "1a2b"}, {Key: "vcs.modified", Value: "true"}}}
	for want, b := range map[string]Info{
		"worker v1.2.3, commit 1a2b3c4d5e6f7a8b, ":                 from("v1.2.3", recorded),
		"worker 0.1.0-dev+1a2b3c4d5e6f, commit 1a2b3c4d5e6f7a8b, ": from("", recorded),
		"worker 0.1.0-dev+1a2b.dirty, commit 1a2b, ":               from("", changed),
		"worker v1.2.3, ":    from("v1.2.3", &debug.BuildInfo{}),
		"worker 0.1.0-dev, ": from("", &debug.BuildInfo{}),
	} {
		require.Equal(t, want+runtime.Version(), b.Line("worker"))
	}
	require.NotEmpty(t, Read().Version)
}
