package dataset

import (
	"archive/zip"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"speech-retrainer/internal/lifecycle"
)

// ruleAudioOnly is the rule for recordings without transcripts.
const ruleAudioOnly = "audio-only"

// audioOnlyLocale is the one locale in which audio without transcripts trains (document "Training and testing
// datasets").
const audioOnlyLocale = "en-US"

// recordings reads every WAV file to its end.
func (c *checker) recordings(file *source, list []*zip.File) error {
	read, short := 0, 0
	// Recordings without transcript teach nothing but sound, so the document sets them no limit but 2 h.
	training := !c.limits.Test && c.report.Kind == lifecycle.DatasetAcoustic
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
				lengthText(length, c.limits.Recording), spanText(c.limits.Recording))
		case length > c.limits.TrainingRecording && training:
			c.warn(f.Name, 0, ruleTooLong, "it lasts %s: training uses the sound of recordings up to %s, and of longer ones the text alone",
				lengthText(length, c.limits.TrainingRecording), spanText(c.limits.TrainingRecording))
		default:
			short++
		}
	}
	if read > 0 && short == 0 && training {
		c.warn("", 0, ruleTooLong, "no recording is %s or shorter: a training on this data fails", spanText(c.limits.TrainingRecording))
	}
	if c.report.Kind == lifecycle.DatasetAudioFiles && !c.limits.Test && !strings.EqualFold(c.report.Locale, audioOnlyLocale) {
		c.warn("", 0, ruleAudioOnly, "training with audio alone is for %s only; for %s add a transcript and use kind %s, or keep this data for tests",
			audioOnlyLocale, c.report.Locale, lifecycle.DatasetAcoustic)
	}
	return nil
}

// lengthText is the length of a recording that is longer than limit, exactly enough to see it: "40.2 s", "40.01 s".
func lengthText(length, limit time.Duration) string {
	if length >= time.Hour {
		unit := time.Second
		for unit > time.Microsecond && length.Round(unit) <= limit {
			unit /= 10
		}
		return length.Round(unit).String()
	}
	for digits := 1; ; digits++ {
		text := strconv.FormatFloat(length.Seconds(), 'f', digits, 64)
		shown, err := strconv.ParseFloat(text, 64)
		if err != nil || shown > limit.Seconds() || digits == 9 {
			return text + " s"
		}
	}
}

// spanText is a limit for people: "40 s", "2 h".
func spanText(limit time.Duration) string {
	if limit%time.Hour == 0 {
		return strconv.FormatInt(int64(limit/time.Hour), 10) + " h"
	}
	return strconv.FormatFloat(limit.Seconds(), 'f', -1, 64) + " s"
}
