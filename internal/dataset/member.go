package dataset

import (
	"archive/zip"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func isRecording(name string) bool { return strings.EqualFold(path.Ext(name), ".wav") }

func isTranscript(name string) bool {
	return strings.EqualFold(path.Ext(name), ".txt") || strings.EqualFold(path.Ext(name), ".tsv")
}

// belongs reports a member that should not be there or cannot be read, and tells whether to read it.
func (c *checker) belongs(f *zip.File) bool {
	name := f.Name
	switch slashed := strings.ReplaceAll(name, `\`, "/"); {
	case name == "", strings.ContainsAny(name, "\x00:"), strings.HasPrefix(slashed, "/"), slices.Contains(strings.Split(slashed, "/"), ".."):
		c.fail(name, 0, ruleName, "the name leads out of the archive or has characters that no file should have; store plain names")
	case isLitter(slashed):
		c.warn(name, 0, ruleMember, "an operating system left this file; better pack the archive without it")
	case strings.Contains(name, `\`):
		c.fail(name, 0, ruleNested, "the name has a backslash, as old programs of Windows (.NET before 4.6.1, Compress-Archive) store folders; "+
			"pack the files at the archive's top level, with another program")
	case f.FileInfo().IsDir(), strings.Contains(name, "/"):
		c.fail(name, 0, ruleNested, "the archive has folders; pack the files at its top level")
	case !f.Mode().IsRegular():
		c.fail(name, 0, ruleMember, "it is no plain file but %s", f.Mode().Type())
	case f.Flags&1 != 0:
		c.fail(name, 0, ruleMember, "it is encrypted; pack the archive without a password")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		c.fail(name, 0, ruleMember, "it is packed with method %s; pack the archive with the common method, deflate", packing(f.Method))
	case strings.EqualFold(path.Ext(name), ".zip"):
		c.fail(name, 0, ruleNested, "an archive within the archive is not unpacked; pack its files directly")
	case isOtherSound(name):
		c.fail(name, 0, ruleMember, "only WAV recordings are taken%s", convert)
	case !isRecording(name) && !isTranscript(name):
		c.fail(name, 0, ruleMember, "only WAV files and one transcript (.txt or .tsv) belong in the archive")
	default:
		if !utf8.ValidString(name) {
			c.warn(name, 0, ruleName, "the name is stored in a code page and not in UTF-8, so it reads otherwise elsewhere; better use ASCII names")
		}
		return true
	}
	return false
}

// packings are the methods of zip archives that their programs offer beside deflate (PKWARE's APPNOTE, 4.4.5).
var packings = map[uint16]string{1: "Shrink", 6: "Implode", 9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd", 99: "AES"}

func packing(method uint16) string {
	if name := packings[method]; name != "" {
		return fmt.Sprintf("%d (%s)", method, name)
	}
	return fmt.Sprint(method)
}

// isOtherSound tells recordings in another format than WAV by their names.
func isOtherSound(name string) bool {
	return slices.Contains([]string{
		".mp3", ".m4a", ".aac", ".mp4", ".ogg", ".oga", ".opus", ".flac", ".wma", ".amr", ".aif", ".aiff", ".au", ".webm", ".spx", ".caf", ".3gp", ".raw", ".pcm", ".sph",
	}, strings.ToLower(path.Ext(name)))
}

// isLitter names what desktop systems and file servers leave among people's files, in any folder.
func isLitter(name string) bool {
	parts := strings.Split(strings.ToLower(name), "/")
	for _, folder := range parts[:len(parts)-1] {
		switch folder {
		case "__macosx", ".appledouble", ".spotlight-v100", ".trashes", ".fseventsd", "@eadir", "$recycle.bin":
			return true
		}
	}
	base := parts[len(parts)-1]
	switch base {
	case ".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", ".directory", ".localized", "icon\r":
		return true
	}
	// AppleDouble keeps what a Mac knows of NAME in ._NAME; offices lock NAME by ~$NAME and .~lock.NAME#.
	return strings.HasPrefix(base, "._") || strings.HasPrefix(base, "~$") || strings.HasPrefix(base, ".~lock.")
}

// sameName is the form in which two names of one archive must differ: file systems that ignore case or Unicode forms
// would put one file over the other.
func sameName(name string) string { return strings.ToLower(norm.NFC.String(name)) }
