package dataset_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

func TestArchives(t *testing.T) {
	t.Parallel()
	acoustic := func(name string, data []byte, want ...string) dataCase {
		return dataCase{name: name, kind: lifecycle.DatasetAcoustic, data: data, want: want}
	}
	one := member{"a.wav", recording{}.wav()}
	said := text("trans.txt", "a.wav\thello\n")
	runCases(t, []dataCase{
		acoustic("clean", pack(one, said)),
		acoustic("upper-case extensions, tsv, 8 kHz", pack(member{"A.WAV", recording{rate: 8000}.wav()}, text("T.TSV", bom+"A.WAV\thello\r\n"))),
		acoustic("not a zip", []byte("hello"), "error zip-format"),
		acoustic("cut", pack(one, said)[:200], "error zip-format"),
		acoustic("no files", pack(), "error empty", "error transcript-file"),
		acoustic("no transcript", pack(one), "error transcript-file"),
		acoustic("two transcripts", pack(one, said, text("more.txt", "")), "error more.txt transcript-file"),
		acoustic("a folder", pack(member{"wavs/a.wav", one.content}, said), "error wavs/a.wav nested"),
		acoustic("an archive within", pack(one, said, member{"more.zip", pack(one)}), "error more.zip nested"),
		acoustic("other files", pack(one, said, text("notes.doc", "x")), "error notes.doc member"),
		acoustic("litter", pack(one, said, text("__MACOSX/._a.wav", "x"), text(".DS_Store", "x")), "warning __MACOSX/._a.wav member", "warning .DS_Store member"),
		acoustic("up and out", pack(one, said, text("../evil.wav", "x")), "error ../evil.wav unsafe-name"),
		acoustic("absolute", pack(one, said, text("/etc/evil.wav", "x")), "error /etc/evil.wav unsafe-name"),
		acoustic("drive", pack(one, said, text(`C:\evil.wav`, "x")), `error C:\evil.wav unsafe-name`),
		acoustic("backslash", pack(one, said, text(`..\evil.wav`, "x")), `error ..\evil.wav unsafe-name`),
		acoustic("same name", pack(one, said, one), "error a.wav unsafe-name"),
		acoustic("same but for case", pack(one, said, member{"A.wav", one.content}), "error A.wav unsafe-name"),
		acoustic("damaged sound", spoil(pack(one, said)), "error a.wav zip-format"),
		acoustic("encrypted", header(one, said, func(h *zip.FileHeader) { h.Flags |= 1 }), "error a.wav member"),
		acoustic("other packing", header(one, said, func(h *zip.FileHeader) { h.Method = 12 }), "error a.wav member"),
		acoustic("symbolic link", header(one, said, func(h *zip.FileHeader) { h.SetMode(0o777 | 1<<27) }), "error a.wav member"),
		acoustic("longer than declared", header(one, said, func(h *zip.FileHeader) { h.UncompressedSize64 -= 100 }), "error a.wav zip-format"),
		acoustic("shorter than declared", header(one, said, func(h *zip.FileHeader) { h.UncompressedSize64 += 100 }), "error a.wav zip-format"),
		acoustic("declared enormous", header(one, said, func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 40 }), "error zip-bomb"),
		acoustic("overlapping", header(one, said, func(h *zip.FileHeader) { h.CompressedSize64 = 1 << 30 }), "error zip-bomb"),
		{
			name: "three files of two", kind: lifecycle.DatasetAcoustic, data: pack(one, said, member{"b.wav", one.content}),
			limits: dataset.Limits{Files: 2}, want: []string{"error file-count"},
		},
		{name: "too large", kind: lifecycle.DatasetAudioFiles, data: pack(one), limits: dataset.Limits{Bytes: 100}, want: []string{"error size"}},
		{name: "audio alone", kind: lifecycle.DatasetAudioFiles, data: pack(one)},
		{name: "audio with transcript", kind: lifecycle.DatasetAudioFiles, data: pack(one, said), want: []string{"warning trans.txt transcript-file"}},
	})
}

func TestZipBombUnpacksToManyTimesItsSize(t *testing.T) {
	t.Parallel()
	silence := recording{length: 36 * time.Minute}.wav()
	report := check(t, pack(member{"a.wav", silence}), lifecycle.DatasetAudioFiles, "en-US", dataset.Limits{})
	require.Equal(t, []string{"error zip-bomb"}, found(report))
	require.Zero(t, report.AudioDuration, "nothing was unpacked")
}

// A directory that goes on for ever is left after a bounded part.
func TestForgedDirectoryIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	var members []member
	for i := range 40_000 {
		members = append(members, member{name: fmt.Sprintf("%0100d.wav", i)})
	}
	report := check(t, store(members...), lifecycle.DatasetAudioFiles, "en-US", dataset.Limits{})
	require.Equal(t, []string{"error file-count"}, found(report))
	require.Contains(t, report.Problems[0].Message, "directory", "it was not listed")
}

func TestTenThousandFiles(t *testing.T) {
	t.Parallel()
	short := recording{length: time.Millisecond}.wav()
	var members []member
	for i := range 10_001 {
		members = append(members, member{fmt.Sprintf("%d.wav", i), short})
	}
	require.Equal(t, []string{"error file-count"}, found(check(t, pack(members...), lifecycle.DatasetAudioFiles, "en-US", dataset.Limits{})))
	report := check(t, pack(members[1:]...), lifecycle.DatasetAudioFiles, "en-US", dataset.Limits{})
	require.Empty(t, found(report))
	require.Equal(t, 10_000, report.Files)
	require.Equal(t, 10*time.Second, report.AudioDuration)
}

func TestTranscripts(t *testing.T) {
	t.Parallel()
	transcript := func(name, locale, lines string, want ...string) dataCase {
		archive := pack(member{"a.wav", recording{}.wav()}, member{"b.wav", recording{}.wav()}, text("trans.txt", lines))
		return dataCase{name: name, kind: lifecycle.DatasetAcoustic, locale: locale, data: archive, want: want}
	}
	runCases(t, []dataCase{
		transcript("clean", "en-US", bom+"a.wav\thello\r\nb.wav\tworld\r\n"),
		transcript("no mark in English", "en-GB", "a.wav\thello\nb.wav\tworld\n"),
		transcript("no mark elsewhere", "de-DE", "a.wav\thallo\nb.wav\tWelt\n", "warning trans.txt:1 bom"),
		transcript("letters elsewhere", "de-DE", bom+"a.wav\tschön\nb.wav\tWelt\n"),
		transcript("not ASCII in English", "en-US", bom+"a.wav\tit’s\nb.wav\tworld\n", "error trans.txt:1 ascii"),
		transcript("unbreakable space in English", "en-US", bom+"a.wav\thello\u00a0you\nb.wav\tworld\n", "warning trans.txt:1 ascii"),
		transcript("a line is missing", "en-US", "a.wav\thello\n", "error b.wav transcript"),
		transcript("a recording is missing", "en-US", "a.wav\thello\nb.wav\tworld\nc.wav\tmore\n", "error trans.txt:3 transcript"),
		transcript("names differ in case", "en-US", "A.wav\thello\nb.wav\tworld\n", "error trans.txt:1 transcript"),
		transcript("twice", "en-US", "a.wav\thello\nb.wav\tworld\na.wav\tagain\n", "error trans.txt:3 transcript"),
		transcript("a path", "en-US", "x/a.wav\thello\nb.wav\tworld\n", "error trans.txt:1 transcript"),
		transcript("a path and the name", "en-US", "x/a.wav\thello\na.wav\thello\nb.wav\tworld\n", "error trans.txt:1 transcript", "error trans.txt:2 transcript"),
		transcript("no tab", "en-US", "a.wav hello\nb.wav\tworld\n", "error trans.txt:1 transcript"),
		transcript("no tab and no name", "en-US", "hello\nb.wav\tworld\n", "error trans.txt:1 transcript", "error a.wav transcript"),
		transcript("no text", "en-US", "a.wav\t \nb.wav\tworld\n", "error trans.txt:1 transcript"),
		transcript("two tabs", "en-US", "a.wav\thello\tyou\nb.wav\tworld\n", "error trans.txt:1 transcript"),
		transcript("repetition", "en-US", "a.wav\tno no no no\nb.wav\tworld\n", "warning trans.txt:1 repetition"),
		transcript("UTF-16", "en-US", "\xff\xfea\x00", "error trans.txt encoding"),
		transcript("empty", "en-US", "", "error trans.txt empty"),
		transcript("a mark and nothing more", "en-US", bom+"\n \n", "error trans.txt empty"),
		transcript("old line ends", "en-US", "a.wav\thello\rb.wav\tworld\r", "error trans.txt:1 control-characters"),
		transcript("a line of another encoding", "de-DE", bom+"a.wav\tsch\xf6n\nb.wav\tWelt\n", "error trans.txt:1 encoding"),
		transcript("a line of another encoding and none", "de-DE", bom+"a.wav\tsch\xf6n\n",
			"error trans.txt:1 encoding", "error a.wav transcript", "error b.wav transcript"),
		transcript("long in Japanese", "ja-JP", bom+"a.wav\t"+strings.Repeat("あい", 46)+"\nb.wav\tはい\n",
			"warning trans.txt:1 sentence-length", "warning rejected-share"),
		transcript("two sentences in Japanese", "ja-JP", bom+"a.wav\t"+strings.Repeat("あい", 40)+"。"+strings.Repeat("うえ", 40)+"\nb.wav\tはい\n"),
	})
}

// An archive with a line for each recording passes; without any one of the two it names what is missing.
func TestTranscriptRule(t *testing.T) {
	t.Parallel()
	sound := recording{length: 20 * time.Millisecond}.wav()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9_-]{1,12}\.wav`), 2, 8, rapid.ID[string]).Draw(t, "names")
		order := rapid.Permutation(names).Draw(t, "order")
		build := func(recordings, lines []string) []byte {
			var members []member
			for _, name := range recordings {
				members = append(members, member{name, sound})
			}
			transcript := bom
			for _, name := range lines {
				transcript += name + "\tsome words\n"
			}
			return pack(append(members, text("trans.txt", transcript))...)
		}
		report := check(t, build(names, order), lifecycle.DatasetAcoustic, "de-DE", dataset.Limits{})
		require.Empty(t, found(report))
		require.Equal(t, len(names), report.Files)
		require.Equal(t, len(names), report.Lines)

		report = check(t, build(names, order[1:]), lifecycle.DatasetAcoustic, "de-DE", dataset.Limits{})
		require.Equal(t, []string{"error " + order[0] + " transcript"}, found(report))
		report = check(t, build(names[1:], names), lifecycle.DatasetAcoustic, "de-DE", dataset.Limits{})
		require.Equal(t, []string{"error trans.txt:1 transcript"}, found(report))
	})
}

var errDisk = errors.New("the disk is gone")

// brokenFile is a file that cannot be read.
type brokenFile struct{}

func (brokenFile) ReadAt([]byte, int64) (int, error) { return 0, errDisk }

// failing reads until a byte that it cannot.
type failing struct {
	*bytes.Reader
	from int64
	err  error
}

func (f failing) ReadAt(p []byte, at int64) (int, error) {
	if at <= f.from && f.from < at+int64(len(p)) {
		return 0, f.err
	}
	return f.Reader.ReadAt(p, at)
}

// A disk that fails is an error of the check, never a fault of the data.
func TestArchiveThatCannotBeRead(t *testing.T) {
	t.Parallel()
	noise := recording{}.wav()
	for i := range noise[44:] {
		noise[44+i] = byte(i * i >> 3)
	}
	data := pack(member{"a.wav", noise}, text("trans.txt", "a.wav\thello\n"))
	for _, from := range []int64{0, 500, int64(len(data)) - 300, int64(len(data)) - 1} {
		_, err := dataset.Check(t.Context(), failing{bytes.NewReader(data), from, errDisk}, int64(len(data)), lifecycle.DatasetAcoustic, "en-US", dataset.Limits{})
		require.ErrorIs(t, err, errDisk, from)
	}
	left := errors.New("operator left")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(left)
	_, err := dataset.Check(ctx, bytes.NewReader(data), int64(len(data)), lifecycle.DatasetAcoustic, "en-US", dataset.Limits{})
	require.ErrorIs(t, err, left)
}

// header packs one, with its header in the directory changed, and the transcript.
func header(one, transcript member, change func(*zip.FileHeader)) []byte {
	packed, err := zip.NewReader(bytes.NewReader(pack(one)), int64(len(pack(one))))
	if err != nil {
		panic(err)
	}
	raw, err := packed.File[0].OpenRaw()
	if err != nil {
		panic(err)
	}
	h := packed.File[0].FileHeader
	change(&h)
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateRaw(&h)
	if err == nil {
		_, err = bytes.NewBuffer(readAll(raw)).WriteTo(f)
	}
	if err == nil {
		f, err = w.Create(transcript.name)
	}
	if err == nil {
		_, err = f.Write(transcript.content)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// spoil changes the checksum of the first file, in the directory and behind the file.
func spoil(archive []byte) []byte {
	directory := bytes.Index(archive, []byte("PK\x01\x02"))
	sum := archive[directory+16 : directory+20]
	behind := bytes.Index(archive, []byte("PK\x07\x08"))
	binary.LittleEndian.PutUint32(sum, binary.LittleEndian.Uint32(sum)+1)
	copy(archive[behind+4:], sum)
	return archive
}
