package paper_test

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/paper"
)

var root = paper.Root(2)

// pictures are the pages whose diagrams are drawn with letters: there is nothing in them to run or to compare.
var pictures = []string{"ARCHITECTURE.md"}

// Every block says what it is, and something holds it: commands are parsed by the program that they name, documents are
// decoded, and an output names the file or the test that it comes from.
func TestBlocksAreHeld(t *testing.T) {
	t.Parallel()
	tests := sources(t, "_test.go")
	for _, p := range paper.Pages(t, root) {
		for _, b := range p.Blocks() {
			switch b.Language {
			case paper.Shell:
				commands, err := b.Commands()
				require.NoError(t, err)
				require.NotEmpty(t, commands, "%s:%d: a block without a command", b.Page, b.Line)
			case "yaml", "json":
				switch b.Source {
				case "":
					decodes(t, b)
				case "form":
					names(t, b)
				default:
					comesFrom(t, b, tests)
				}
			case "text":
				if b.Source == "picture" && slices.Contains(pictures, b.Page) {
					continue
				}
				comesFrom(t, b, tests)
			case "nginx", "caddy":
				// Settings of others' programs: what of ours they name is right.
				require.Contains(t, b.Text, "127.0.0.1:8081", "%s:%d: it leads to no fleet page", b.Page, b.Line)
			default:
				t.Errorf("%s:%d: a block of %q: nothing holds such a block", b.Page, b.Line, b.Language)
			}
		}
	}
}

// gap stands for lines of an output that a page leaves out.
const gap = "[...]"

// comesFrom holds an output against its source: "from FILE", whose lines it must have, in order; or "held by TEST", which
// exists and reads the page.
func comesFrom(t *testing.T, b paper.Block, tests string) {
	t.Helper()
	file, is := strings.CutPrefix(b.Source, "from ")
	if test, held := strings.CutPrefix(b.Source, "held by "); held {
		require.Regexp(t, `func `+regexp.QuoteMeta(test)+`\(t `, tests, "%s:%d", b.Page, b.Line)
		require.Contains(t, tests, path.Base(b.Page), "%s:%d", b.Page, b.Line)
		return
	}
	require.True(t, is, "%s:%d: an output says where it comes from: ```text from FILE, or held by TEST", b.Page, b.Line)
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	require.NoError(t, err)
	rest := string(text)
	for part := range strings.SplitSeq(strings.TrimSuffix(b.Text, "\n"), "\n"+gap+"\n") {
		_, after, found := strings.Cut(rest, part)
		require.True(t, found, "%s:%d: not in %s, or not in this order:\n%s", b.Page, b.Line, file, part)
		rest = after
	}
}

// Of parts of a request or a fleet the rest is this.
const (
	smallRequest = `{name: support-calls, locale: en-US, training: [{dataset: calls}]}`
	smallFleet   = `{fleet: desk, models: [{name: support-calls, locale: en-US, training: [{dataset: calls}]}]}`
)

// decodes reads a block as the product does: as a fleet, a request, or as parts of one.
func decodes(t *testing.T, b paper.Block) {
	t.Helper()
	where := b.Page + ":" + strings.Fields(b.Text)[0]
	text := b.Text
	if b.Language == "json" {
		require.True(t, json.Valid([]byte(text)), where)
	}
	var given map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &given), where)
	ofFleet := slices.ContainsFunc([]string{"fleet", "models", "defaults", "pilots"}, func(key string) bool { _, is := given[key]; return is })
	small := smallRequest
	if ofFleet {
		small = smallFleet
	}
	var whole map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(small), &whole))
	for key, value := range given {
		whole[key] = value
	}
	raw, err := json.Marshal(whole)
	require.NoError(t, err)
	d := fleet.Document{Name: where, Source: raw}
	if ofFleet {
		_, err = fleet.Read(d, time.Now())
	} else {
		_, err = fleet.ReadRequest(d)
	}
	require.NoError(t, err, "%s\n%s", where, text)
}

// names holds a form, which has <what> and … in place of values, against the fields that a request has.
func names(t *testing.T, b paper.Block) {
	t.Helper()
	raw, err := yaml.YAMLToJSON([]byte(b.Text))
	require.NoError(t, err, "%s:%d", b.Page, b.Line)
	_, problems := decode.Request(raw)
	for _, p := range problems {
		require.False(t, strings.HasPrefix(p.Message, "unknown field") && !strings.Contains(p.Path, "…"), "%s:%d: %s", b.Page, b.Line, p)
	}
}

// sources are all Go files below root whose names end so, one after the other.
func sources(t *testing.T, suffix string) string {
	t.Helper()
	var all strings.Builder
	require.NoError(t, filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (name == "bin" || strings.HasPrefix(name, ".") && len(name) > 2) {
			return filepath.SkipDir
		}
		if !entry.IsDir() && strings.HasSuffix(path, suffix) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			all.Write(text)
		}
		return nil
	}))
	return all.String()
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// A link leads to a file that is there, and to a heading of it.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	pages := paper.Pages(t, root)
	anchors := map[string][]string{}
	for _, p := range pages {
		for _, m := range heading.FindAllStringSubmatch(p.Prose(), -1) {
			anchors[p.Path] = append(anchors[p.Path], slug(m[1]))
		}
	}
	for _, p := range pages {
		for _, m := range link.FindAllStringSubmatch(p.Prose(), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			file := p.Path
			if target != "" {
				file = path.Join(path.Dir(p.Path), target)
			}
			_, err := os.Stat(filepath.Join(root, filepath.FromSlash(file)))
			require.NoError(t, err, "%s links to %s", p.Path, m[1])
			if anchor != "" {
				require.Contains(t, anchors[file], anchor, "%s links to %s", p.Path, m[1])
			}
		}
	}
}

// slug is the anchor of a heading, as forges make it.
func slug(text string) string {
	var out strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r == ' ':
			out.WriteByte('-')
		case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			out.WriteRune(r)
		}
	}
	return out.String()
}

// mostLines is how long the front page may be.
const mostLines = 180

// The front page is short, and its table leads to every page there is.
func TestReadmeIsADoor(t *testing.T) {
	t.Parallel()
	readme := paper.One(t, root, "README.md")
	require.LessOrEqual(t, strings.Count(readme.Text, "\n"), mostLines)
	const decisions = "docs/decisions/"
	records := paper.One(t, root, decisions+"README.md")
	for _, p := range paper.Pages(t, root) {
		record, is := strings.CutPrefix(p.Path, decisions)
		switch {
		case p.Path == readme.Path || p.Path == records.Path:
		case is:
			require.Contains(t, records.Text, "]("+record+")", "the table of records")
		default:
			require.Contains(t, readme.Text, "]("+p.Path+")", "the table of pages")
		}
	}
}
