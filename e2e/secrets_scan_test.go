package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// secret is one value that must not be found anywhere, and what it is.
type secret struct{ name, value string }

// finding is a secret that was found: which, in which form, and where.
type finding struct {
	secret, form string
	group, place string
	// around is what stands there.
	around string
}

func (f finding) String() string {
	return fmt.Sprintf("%s, %s: %s, %s: …%s…", f.group, f.place, f.secret, f.form, f.around)
}

// scan looks for secrets in whatever it is given, and counts what it has seen. A secret is looked for as two
// halves, since a page of a database may end within it, each in every form in which programs write texts.
type scan struct {
	mu      sync.Mutex
	needles map[uint64][]needle
	// begins tells which two bytes some needle begins with.
	begins [1 << 16]bool
	seen   map[string]*searched
	found  []finding
}

type needle struct {
	secret, form string
	text         []byte
}

// searched is how much of one group of places was looked at.
type searched struct{ places, bytes, hits int }

// shortest is the least length of a half: shorter ones would be found by chance.
const shortest = 12

func newScan(secrets ...secret) *scan {
	s := &scan{needles: map[uint64][]needle{}, seen: map[string]*searched{}}
	for _, secret := range secrets {
		s.add(secret)
	}
	return s
}

// add makes the scan look for one more secret from now on.
func (s *scan) add(one secret) {
	s.mu.Lock()
	defer s.mu.Unlock()
	middle := len(one.value) / 2
	for i, half := range []string{one.value[:middle], one.value[middle:]} {
		if len(half) < shortest {
			panic(fmt.Sprintf("%s is too short to be looked for", one.name))
		}
		for text, form := range forms(half) {
			key := binary.LittleEndian.Uint64([]byte(text))
			n := needle{secret: one.name, form: fmt.Sprintf("half %d, %s", i+1, form), text: []byte(text)}
			if slices.ContainsFunc(s.needles[key], func(have needle) bool { return bytes.Equal(have.text, n.text) }) {
				continue
			}
			s.needles[key] = append(s.needles[key], n)
			s.begins[uint16(key)] = true
		}
	}
}

// forms are the ways in which a text may be written, each with its name.
func forms(text string) map[string]string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	plain := map[string]string{}
	for form, written := range map[string]string{
		"raw": text, "escaped for a query": url.QueryEscape(text), "escaped for a path": url.PathEscape(text),
		"escaped for JSON": strings.Trim(string(quoted), `"`), "with escaped slashes": strings.ReplaceAll(text, "/", `\/`),
	} {
		plain[written] = form
		plain[lowerEscapes(written)] = form + " in lower case"
	}
	plain[text] = "raw"
	all := maps.Clone(plain)
	for written, form := range plain {
		all[hex.EncodeToString([]byte(written))] = form + ", hex"
		all[strings.ToUpper(hex.EncodeToString([]byte(written)))] = form + ", HEX"
		for offset := range 3 {
			all[inBase64(base64.RawStdEncoding, written, offset)] = fmt.Sprintf("%s, base64 at offset %d", form, offset)
			all[inBase64(base64.RawURLEncoding, written, offset)] = fmt.Sprintf("%s, base64 for URLs at offset %d", form, offset)
		}
	}
	return all
}

var escapeForm = regexp.MustCompile(`%[0-9A-F]{2}`)

func lowerEscapes(text string) string { return escapeForm.ReplaceAllStringFunc(text, strings.ToLower) }

// inBase64 is what a text is certain to look like in base64 when offset bytes stand before it in its group of
// three: without the characters that depend on what stands before and after.
func inBase64(encoding *base64.Encoding, text string, offset int) string {
	encoded := encoding.EncodeToString(append(make([]byte, offset), text...))
	return encoded[(offset*8+5)/6 : (offset+len(text))*8/6]
}

// look searches the content of one place. Each needle is reported once for a place.
func (s *scan) look(group, place string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	counted := s.seen[group]
	if counted == nil {
		counted = &searched{}
		s.seen[group] = counted
	}
	counted.places++
	counted.bytes += len(content)
	reported := map[*byte]bool{}
	for i := 0; i+8 <= len(content); i++ {
		if !s.begins[binary.LittleEndian.Uint16(content[i:])] {
			continue
		}
		for _, n := range s.needles[binary.LittleEndian.Uint64(content[i:])] {
			if reported[&n.text[0]] || !bytes.HasPrefix(content[i:], n.text) {
				continue
			}
			reported[&n.text[0]] = true
			counted.hits++
			s.found = append(s.found, finding{
				secret: n.secret, form: n.form, group: group, place: place,
				around: fmt.Sprintf("%q", content[max(0, i-120):min(len(content), i+len(n.text)+20)]),
			})
		}
	}
}

// findings are those so far.
func (s *scan) findings() []finding {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.found)
}

// table is the list of places searched.
func (s *scan) table() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	total := searched{}
	line := func(group string, c searched) {
		fmt.Fprintf(&b, "%-46s %6d %9.1f %5d\n", group, c.places, float64(c.bytes)/1024, c.hits)
	}
	fmt.Fprintf(&b, "%-46s %6s %9s %5s\n", "places searched", "number", "kB", "hits")
	for _, group := range slices.Sorted(maps.Keys(s.seen)) {
		c := *s.seen[group]
		line(group, c)
		total.places, total.bytes, total.hits = total.places+c.places, total.bytes+c.bytes, total.hits+c.hits
	}
	line("all", total)
	return b.String()
}

// The scan finds a secret in every form, whatever stands around it, and half of it, and nothing else.
func TestScan(t *testing.T) {
	t.Parallel()
	const value = `q7+R/9"<vT%2 Lk=Zp3&mWx0_Yd-8sJhG+e/N`
	half := value[len(value)/2:]
	quoted, err := json.Marshal(map[string]string{"a": value})
	require.NoError(t, err)
	twice, err := json.Marshal(map[string][]byte{"data": quoted})
	require.NoError(t, err)
	for name, content := range map[string]string{
		"raw":                value,
		"query":              "https://a.example/?sig=" + url.QueryEscape(value) + "&se=1",
		"query, lower case":  "https://a.example/?sig=" + lowerEscapes(url.QueryEscape(value)),
		"path":               "https://a.example/" + url.PathEscape(value) + "/x",
		"JSON":               string(quoted),
		"JSON in base64":     string(twice),
		"JSON with slashes":  `{"a":"` + strings.ReplaceAll(half, "/", `\/`) + `"}`,
		"hex":                hex.EncodeToString([]byte(value)),
		"HEX":                strings.ToUpper(hex.EncodeToString([]byte("x" + value))),
		"base64":             base64.StdEncoding.EncodeToString([]byte(value)),
		"base64, 1 before":   base64.StdEncoding.EncodeToString([]byte("a" + value + "bc")),
		"base64, 2 before":   base64.RawURLEncoding.EncodeToString([]byte("ab" + value + "c")),
		"base64 of a URL":    base64.URLEncoding.EncodeToString([]byte("https://a.example/?sig=" + url.QueryEscape(value))),
		"half of it":         "…" + half,
		"half of it, base64": base64.StdEncoding.EncodeToString([]byte("abcd" + half)),
	} {
		s := newScan(secret{name: "it", value: value})
		s.look("text", name, []byte("before "+content+" after"))
		require.NotEmpty(t, s.findings(), "%s: %s", name, content)
		s.look("text", "clean", []byte("before "+strings.Repeat("q7+R/9 Zp3 ", 20)+" after"))
		for _, f := range s.findings() {
			require.Equal(t, name, f.place)
			require.Equal(t, "it", f.secret)
		}
		require.Contains(t, s.table(), "text")
	}
}
