package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// room is one package of the module.
type room struct {
	// Name is its import path within the module, such as internal/speech.
	Name string
	// Dir is its folder, and Files the names of the sources that are built, tests not among them.
	Dir   string
	Files []string
	// Imports are the rooms that its sources import, Deps those and all that they stand on in turn. Foreign are the
	// import paths of what is not ours.
	Imports, Deps, Foreign []string
	// Code and Tests are all Go files of the folder, whatever they are built for.
	Code, Tests size
}

type size struct{ Files, Lines int }

// house is the module: its rooms in the order of their names, and where the compiled packages lie that they import.
type house struct {
	Rooms   []room
	exports map[string]string
}

// open reads the module at root. It compiles what has changed since the last time.
func open(ctx context.Context, root string) (house, error) {
	list := exec.CommandContext(ctx, "go", "list", "-deps", "-export", "-json=Dir,ImportPath,Export,GoFiles,Imports,Deps,Module", "./...")
	list.Dir = root
	var says bytes.Buffer
	list.Stderr = &says
	out, err := list.Output()
	if err != nil {
		return house{}, fmt.Errorf("go list: %w: %s", err, strings.TrimSpace(says.String()))
	}
	h := house{exports: map[string]string{}}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir, ImportPath, Export string
			GoFiles, Imports, Deps  []string
			Module                  *struct {
				Path string
				Main bool
			}
		}
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			slices.SortFunc(h.Rooms, func(a, b room) int { return cmp.Compare(a.Name, b.Name) })
			return h, nil
		case err != nil:
			return house{}, fmt.Errorf("read what go list says: %w", err)
		}
		h.exports[p.ImportPath] = p.Export
		if p.Module == nil || !p.Module.Main {
			continue
		}
		inside := p.Module.Path + "/"
		r := room{Name: strings.TrimPrefix(p.ImportPath, inside), Dir: p.Dir, Files: p.GoFiles}
		r.Imports, r.Foreign = parted(inside, p.Imports)
		r.Deps, _ = parted(inside, p.Deps)
		if r.Code, r.Tests, err = measure(p.Dir); err != nil {
			return house{}, err
		}
		h.Rooms = append(h.Rooms, r)
	}
}

// parted names the rooms among import paths, and keeps the paths of all else.
func parted(module string, paths []string) (rooms, foreign []string) {
	for _, path := range paths {
		if name, ours := strings.CutPrefix(path, module); ours {
			rooms = append(rooms, name)
		} else {
			foreign = append(foreign, path)
		}
	}
	return rooms, foreign
}

// measure counts the Go files of a folder and their lines, as wc -l does.
func measure(dir string) (code, tests size, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return code, tests, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return code, tests, err
		}
		s := &code
		if strings.HasSuffix(file, "_test.go") {
			s = &tests
		}
		s.Files++
		s.Lines += bytes.Count(text, []byte("\n"))
	}
	return code, tests, nil
}
