package document

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
)

// Replace writes a file that was read as before anew, in one step. A link stays one; permissions and byte order mark stay, too.
func Replace(path string, before, after []byte) error {
	cannot := func(err error) error {
		return exit.New(exit.Failed, lifecycle.InvalidRequest, "the id cannot be written into %s: %s: nothing was applied", path, err)
	}
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return cannot(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return cannot(err)
	}
	now, err := os.ReadFile(path)
	if err != nil {
		return cannot(err)
	}
	text, marked := bytes.CutPrefix(now, mark)
	if marked {
		after = slices.Concat(mark, after)
	}
	if !bytes.Equal(text, before) {
		return exit.New(exit.Failed, lifecycle.InvalidRequest, "%s has changed since it was read: nothing was applied", path).Next("run the same command again")
	}
	if err := writeBeside(path, after, info.Mode().Perm()); err != nil {
		return cannot(err)
	}
	return nil
}

func writeBeside(path string, content []byte, mode fs.FileMode) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	_, err = file.Write(content)
	if err == nil {
		err = file.Chmod(mode)
	}
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
