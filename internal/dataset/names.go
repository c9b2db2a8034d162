package dataset

import (
	"archive/zip"
	"fmt"
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
	{"Windows-1250", charmap.Windows1250},
	{"Windows-1251", charmap.Windows1251},
	{"Windows-1252", charmap.Windows1252},
	{"Shift JIS", japanese.ShiftJIS},
	{"GBK", simplifiedchinese.GBK},
	{"Big5", traditionalchinese.Big5},
	{"EUC-KR", korean.EUCKR},
}

// lookAlikes finds the recording that a name was meant for, among names that people see as the same.
type lookAlikes struct {
	byFold map[string]string
	// page is the code page that a name of the archive was read in, absent for names that are UTF-8.
	page map[string]string
}

func newLookAlikes(recordings []*zip.File) lookAlikes {
	l := lookAlikes{byFold: map[string]string{}, page: map[string]string{}}
	for _, f := range recordings {
		if utf8.ValidString(f.Name) {
			l.add(f.Name, f.Name, "")
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

// find returns the recording's stored name and how the name written differs from it, or "".
func (l lookAlikes) find(written string) (stored, difference string) {
	key := fold(written)
	stored = l.byFold[key]
	page := l.page[key]
	switch {
	case stored == "":
	case page != "":
		difference = fmt.Sprintf("the archive stores its name in a code page (%s?) and not in UTF-8: use ASCII names, or another program to pack", page)
	case norm.NFC.String(stored) == norm.NFC.String(written):
		difference = "the two names look the same and differ in their Unicode form (one is composed, one decomposed, as macOS packs it): use ASCII names, or the same form in both"
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
