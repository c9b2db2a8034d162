package campaign

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What counts are the creates of one worker in one activity: others go on beside it, and another worker takes over.
func TestPosts(t *testing.T) {
	t.Parallel()
	l := &lane{dir: t.TempDir()}
	const point = "Retrain/create-version/queue"
	n, err := l.posts(point, 17)
	require.NoError(t, err)
	require.Zero(t, n, "nobody has sent anything yet")
	lines := "Retrain/create-version 1\nRetrain/create-evaluation-0 17\nRetrain/create-version 17\nRetrain/create-version 171\nRetrain/create-version 17\n"
	require.NoError(t, os.WriteFile(filepath.Join(l.dir, postsFile), []byte(lines), 0o600))
	n, err = l.posts(point, 17)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, "create-version", activityOf(point))
}
