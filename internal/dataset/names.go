package dataset

import (
	"archive/zip"
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/unicode/norm"
)

// codePages are those in which programs of Windows and DOS store names, beginning with the zip format's own.
var codePages = []struct {
	name string
	page encoding.Encoding
}{
	{"CP 437", charmap.CodePage437},
	{"CP 850", charmap.CodePage850},
	{"CP 852", charmap.CodePage852},
	{"CP 866", charmap.CodePage866},
	{"CP 855", charmap.CodePage855},
	{"CP 860", charmap.CodePage860},
	{"CP 862", charmap.CodePage862},
	{"CP 863", charmap.CodePage863},
	{"CP 865", charmap.CodePage865},
	{"Windows-1252", charmap.Windows1252},
	{"Windows-1250", charmap.Windows1250},
	{"Windows-1251", charmap.Windows1251},
	{"Windows-1253", charmap.Windows1253},
	{"Windows-1254", charmap.Windows1254},
	{"Windows-1255", charmap.Windows1255},
	{"Windows-1256", charmap.Windows1256},
	{"Windows-1257", charmap.Windows1257},
	{"Windows-1258", charmap.Windows1258},
	{"Windows-874", charmap.Windows874},
	{"KOI8-R", charmap.KOI8R},
	{"Mac OS Roman", charmap.Macintosh},
	{"Shift JIS", japanese.ShiftJIS},
	{"EUC-JP", japanese.EUCJP},
	{"GBK", simplifiedchinese.GBK},
	{"Big5", traditionalchinese.Big5},
	{"EUC-KR", korean.EUCKR},
}

// lookAlikes finds the recording that a name was meant for, among names that people see as the same.
type lookAlikes struct {
	byFold map[string]string
	// page is the code page that a name of the archive was read in, absent for names that are UTF-8.
	page map[string]string
	// names are those stored; foreign tells that some are not UTF-8.
	names   map[string]bool
	foreign bool
}

func newLookAlikes(recordings []*zip.File) lookAlikes {
	l := lookAlikes{byFold: map[string]string{}, page: map[string]string{}, names: map[string]bool{}}
	for _, f := range recordings {
		l.names[f.Name] = true
		if utf8.ValidString(f.Name) {
			l.add(f.Name, f.Name, "")
		} else {
			l.foreign = true
		}
		if ascii(f.Name) {
			continue
		}
		for _, c := range codePages {
			if !utf8.ValidString(f.Name) {
				if read, err := c.page.NewDecoder().String(f.Name); err == nil {
					l.add(read, f.Name, c.name)
				}
			} else if raw, err := c.page.NewEncoder().String(f.Name); err == nil && utf8.ValidString(raw) && raw != f.Name {
				// The packer took a name of UTF-8 for one of its code page.
				l.add(raw, f.Name, c.name)
			}
		}
	}
	return l
}

// add keeps the first reading of a name: UTF-8 before code pages, those in their order.
func (l lookAlikes) add(read, stored, page string) {
	key := fold(read)
	if _, taken := l.byFold[key]; taken || strings.ContainsRune(read, utf8.RuneError) {
		return
	}
	l.byFold[key] = stored
	if page != "" {
		l.page[key] = page
	}
}

// quotes are those that spreadsheets and word processors put around a cell.
const quotes = "\"'\u201c\u201d\u201e "

// find returns the recording's stored name and how the name written differs from it, or "".
func (l lookAlikes) find(written string) (stored, difference string) {
	if stored, difference = l.alike(written); stored != "" {
		return stored, difference
	}
	bare := strings.Trim(written, quotes)
	slashed := strings.ReplaceAll(bare, `\`, "/")
	for _, other := range []struct{ name, difference string }{
		{bare, "the name is in quotes, as spreadsheets write it: write it without"},
		{path.Base(slashed), "the name stands with a folder before it: write the bare name"},
		{path.Base(slashed) + ".wav", "the name lacks its ending .wav"},
	} {
		if stored, _ = l.alike(other.name); stored != "" {
			return stored, other.difference
		}
	}
	return "", ""
}

// alike finds the recording of a name that looks like one stored.
func (l lookAlikes) alike(written string) (stored, difference string) {
	key := fold(written)
	stored = l.byFold[key]
	page := l.page[key]
	switch {
	case stored == "":
	case page != "":
		difference = fmt.Sprintf("the archive stores its name in a code page (%s?) and not in UTF-8: use ASCII names, or another program to pack", page)
	case strings.Trim(written, "\ufeff") == stored:
		difference = "a byte order mark stands before it, as where two files were put together: remove it"
	case norm.NFC.String(stored) == norm.NFC.String(written):
		difference = "the two names look the same and differ in their Unicode form (one is composed, one decomposed, as macOS packs it): " +
			"use ASCII names, or the same form in both"
	case strings.EqualFold(stored, written):
		difference = "names must match in case too"
	case strings.TrimSpace(stored) == strings.TrimSpace(written):
		difference = "the names differ in a space at their edge"
	default:
		difference = "the names differ in characters that look alike or cannot be seen: use ASCII names"
	}
	return stored, difference
}

// fold makes names equal that people take for the same: whatever their case, Unicode form, width, invisible
// characters and spaces at the edges.
func fold(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(name))
	return strings.TrimSpace(name)
}

// separated is a name with the backslashes as slashes that part folders. Half of a character of an East Asian code page
// may be the byte of a backslash, and is none.
func separated(name string) string {
	if !utf8.ValidString(name) {
		for _, page := range []encoding.Encoding{japanese.ShiftJIS, simplifiedchinese.GBK, traditionalchinese.Big5} {
			read, err := page.NewDecoder().String(name)
			if err == nil && !strings.ContainsRune(read, utf8.RuneError) && !strings.Contains(read, `\`) {
				return name
			}
		}
	}
	return strings.ReplaceAll(name, `\`, "/")
}
