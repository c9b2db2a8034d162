package dataset_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

var hexDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)

func TestIdentityHashesTheDocumentedFraming(t *testing.T) {
	t.Parallel()
	id, err := dataset.Identity(t.Context(), strings.NewReader("hello\n"), "Language", "en-US")
	require.NoError(t, err)
	sum := sha256.Sum256([]byte("12:sr.content/1,4:file,8:Language,5:en-US,hello\n"))
	require.Equal(t, hex.EncodeToString(sum[:]), id)

	id, sees := dataset.URLIdentity("https://host/a?b=1", `"7"`, "Mon", "Language", "en-US")
	require.True(t, sees)
	sum = sha256.Sum256([]byte(`12:sr.content/1,3:url,8:Language,5:en-US,4:etag,3:"7",18:https://host/a?b=1,`))
	require.Equal(t, hex.EncodeToString(sum[:]), id)
}

func TestIdentityRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOf(rapid.Byte()).Draw(t, "content")
		kind, locale := lifecycle.DatasetKind(rapid.String().Draw(t, "kind")), rapid.String().Draw(t, "locale")
		id, err := dataset.Identity(context.Background(), bytes.NewReader(content), kind, locale)
		require.NoError(t, err)
		require.Regexp(t, hexDigest, id)

		again, err := dataset.Identity(context.Background(), iotest.OneByteReader(bytes.NewReader(content)), kind, locale)
		require.NoError(t, err)
		require.Equal(t, id, again, "how the bytes arrive changes nothing")

		other := rapid.SliceOf(rapid.Byte()).Draw(t, "other content")
		otherKind, otherLocale := lifecycle.DatasetKind(rapid.String().Draw(t, "other kind")), rapid.String().Draw(t, "other locale")
		otherID, err := dataset.Identity(context.Background(), bytes.NewReader(other), otherKind, otherLocale)
		require.NoError(t, err)
		same := bytes.Equal(content, other) && kind == otherKind && locale == otherLocale
		require.Equal(t, same, id == otherID)
	})
}

// A kind's tail must not be mistaken for the locale's or the content's head.
func TestIdentityFieldsDoNotRunTogether(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, c := range [][3]string{{"ab", "c", "d"}, {"a", "bc", "d"}, {"a", "b", "cd"}, {"", "abc", "d"}, {"a", "b,1:c,", "d"}, {"a", "b", "1:c,d"}} {
		id, err := dataset.Identity(t.Context(), strings.NewReader(c[2]), lifecycle.DatasetKind(c[0]), c[1])
		require.NoError(t, err)
		require.NotContains(t, seen, id)
		seen[id] = c[0]
	}
}

func TestIdentityStopsAndFails(t *testing.T) {
	t.Parallel()
	gone := errors.New("operator left")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	_, err := dataset.Identity(ctx, strings.NewReader("x"), "Language", "en-US")
	require.ErrorIs(t, err, gone)

	_, err = dataset.Identity(t.Context(), io.MultiReader(strings.NewReader("x"), iotest.ErrReader(io.ErrUnexpectedEOF)), "Language", "en-US")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorContains(t, err, "Language")
}

func TestURLIdentityOfTheSameDocument(t *testing.T) {
	t.Parallel()
	const plain = "https://store.example/data/notes.txt?a=1&b=2"
	want, _ := dataset.URLIdentity(plain, `"e"`, "", "Language", "en-US")
	for name, same := range map[string]string{
		"other order":         "https://store.example/data/notes.txt?b=2&a=1",
		"host in upper case":  "HTTPS://Store.Example/data/notes.txt?a=1&b=2",
		"userinfo":            "https://me:secret@store.example/data/notes.txt?a=1&b=2",
		"fragment":            plain + "#part",
		"signature words":     plain + "&sig=1&signature=2&token=3&key=4&se=5",
		"upper-case words":    plain + "&SIG=1&Signature=2&Token=3",
		"encoded word":        plain + "&s%69g=1",
		"amazon":              plain + "&X-Amz-Date=1&x-amz-signature=2",
		"azure SAS":           plain + "&sp=r&st=2026-01-01T00:00:00Z&se=2026-02-01T00:00:00Z&spr=https&sv=2024-11-04&sr=b&sig=abc%3D",
		"azure delegated SAS": plain + "&skoid=1&sktid=2&skt=3&ske=4&sks=b&skv=5&sv=6&sr=b&se=7&sig=8",
		"empty pairs":         "https://store.example/data/notes.txt?&a=1&&b=2&",
	} {
		id, sees := dataset.URLIdentity(same, `"e"`, "", "Language", "en-US")
		require.True(t, sees, name)
		require.Equal(t, want, id, name)
	}
	for name, other := range map[string]string{
		"other value":               "https://store.example/data/notes.txt?a=1&b=3",
		"key dropped":               "https://store.example/data/notes.txt?a=1",
		"other path":                "https://store.example/data/Notes.txt?a=1&b=2",
		"other scheme":              "http://store.example/data/notes.txt?a=1&b=2",
		"blob version":              plain + "&versionid=7&sv=1&sig=2",
		"sv that is no SAS":         plain + "&sv=1",
		"key that only looks alike": plain + "&sigma=1",
		"encoded ampersand":         "https://store.example/data/notes.txt?a=1%26b=2",
	} {
		id, _ := dataset.URLIdentity(other, `"e"`, "", "Language", "en-US")
		require.NotEqual(t, want, id, name)
	}
}

func TestURLIdentityValidators(t *testing.T) {
	t.Parallel()
	const at = "https://store.example/notes.txt"
	type answer struct{ etag, modified string }
	ids := map[string]answer{}
	for _, c := range []struct {
		answer
		sees bool
	}{
		{answer{`"1"`, ""}, true},
		{answer{`"2"`, ""}, true},
		{answer{"", "Mon, 05 Jan 2026 10:00:00 GMT"}, true},
		{answer{"", `"1"`}, true},
		{answer{"", ""}, false},
	} {
		id, sees := dataset.URLIdentity(at, c.etag, c.modified, "Language", "en-US")
		require.Equal(t, c.sees, sees, c.answer)
		require.NotContains(t, ids, id, c.answer)
		ids[id] = c.answer
	}
	first, _ := dataset.URLIdentity(at, `"1"`, "Mon", "Language", "en-US")
	second, _ := dataset.URLIdentity(at, `"1"`, "Tue", "Language", "en-US")
	require.Equal(t, first, second, "Last-Modified counts only without ETag")
}

func TestURLIdentityRules(t *testing.T) {
	t.Parallel()
	secrets := rapid.SampledFrom([]string{"sig", "Signature", "token", "key", "se", "X-Amz-Credential"})
	rapid.Check(t, func(t *rapid.T) {
		pairs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			return "p" + url.QueryEscape(rapid.String().Draw(t, "key")) + "=" + url.QueryEscape(rapid.String().Draw(t, "value"))
		}), 0, 6).Draw(t, "pairs")
		signed := append([]string{secrets.Draw(t, "secret") + "=" + url.QueryEscape(rapid.String().Draw(t, "signature"))}, pairs...)
		shuffled := rapid.Permutation(signed).Draw(t, "shuffled")

		const base = "https://store.example/x?"
		id, sees := dataset.URLIdentity(base+strings.Join(pairs, "&"), "e", "", "Language", "en-US")
		require.True(t, sees)
		require.Regexp(t, hexDigest, id)
		again, _ := dataset.URLIdentity(base+strings.Join(shuffled, "&"), "e", "", "Language", "en-US")
		require.Equal(t, id, again)
		more, _ := dataset.URLIdentity(base+strings.Join(append(pairs, "extra"), "&"), "e", "", "Language", "en-US")
		require.NotEqual(t, id, more)
	})
}

func TestURLIdentityOfNoURL(t *testing.T) {
	t.Parallel()
	id, _ := dataset.URLIdentity("https://bad host/%zz", "", "", "Language", "en-US")
	require.Regexp(t, hexDigest, id)
}

// The source of data is its URL, whatever its content and its signature are.
func TestURLSource(t *testing.T) {
	t.Parallel()
	const plain = "https://host/a?b=1&c=2"
	sum := sha256.Sum256([]byte(`12:sr.content/1,6:source,8:Language,5:en-US,22:https://host/a?b=1&c=2,`))
	want := hex.EncodeToString(sum[:])[:16]
	for _, same := range []string{plain, "HTTPS://HOST/a?c=2&b=1", plain + "&sig=x", plain + "&sig=y&sv=2024&se=2026", "https://ann:pw@host/a?c=2&b=1#part"} {
		require.Equal(t, want, dataset.URLSource(same, "Language", "en-US"), same)
	}
	for _, other := range []string{
		dataset.URLSource(plain+"&d=3", "Language", "en-US"),
		dataset.URLSource(plain, "Acoustic", "en-US"),
		dataset.URLSource(plain, "Language", "de-DE"),
	} {
		require.NotEqual(t, want, other)
		require.Len(t, other, 16)
	}
}
