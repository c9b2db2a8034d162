package dataset

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// Rules for archives.
const (
	ruleArchive     = "zip-format"
	ruleFileCount   = "file-count"
	ruleName        = "unsafe-name"
	ruleNested      = "nested"
	ruleMember      = "member"
	ruleBomb        = "zip-bomb"
	ruleTooLong     = "recording-length"
	ruleTranscripts = "transcript-file"
)

// directoryBudget is how many bytes of an archive may be read to list its files, so that a forged
// directory cannot fill the memory: 10,000 names of 350 bytes and the archive's last 64 KB fit in.
const directoryBudget = 4 * megabyte

// errBudget ends the reading of a directory that is too large.
var errBudget = errors.New("the directory of the archive is too large")

// source is the archive's file, as the zip reader sees it.
type source struct {
	ctx context.Context
	r   io.ReaderAt
	// budget is what may still be read, in bytes; negative = any amount.
	budget int64
	// err is the first failure of the file itself, which is no fault of the data.
	err error
}

func (s *source) ReadAt(p []byte, at int64) (int, error) {
	if s.ctx.Err() != nil {
		s.err = context.Cause(s.ctx)
		return 0, s.err
	}
	if at < 0 {
		// A forged directory sends the zip reader there.
		return 0, zip.ErrFormat
	}
	if s.budget >= 0 {
		if s.budget -= int64(len(p)); s.budget < 0 {
			s.budget = 0
			return 0, errBudget
		}
	}
	n, err := s.r.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) && s.err == nil {
		s.err = err
	}
	return n, err
}

// archive holds a zip of recordings, with their transcript for kind Acoustic, to its rules.
func (c *checker) archive() error {
	file := &source{ctx: c.ctx, r: c.r, budget: directoryBudget}
	archive, err := zip.NewReader(file, c.size)
	switch {
	case file.err != nil:
		return file.err
	case errors.Is(err, errBudget):
		c.fail("", 0, ruleFileCount, "the directory of the archive is larger than %s; it holds more than %d files or forged names",
			bytesText(directoryBudget), c.limits.Files)
		return nil
	case err != nil:
		c.fail("", 0, ruleArchive, "%s", c.noArchive(err))
		return nil
	case len(archive.File) > c.limits.Files:
		c.fail("", 0, ruleFileCount, "%d files are more than the %d that an archive may have; divide it into several datasets",
			len(archive.File), c.limits.Files)
		return nil
	}
	file.budget = -1
	return c.members(file, archive)
}

// otherFiles are openings of files that are taken for zip archives.
var otherFiles = []struct{ magic, what string }{
	{"7z\xbc\xaf\x27\x1c", "an archive of 7-Zip"},
	{"Rar!", "a RAR archive"},
	{"\x1f\x8b", "packed with gzip (a .tar.gz?)"},
	{"BZh", "packed with bzip2"},
	{"\xfd7zXZ", "packed with XZ"},
	{"RIFF", "a recording itself"},
}

// noArchive says what a file is that the zip reader cannot read for err.
func (c *checker) noArchive(err error) string {
	start := make([]byte, 8)
	n, _ := c.r.ReadAt(start, 0) // a failing disk was reported before
	for _, other := range otherFiles {
		if strings.HasPrefix(string(start[:n]), other.magic) {
			return "it is " + other.what + ", not a zip archive; pack the files with zip"
		}
	}
	return fmt.Sprintf("it is not a zip archive that can be read: %v", err)
}

// members sorts the files of an archive and reads each that belongs there.
func (c *checker) members(file *source, archive *zip.Reader) error {
	var recordings, transcripts []*zip.File
	var packed, unpacked uint64
	names := make(map[string]bool, len(archive.File))
	// refused are files that belong elsewhere: what follows from that needs no word of its own.
	refused := map[string]bool{}
	for _, f := range archive.File {
		packed += min(f.CompressedSize64, 1<<50)
		unpacked += min(f.UncompressedSize64, 1<<50)
		if c.dotted(f) {
			continue
		}
		if !c.belongs(f) {
			if slashed := separated(f.Name); !isLitter(slashed) {
				refused[path.Base(slashed)] = true
			}
			continue
		}
		key := sameName(f.Name)
		if names[key] {
			c.fail(f.Name, 0, ruleName, "the archive has two files of this name, or of one that differs only in case or Unicode form")
			continue
		}
		names[key] = true
		if isRecording(f.Name) {
			recordings = append(recordings, f)
		} else {
			transcripts = append(transcripts, f)
		}
	}
	if c.bomb(packed, unpacked) {
		return nil
	}
	c.report.Files = len(recordings)
	sounds := func(name string) bool { return isRecording(name) || isOtherSound(name) }
	if len(recordings) == 0 && !slices.ContainsFunc(slices.Collect(maps.Keys(refused)), sounds) {
		c.fail("", 0, ruleEmpty, "the archive holds no WAV file at its top level")
	}
	if err := c.recordings(file, recordings); err != nil {
		return err
	}
	return c.transcripts(file, transcripts, recordings, refused)
}

// dotted takes the "./" off a name, which some packers put before every one, and tells whether nothing is left: then it
// is the top level itself.
func (c *checker) dotted(f *zip.File) bool {
	name, dotted := strings.CutPrefix(f.Name, "./")
	if dotted {
		c.warn(f.Name, 0, ruleName, "the name begins with ./; better store plain names")
		f.Name = name
	}
	return dotted && name == ""
}

// bomb reports an archive that would unpack to far more than it can honestly hold.
func (c *checker) bomb(packed, unpacked uint64) bool {
	switch {
	case packed > uint64(c.size):
		c.fail("", 0, ruleBomb, "its files overlap: they are %d bytes packed in an archive of %d", packed, c.size)
	case unpacked > uint64(c.limits.Unpacked):
		c.fail("", 0, ruleBomb, "it would unpack to more than %s", bytesText(c.limits.Unpacked))
	case unpacked > 64*megabyte && unpacked > uint64(c.limits.Ratio)*uint64(c.size):
		c.fail("", 0, ruleBomb, "it would unpack to more than %d times its size", c.limits.Ratio)
	default:
		return false
	}
	return true
}

// read hands a member's content to use and reads what use left of it, so that length and checksum are known
// to be right. A member that cannot be unpacked is reported and not ok. The error is the file's own, or the
// *wavError that use returned.
func (c *checker) read(file *source, f *zip.File, use func(io.Reader) error) (ok bool, err error) {
	r, err := f.Open()
	if err == nil {
		if err = use(r); err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		_ = r.Close() // nothing was written, and what could not be read is in err
	}
	var bad *wavError
	switch {
	case file.err != nil:
		return false, file.err
	case err == nil:
		return true, nil
	case errors.As(err, &bad):
		return false, bad
	case errors.Is(err, zip.ErrChecksum):
		c.fail(f.Name, 0, ruleArchive, "its checksum is wrong, the archive is damaged; pack it again")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, zip.ErrFormat):
		c.fail(f.Name, 0, ruleArchive, "its content is not what the archive's directory says; pack it again")
	default:
		c.fail(f.Name, 0, ruleArchive, "it cannot be unpacked (%v); pack it again", err)
	}
	return false, nil
}
