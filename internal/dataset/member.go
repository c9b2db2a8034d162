package dataset

import (
	"archive/zip"
	"fmt"
	"path"
	"regexp"
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
	switch slashed := separated(name); {
	case strings.HasPrefix(slashed, "/"), drive.MatchString(slashed):
		c.fail(name, 0, ruleName, "it is stored with its whole path; pack the files at the archive's top level, without paths")
	case strings.HasSuffix(slashed, alternateStream):
		c.warn(name, 0, ruleMember, "an operating system or a program left this file; better pack the archive without it")
	case name == "", strings.ContainsAny(name, "\x00:"), slices.Contains(strings.Split(slashed, "/"), ".."):
		c.fail(name, 0, ruleName, "the name leads out of the archive or has characters that no file should have; store plain names")
	case isLitter(slashed):
		c.warn(name, 0, ruleMember, "an operating system or a program left this file; better pack the archive without it")
	case slashed != name:
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
		".mp3", ".m4a", ".aac", ".mp4", ".ogg", ".oga", ".opus", ".flac", ".wma", ".amr", ".aif", ".aiff",
		".au", ".webm", ".spx", ".caf", ".3gp", ".raw", ".pcm", ".sph",
	}, strings.ToLower(path.Ext(name)))
}

// isLitter names what desktop systems and file servers leave among people's files, in any folder.
func isLitter(name string) bool {
	parts := strings.Split(strings.ToLower(name), "/")
	for _, folder := range parts[:len(parts)-1] {
		switch folder {
		case "__macosx", "@eadir", "@__thumb", "#recycle", "$recycle.bin", "recycler", "system volume information", "lost+found",
			"network trash folder", "temporary items":
			return true
		}
		if isHidden(folder) {
			return true
		}
	}
	base := parts[len(parts)-1]
	switch base {
	case "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r":
		return true
	}
	// Offices lock NAME by ~$NAME, and editors keep what it was before in NAME~.
	return isHidden(base) || strings.HasPrefix(base, "~$") || strings.HasSuffix(base, "~")
}

// isHidden tells a name that macOS and Linux do not show, so that nobody means to pack it: .DS_Store, .Trash-1000, ._NAME
// (what a Mac knows of NAME), .~lock.NAME#, .git and the like.
func isHidden(name string) bool { return strings.HasPrefix(name, ".") && name != "." && name != ".." }

// drive is how a path of Windows begins.
var drive = regexp.MustCompile(`^[A-Za-z]:/`)

// alternateStream ends what Windows keeps of a file's origin, when it is packed as a file of its own.
const alternateStream = ":Zone.Identifier"

// sameName is the form in which two names of one archive must differ: file systems that ignore case or Unicode forms
// would put one file over the other.
func sameName(name string) string { return strings.ToLower(norm.NFC.String(name)) }
