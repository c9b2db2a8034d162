package document

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
)

// calendarBegins is how every iCalendar file begins.
const calendarBegins = "BEGIN:VCALENDAR"

// newCalendarMode is the permission of a calendar that was not there: people share it.
const newCalendarMode = 0o644

// RefuseCalendar refuses to write a calendar over what is none; nothing is wrong with an empty path, or one where nothing is.
func RefuseCalendar(path string) error {
	if path == "-" {
		return exit.Refuse(lifecycle.InvalidRequest, "--calendar must name a file, not -: standard output has the plan")
	}
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return exit.Refuse(lifecycle.InvalidRequest, "cannot write the calendar %s: it is no file", path)
	}
	now, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return exit.Refuse(lifecycle.InvalidRequest, "cannot write the calendar %s: there is no directory %s", path, filepath.Dir(path))
		}
	case err != nil:
		return exit.Refuse(lifecycle.InvalidRequest, "cannot write the calendar: %s", err)
	case len(now) > 0 && !bytes.HasPrefix(now, []byte(calendarBegins)):
		return exit.Refuse(lifecycle.InvalidRequest, "%s is there already and is no calendar: it is left as it is", path).
			Next("name another file with --calendar")
	}
	return nil
}

// WriteCalendar writes a calendar in one step, over the one that is there: who reads it finds the old or the new one. A link
// stays one, and so do the permissions.
func WriteCalendar(path string, content []byte) error {
	cannot := func(err error) error {
		return exit.New(exit.Failed, lifecycle.InvalidRequest, "cannot write the calendar %s: %s", path, err).Next("what was there is left as it was")
	}
	if err := RefuseCalendar(path); err != nil {
		return err
	}
	mode := fs.FileMode(newCalendarMode)
	target, err := filepath.EvalSymlinks(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		target = path
	case err != nil:
		return cannot(err)
	default:
		info, err := os.Stat(target)
		if err != nil {
			return cannot(err)
		}
		mode = info.Mode().Perm()
	}
	if err := writeBeside(target, content, mode); err != nil {
		return cannot(err)
	}
	return nil
}
