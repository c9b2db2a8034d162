package fleet

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// A path is relative to the request, not to where starter was started; on standard input there is no
// other place.
func TestLocalFilesAreFoundFromTheRequest(t *testing.T) {
	t.Parallel()
	given := Given{Request: lifecycle.Request{
		Training: []lifecycle.Data{{File: "a.txt"}, {Dataset: "x"}, {File: "/abs/b.txt"}},
		Tests:    []lifecycle.Test{{Data: lifecycle.Data{File: "../c.zip"}}},
	}, Doc: Document{Dir: "requests"}}
	files := given.Files()
	require.Len(t, files, 3)
	require.Equal(t, []string{"training[0]", "training[2]", "tests[0]"}, []string{files[0].Entry, files[1].Entry, files[2].Entry})
	require.Equal(t, []string{"requests/a.txt", "/abs/b.txt", "c.zip"}, []string{files[0].Path, files[1].Path, files[2].Path})
	require.Equal(t, []bool{false, false, true}, []bool{files[0].Test, files[1].Test, files[2].Test})
	given.Doc.Dir = ""
	require.Equal(t, "a.txt", given.Files()[0].Path)
}
