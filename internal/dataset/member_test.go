package dataset_test

import (
	"archive/zip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

// messages are what is said, for one rule.
func messages(report dataset.Report, rule string) string {
	var texts []string
	for _, p := range report.Problems {
		if p.Rule == rule {
			texts = append(texts, p.String())
		}
	}
	return strings.Join(texts, "\n")
}

// left is what desktops and file servers leave.
var left = []string{
	"._a.wav", "._trans.txt", "__MACOSX/._a.wav", "__MACOSX/calls/._a.wav", "calls/.DS_Store", ".DS_Store", "Thumbs.db", "thumbs.db", "calls/Thumbs.db",
	"desktop.ini", "Desktop.ini", "calls/desktop.ini", `calls\desktop.ini`, `__MACOSX\._a.wav`, ".AppleDouble/a.wav", "@eaDir/a.wav/SYNO.wav", "~$names.docx",
	".~lock.trans.txt#", ".directory", "ehthumbs.db", "calls/._trans.txt", "ehthumbs_vista.db", ".Trash-1000/files/a.wav", "#recycle/a.wav", ".apdisk",
	".VolumeIcon.icns", ".TemporaryItems/a", "System Volume Information/a", "RECYCLER/a.wav", ".DocumentRevisions-V100/a", ".#trans.txt", ".a.wav.swp",
	"trans.txt~", ".dropbox", "@__thumb/a.wav", ".git/config", ".nfs000001", "a.wav:Zone.Identifier", "lost+found/a", `.Trashes\a.wav`,
}

// What desktops and file servers leave is litter beside the files, in folders and under any packer.
func TestLitter(t *testing.T) {
	t.Parallel()
	one, said := member{"a.wav", recording{}.wav()}, text("trans.txt", "a.wav\thello\n")
	for _, name := range left {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := check(t, pack(one, said, text(name, "\x00\x05\x16\x07")), lifecycle.DatasetAcoustic, "en-US", dataset.Limits{})
			require.Equal(t, []string{"warning " + name + " member"}, found(report))
			require.Contains(t, messages(report, "member"), "an operating system or a program left this file")
			require.Equal(t, 1, report.Files)
		})
	}
	t.Run("a folder of litter", func(t *testing.T) {
		t.Parallel()
		report := check(t, pack(one, said, text("__MACOSX/", "")), lifecycle.DatasetAcoustic, "en-US", dataset.Limits{})
		require.Equal(t, []string{"warning __MACOSX/ member"}, found(report))
	})
	t.Run("out of the archive", func(t *testing.T) {
		t.Parallel()
		report := check(t, pack(one, said, text("../._a.wav", "")), lifecycle.DatasetAcoustic, "en-US", dataset.Limits{})
		require.Equal(t, []string{"error ../._a.wav unsafe-name"}, found(report))
	})
}

// A message names the true cause, and what follows from it is not told again.
func TestCauses(t *testing.T) {
	t.Parallel()
	one, said := member{"a.wav", recording{}.wav()}, text("trans.txt", "a.wav\thello\n")
	for name, tc := range map[string]struct {
		data []byte
		want []string
		says string
	}{
		"all with backslashes": {
			pack(member{`calls\a.wav`, one.content}, text(`calls\trans.txt`, "a.wav\thello\n")),
			[]string{`error calls\a.wav nested`, `error calls\trans.txt nested`},
			"the name has a backslash",
		},
		"names with a dot": {
			pack(text("./", ""), member{"./a.wav", one.content}, text("./trans.txt", "a.wav\thello\n")),
			[]string{"warning ./ unsafe-name", "warning ./a.wav unsafe-name", "warning ./trans.txt unsafe-name"},
			"begins with ./",
		},
		"out of it by a dot": {pack(one, said, text("./../b.wav", "")), []string{"warning ./../b.wav unsafe-name", "error ../b.wav unsafe-name"}, "begins with ./"},
		"all in a folder": {
			pack(member{"calls/a.wav", one.content}, text("calls/trans.txt", "a.wav\thello\n")),
			[]string{"error calls/a.wav nested", "error calls/trans.txt nested"},
			"the archive has folders",
		},
		"recordings in a folder": {pack(member{"calls/a.wav", one.content}, said), []string{"error calls/a.wav nested"}, "top level"},
		"MP3":                    {pack(one, said, text("b.mp3", "ID3")), []string{"error b.mp3 member"}, "only WAV recordings are taken; convert it with: sox"},
		"FLAC":                   {pack(one, said, text("b.FLAC", "fLaC")), []string{"error b.FLAC member"}, "sox"},
		"no sound at all": {
			pack(text("notes.doc", "x"), said),
			[]string{"error notes.doc member", "error empty", "error trans.txt:1 transcript"},
			"belong in the archive",
		},
		"bzip2":              {header(one, said, func(h *zip.FileHeader) { h.Method = 12 }), []string{"error a.wav member"}, "method 12 (bzip2)"},
		"Deflate64":          {header(one, said, func(h *zip.FileHeader) { h.Method = 9 }), []string{"error a.wav member"}, "method 9 (Deflate64)"},
		"a method of nobody": {header(one, said, func(h *zip.FileHeader) { h.Method = 77 }), []string{"error a.wav member"}, "method 77;"},
		"7-Zip":              {[]byte("7z\xbc\xaf\x27\x1c\x00\x04 and so on"), []string{"error zip-format"}, "an archive of 7-Zip, not a zip archive"},
		"tar.gz":             {[]byte("\x1f\x8b\x08\x00 and so on"), []string{"error zip-format"}, "packed with gzip"},
		"RAR":                {[]byte("Rar!\x1a\x07 and so on"), []string{"error zip-format"}, "a RAR archive"},
		"a bare recording":   {one.content, []string{"error zip-format"}, "a recording itself"},
		"a path of Unix": {
			pack(one, said, member{"/home/me/b.wav", one.content}),
			[]string{"error /home/me/b.wav unsafe-name"},
			"stored with its whole path",
		},
		"a path of Windows": {
			pack(one, said, member{`C:\calls\b.wav`, one.content}),
			[]string{`error C:\calls\b.wav unsafe-name`},
			"stored with its whole path",
		},
		"half of a character": {
			packRaw(member{"\x95\\\x8e\xa6.wav", one.content}, text("trans.txt", "\u8868\u793a.wav\thello\n")), // Shift JIS, whose first character ends in 0x5c
			[]string{"warning \ufffd\\\ufffd.wav unsafe-name", "error trans.txt:1 transcript"}, "stored in a code page",
		},
		"names in two forms": {
			pack(member{"Stör.wav", one.content}, member{"Sto\u0308r.wav", one.content}),
			[]string{"error Sto\u0308r.wav unsafe-name", "error transcript-file"},
			"Unicode form",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := check(t, tc.data, lifecycle.DatasetAcoustic, "en-US", dataset.Limits{})
			require.Equal(t, tc.want, found(report))
			require.Contains(t, report.Problems[0].Message, tc.says)
		})
	}
}

// packRaw packs names as they are, without the flag that says UTF-8, as old packers do.
func packRaw(members ...member) []byte {
	return archiveOf(members, func(m member) zip.FileHeader { return zip.FileHeader{Name: m.name, NonUTF8: true} })
}

// Names that people see as the same are told apart by their difference, once and at the line.
func TestNamesThatLookAlike(t *testing.T) {
	t.Parallel()
	encoded := func(name string, err error) string { require.NoError(t, err); return name }
	german850 := encoded(charmap.CodePage850.NewEncoder().String("Störung1.wav"))
	german1252 := encoded(charmap.Windows1252.NewEncoder().String("Störung1.wav"))
	japanese932 := encoded(japanese.ShiftJIS.NewEncoder().String("録音1.wav"))
	greek1253 := encoded(charmap.Windows1253.NewEncoder().String("ήχος.wav"))
	japaneseEUC := encoded(japanese.EUCJP.NewEncoder().String("録音一.wav"))
	mojibake := encoded(charmap.CodePage437.NewDecoder().String("Störung1.wav"))
	for name, tc := range map[string]struct {
		stored, written, locale string
		says                    string
		coded                   bool
	}{
		"archive decomposed":      {"Sto\u0308rung1.wav", "Störung1.wav", "de-DE", "Unicode form", false},
		"transcript decomposed":   {"Störung1.wav", "Sto\u0308rung1.wav", "de-DE", "Unicode form", false},
		"Korean decomposed":       {"\u1112\u1161\u11ab1.wav", "한1.wav", "ko-KR", "Unicode form", false},
		"code page of DOS":        {german850, "Störung1.wav", "de-DE", "code page (CP 437?)", true},
		"code page of Windows":    {german1252, "Störung1.wav", "de-DE", "code page (Windows-125", true},
		"code page of Japan":      {japanese932, "録音1.wav", "ja-JP", "code page (Shift JIS?)", true},
		"UTF-8 taken for DOS":     {mojibake, "Störung1.wav", "de-DE", "code page (CP 437?)", false},
		"code page of Greece":     {greek1253, "ήχος.wav", "el-GR", "code page (Windows-1253?)", true},
		"EUC of Japan":            {japaneseEUC, "録音一.wav", "ja-JP", "code page (EUC-JP?)", true},
		"in quotes":               {"a1.wav", `"a1.wav"`, "de-DE", "the name is in quotes, as spreadsheets write it", false},
		"in quotes of print":      {"a1.wav", "„a1.wav“", "de-DE", "the name is in quotes", false},
		"a path":                  {"a1.wav", "calls/a1.wav", "de-DE", "a folder before it", false},
		"a path of Windows":       {"a1.wav", `"C:\calls\a1.wav"`, "de-DE", "a folder before it", false},
		"a path from here":        {"a1.wav", "./a1.wav", "de-DE", "a folder before it", false},
		"no ending":               {"a1.wav", "a1", "de-DE", "lacks its ending .wav", false},
		"a mark within":           {"a1.wav", "\ufeffa1.wav", "de-DE", "a byte order mark stands before it", false},
		"case":                    {"A1.wav", "a1.wav", "de-DE", "names must match in case too", false},
		"case of a letter beyond": {"ÄB.wav", "äb.WAV", "de-DE", "names must match in case too", false},
		"space before the TAB":    {"a1.wav", "a1.wav ", "de-DE", "a space at their edge", false},
		"full width":              {"a1.wav", "ａ1.wav", "ja-JP", "look alike or cannot be seen", false},
		"invisible":               {"a1.wav", "\u200ea1.wav", "de-DE", "look alike or cannot be seen", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive := packRaw(member{tc.stored, recording{}.wav()}, text("trans.txt", bom+tc.written+"\t一 ja\n"))
			report := check(t, archive, lifecycle.DatasetAcoustic, tc.locale, dataset.Limits{})
			want := []string{"error trans.txt:1 transcript"}
			if tc.coded {
				want = append([]string{"warning " + strings.ToValidUTF8(tc.stored, "\ufffd") + " unsafe-name"}, want...)
			}
			require.Equal(t, want, found(report))
			require.Contains(t, messages(report, "transcript"), tc.says)
		})
	}
}

// A name in a code page that is not known is no matter of case either.
func TestNamesOfAnUnknownCodePage(t *testing.T) {
	t.Parallel()
	turkish857 := "\x9fark\x8d\xa7.wav"
	archive := packRaw(member{turkish857, recording{}.wav()}, text("trans.txt", bom+"şarkığ.wav\tmerhaba\n"))
	said := messages(check(t, archive, lifecycle.DatasetAcoustic, "tr-TR", dataset.Limits{}), "transcript")
	require.Contains(t, said, "which stores names in a code page and not in UTF-8: use ASCII names")
	require.NotContains(t, said, "case")
}

// The same form in both, however it is, is no matter.
func TestDecomposedNamesInBoth(t *testing.T) {
	t.Parallel()
	archive := pack(member{"Sto\u0308r.wav", recording{}.wav()}, text("trans.txt", bom+"Sto\u0308r.wav\tja\n"))
	require.Empty(t, found(check(t, archive, lifecycle.DatasetAcoustic, "de-DE", dataset.Limits{})))
}

func TestWhatStandsInPlaceOfTheTab(t *testing.T) {
	t.Parallel()
	for line, says := range map[string]string{
		"a.wav   hello":   "there is no TAB (but spaces);",
		"a.wav,hello":     `there is no TAB (but ",", as in a file of a spreadsheet);`,
		`"a.wav";"hello"`: `there is no TAB (but ";", as in a file of a spreadsheet);`,
		`a.wav\thello`:    `there is no TAB (but the two characters \t);`,
		"hello":           "there is no TAB;",
	} {
		archive := pack(member{"a.wav", recording{}.wav()}, text("trans.txt", line+"\n"))
		require.Contains(t, messages(check(t, archive, lifecycle.DatasetAcoustic, "en-US", dataset.Limits{}), "transcript"), says, line)
	}
}
