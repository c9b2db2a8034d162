package intake

import (
	"archive/zip"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of archives (D-data).
const (
	maxFiles       = 10_000
	maxAudio       = 2 * time.Hour
	maxInflated    = 16 << 30 // bytes; a bomb is refused by its own directory, before anything is read
	maxTranscript  = 64 << 20
	maxJapanese    = 90 // characters of a sentence (D-label)
	junkFolder     = "__MACOSX/"
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
		if f.FileInfo().IsDir() || strings.HasPrefix(f.Name, junkFolder) {
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

func unsafeName(name string) bool {
	return strings.Contains(name, `\`) || path.IsAbs(name) || slices.Contains(strings.Split(name, "/"), "..")
}

func (r *reader) audioFiles(sounds []*zip.File) error {
	for _, f := range sounds {
		length, problem := inspect(f)
		keep := problem == ""
		var err error
		if !keep {
			keep, err = r.defect(r.rules.BadAudio, f.Name, 0, problem)
		}
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
	if strings.HasPrefix(r.locale, "ja-") && utf8.RuneCountInString(text) > maxJapanese {
		r.reject(file, n, fmt.Sprintf("longer than %d characters", maxJapanese))
		return nil
	}
	sound := sounds[name]
	if sound == nil {
		action := r.rules.MissingAudio
		if action == Accept {
			action = Reject
		}
		_, err := r.defect(action, file, n, "names a file that is missing, or was named before: "+name)
		return err
	}
	delete(sounds, name)
	length, problem := inspect(sound)
	if problem != "" {
		if keep, err := r.defect(r.rules.BadAudio, name, n, problem); err != nil || !keep {
			return err
		}
	}
	r.Accepted++
	r.Duration += length
	r.Utterances = append(r.Utterances, Utterance{Audio: name, Text: text, Duration: length})
	return nil
}
