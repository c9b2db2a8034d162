package dataset

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"time"
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
		c.fail("", 0, ruleArchive, "it is not a zip archive that can be read: %v", err)
		return nil
	case len(archive.File) > c.limits.Files:
		c.fail("", 0, ruleFileCount, "%d files are more than the %d that an archive may have; divide it into several datasets",
			len(archive.File), c.limits.Files)
		return nil
	}
	file.budget = -1
	return c.members(file, archive)
}

// members sorts the files of an archive and reads each that belongs there.
func (c *checker) members(file *source, archive *zip.Reader) error {
	var recordings, transcripts []*zip.File
	var packed, unpacked uint64
	names := make(map[string]bool, len(archive.File))
	for _, f := range archive.File {
		packed += min(f.CompressedSize64, 1<<50)
		unpacked += min(f.UncompressedSize64, 1<<50)
		if key := strings.ToLower(f.Name); names[key] {
			c.fail(f.Name, 0, ruleName, "the archive has two files of this name, or of one that differs only in case")
			continue
		} else {
			names[key] = true
		}
		if !c.belongs(f) {
			continue
		}
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
	if len(recordings) == 0 {
		c.fail("", 0, ruleEmpty, "the archive holds no WAV file at its top level")
	}
	if err := c.recordings(file, recordings); err != nil {
		return err
	}
	return c.transcripts(file, transcripts, recordings)
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

func isRecording(name string) bool { return strings.EqualFold(path.Ext(name), ".wav") }

func isTranscript(name string) bool {
	return strings.EqualFold(path.Ext(name), ".txt") || strings.EqualFold(path.Ext(name), ".tsv")
}

// belongs reports a member that should not be there or cannot be read, and tells whether to read it.
func (c *checker) belongs(f *zip.File) bool {
	name := f.Name
	slashed := strings.ReplaceAll(name, `\`, "/")
	switch {
	case name == "", strings.ContainsAny(name, "\\\x00:"), strings.HasPrefix(name, "/"), slices.Contains(strings.Split(slashed, "/"), ".."):
		c.fail(name, 0, ruleName, "the name leads out of the archive or has characters that no file should have; store plain names")
	case isLitter(name):
		c.warn(name, 0, ruleMember, "an operating system left this file; better pack the archive without it")
	case f.FileInfo().IsDir(), strings.Contains(name, "/"):
		c.fail(name, 0, ruleNested, "the archive has folders; pack the files at its top level")
	case !f.Mode().IsRegular():
		c.fail(name, 0, ruleMember, "it is no plain file but %s", f.Mode().Type())
	case f.Flags&1 != 0:
		c.fail(name, 0, ruleMember, "it is encrypted; pack the archive without a password")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		c.fail(name, 0, ruleMember, "it is packed with method %d; pack the archive with the common method, deflate", f.Method)
	case strings.EqualFold(path.Ext(name), ".zip"):
		c.fail(name, 0, ruleNested, "an archive within the archive is not unpacked; pack its files directly")
	case !isRecording(name) && !isTranscript(name):
		c.fail(name, 0, ruleMember, "only WAV files and one transcript (.txt or .tsv) belong in the archive")
	default:
		return true
	}
	return false
}

// isLitter names what archivers of desktop systems add unasked.
func isLitter(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(name, "__MACOSX/") || base == ".DS_Store" || strings.EqualFold(base, "Thumbs.db") || strings.EqualFold(base, "desktop.ini")
}

// recordings reads every WAV file to its end.
func (c *checker) recordings(file *source, list []*zip.File) error {
	read, short := 0, 0
	// Recordings without transcript teach nothing but sound, so the document sets them no limit but 2 h.
	training := !c.limits.Test && c.report.Kind == Acoustic
	for _, f := range list {
		var length time.Duration
		ok, err := c.read(file, f, func(r io.Reader) (err error) {
			length, err = readWAV(r)
			return err
		})
		var bad *wavError
		if errors.As(err, &bad) {
			c.fail(f.Name, 0, bad.rule, "%s", bad.message)
			continue
		}
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		read++
		c.report.AudioDuration += length
		switch {
		case length > c.limits.Recording:
			c.fail(f.Name, 0, ruleTooLong, "it lasts %s, longer than the %s that a recording may have",
				length.Round(time.Second), c.limits.Recording)
		case length > c.limits.TrainingRecording && training:
			c.warn(f.Name, 0, ruleTooLong, "it lasts %s: training uses the sound of recordings up to %s, and of longer ones the text alone",
				length.Round(time.Second), c.limits.TrainingRecording)
		default:
			short++
		}
	}
	if read > 0 && short == 0 && training {
		c.warn("", 0, ruleTooLong, "no recording is %s or shorter: a training on this data fails", c.limits.TrainingRecording)
	}
	return nil
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
		r.Close() //nolint:errcheck // nothing was written, and what could not be read is in err
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
