package dataset

import (
	"bytes"
	"strings"
)

// otherSounds are openings of recordings in other formats that are called .wav.
var otherSounds = []struct{ magic, what string }{
	{"RF64", "RF64, the form for files over 4 GB"},
	{"BW64", "BW64, the form for files over 4 GB"},
	{"RIFX", "RIFX, with its bytes in the other order"},
	{"riff\x2e\x91\xcf\x11", "Wave64, the form for files over 4 GB"},
	{"FORM", "AIFF"},
	{"caff", "CAF"},
	{"OggS", "Ogg"},
	{"fLaC", "FLAC"},
	{"ID3", "MP3"},
	{"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA"},
	{".snd", "AU"},
	{"#!AMR", "AMR"},
	{"NIST_1A", "NIST SPHERE"},
	{"\x1aE\xdf\xa3", "WebM"},
}

// notRecordings are openings of what is no recording at all.
var notRecordings = []struct{ magic, what string }{
	{"version https://git-lfs", "a pointer of Git LFS, which stands for the recording; fetch the recording with: git lfs pull"},
	{"<", "a page of the web or another document (HTML or XML), as a server answers that has not the recording; fetch the recording again"},
	{"{", "a document (JSON), as a server answers that has not the recording; fetch the recording again"},
	{"PK\x03\x04", "a zip archive; unpack it, and pack the recordings"},
}

// notRIFF says what a recording is that does not begin as RIFF; start is its beginning, all of it if it is short.
func notRIFF(start []byte) error {
	if len(start) == 0 {
		return notWAV("it is empty: it has not a single byte")
	}
	for _, other := range otherSounds {
		if strings.HasPrefix(string(start), other.magic) {
			return notWAV("it is not a RIFF file but %s%s", other.what, convert)
		}
	}
	text := strings.TrimLeft(string(bytes.TrimPrefix(start, utf8BOM)), " \t\r\n")
	for _, other := range notRecordings {
		if strings.HasPrefix(text, other.magic) {
			return notWAV("it is no recording but %s", other.what)
		}
	}
	switch {
	case len(start) >= 8 && string(start[4:8]) == "ftyp":
		return notWAV("it is not a RIFF file but MP4 (M4A)%s", convert)
	case len(start) >= 2 && start[0] == 0xff && start[1]&0xe6 == 0xe2:
		return notWAV("it is not a RIFF file but MP3%s", convert)
	case len(start) >= 2 && start[0] == 0xff && start[1]&0xf6 == 0xf0:
		return notWAV("it is not a RIFF file but AAC%s", convert)
	}
	return notWAV("it is not a RIFF file%s", convert)
}

// isPart tells the name of a part that WAV files have.
func isPart(name []byte) bool {
	switch string(name) {
	case "fmt ", "data", "LIST", "fact", "JUNK", "PAD ", "bext", "cue ", "smpl", "id3 ", "iXML":
		return true
	}
	return false
}
