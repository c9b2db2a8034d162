package intake

import (
	"archive/zip"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of archives (D-data).
const (
	maxFiles       = 10_000
	maxAudio       = 2 * time.Hour
	maxInflated    = 16 << 30 // bytes; a bomb is refused by its own directory, before anything is read
	maxTranscript  = 64 << 20
	maxJapanese    = 90 // characters of a sentence (D-label)
	transcriptName = "the transcript"
)

func (r *reader) archive(in io.ReaderAt, size int64) error {
	z, err := zip.NewReader(in, size)
	if err != nil {
		return failed("the content is not a zip archive: %v", err)
	}
	var transcripts, sounds []*zip.File
	var total uint64
	for _, f := range z.File {
		if unsafeName(f.Name) {
			return failed("the archive names a file outside itself: %q", f.Name)
		}
		if f.FileInfo().IsDir() {
			continue
		}
		if litter(f.Name) {
			if _, err := r.defect(r.rules.Litter, f.Name, 0, "left by an operating system"); err != nil {
				return err
			}
			continue
		}
		total += f.UncompressedSize64
		switch strings.ToLower(path.Ext(f.Name)) {
		case ".wav":
			sounds = append(sounds, f)
		case ".txt", ".tsv":
			transcripts = append(transcripts, f)
		default:
			r.reject(f.Name, 0, "neither audio nor a transcript")
		}
	}
	if n := len(transcripts) + len(sounds); n > maxFiles || total > maxInflated {
		return failed("the archive holds %d files of %d bytes, the limits are %d files and %d bytes", n, total, maxFiles, uint64(maxInflated))
	}
	if r.kind == "AudioFiles" {
		return r.audioFiles(sounds)
	}
	if len(transcripts) != 1 {
		return failed("the archive holds %d transcripts (.txt or .tsv), expected one", len(transcripts))
	}
	return r.acoustic(transcripts[0], sounds)
}

// litter tells what desktops leave in archives, in whatever folder: what they hide, and what they name themselves.
func litter(name string) bool {
	parts := strings.Split(strings.ToLower(name), "/")
	if slices.ContainsFunc(parts, func(part string) bool { return strings.HasPrefix(part, ".") }) {
		return true
	}
	base := parts[len(parts)-1]
	return slices.ContainsFunc(parts[:len(parts)-1], func(folder string) bool { return slices.Contains(leftFolders, folder) }) ||
		slices.Contains(leftFiles, base) || strings.HasPrefix(base, "~$") || strings.HasSuffix(base, "~") || strings.HasSuffix(base, ":zone.identifier")
}

// What desktops and file servers call what they leave, in small letters.
var (
	leftFiles   = []string{"thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r"}
	leftFolders = []string{
		"__macosx", "@eadir", "@__thumb", "#recycle", "$recycle.bin", "recycler", "system volume information", "lost+found",
		"network trash folder", "temporary items",
	}
)

func unsafeName(name string) bool {
	return strings.Contains(name, `\`) || path.IsAbs(name) || slices.Contains(strings.Split(name, "/"), "..")
}

func (r *reader) audioFiles(sounds []*zip.File) error {
	for _, f := range sounds {
		length, keep, err := r.sound(f, f.Name, 0)
		if err != nil {
			return err
		}
		if keep {
			r.Accepted++
			r.Duration += length
			r.Utterances = append(r.Utterances, Utterance{Audio: f.Name, Duration: length})
		}
	}
	return nil
}

func (r *reader) acoustic(transcript *zip.File, sounds []*zip.File) error {
	byName := map[string]*zip.File{}
	for _, f := range sounds {
		if byName[path.Base(f.Name)] != nil {
			return failed("two audio files are called %s", path.Base(f.Name))
		}
		byName[path.Base(f.Name)] = f
	}
	if transcript.UncompressedSize64 > maxTranscript {
		return failed("%s is larger than %d bytes", transcriptName, maxTranscript)
	}
	in, err := transcript.Open()
	if err != nil {
		return failed("%s: %v", transcript.Name, err)
	}
	defer in.Close()
	english := strings.HasPrefix(r.locale, "en-")
	err = r.lines(in, !english, func(n int, line string) error {
		return r.transcribed(transcript.Name, n, line, byName)
	})
	if err != nil {
		return err
	}
	var unnamed []string
	for name := range byName {
		unnamed = append(unnamed, name)
	}
	slices.Sort(unnamed)
	for _, name := range unnamed {
		if _, err := r.defect(r.rules.ExtraAudio, name, 0, "not named in the transcript"); err != nil {
			return err
		}
	}
	return nil
}

// transcribed handles one line and takes its file out of sounds, so that what is left was never named.
func (r *reader) transcribed(file string, n int, line string, sounds map[string]*zip.File) error {
	if !r.encoded(file, n, line) {
		return nil
	}
	name, text, ok := strings.Cut(line, "\t")
	name, text = path.Base(strings.TrimSpace(name)), strings.TrimSpace(text)
	if !ok || text == "" {
		r.reject(file, n, "not file name, TAB, text")
		return nil
	}
	if why := r.discards(text); why != "" {
		r.reject(file, n, why)
		return nil
	}
	if !strings.ContainsFunc(text, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }) {
		if keep, err := r.defect(r.rules.EmptyText, file, n, "normalized text is empty"); err != nil || !keep {
			return err
		}
	}
	sound := sounds[name]
	if sound == nil && r.rules.NameForm == Accept {
		for other, f := range sounds {
			if norm.NFC.String(other) == norm.NFC.String(name) {
				name, sound = other, f
			}
		}
	}
	if sound == nil {
		action := r.rules.MissingAudio
		if action == Accept {
			action = Reject
		}
		_, err := r.defect(action, file, n, "names a file that is missing, or was named before: "+name)
		return err
	}
	delete(sounds, name)
	length, keep, err := r.sound(sound, name, n)
	if err != nil || !keep {
		return err
	}
	r.Accepted++
	r.Duration += length
	r.Utterances = append(r.Utterances, Utterance{Audio: name, Text: text, Duration: length})
	return nil
}

// germanSigns are those for which a row in German is discarded (D-label).
const germanSigns = "¢¤¥¦§©ª¬®°±²µ×ÿØ"

// discards says by which rule of its language the service discards a transcript (D-label), or is "".
func (r *reader) discards(text string) string {
	switch language, _, _ := strings.Cut(r.locale, "-"); language {
	case "ja":
		for _, sentence := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune("。．｡.!?！？", c) }) {
			if utf8.RuneCountInString(sentence) > maxJapanese {
				return fmt.Sprintf("a sentence of more than %d characters", maxJapanese)
			}
		}
	case "de":
		if strings.ContainsAny(norm.NFC.String(text), germanSigns) {
			return "one of the special characters " + germanSigns
		}
	}
	return ""
}
