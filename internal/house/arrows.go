package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// arrow runs from a file to another of the same room, in which something is declared that it uses.
type arrow struct{ From, To string }

// uses maps each arrow to the name of the first thing that it stands for.
type uses map[arrow]string

// arrows reads and type-checks the sources of a room.
func (h house) arrows(r room) (uses, error) {
	files := token.NewFileSet()
	var sources []*ast.File
	for _, name := range r.Files {
		source, err := parser.ParseFile(files, filepath.Join(r.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	info := types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) {
		export, known := h.exports[path]
		if !known || export == "" {
			return nil, fmt.Errorf("go list has compiled no %s", path)
		}
		return os.Open(export)
	})}
	if _, err := config.Check(r.Name, files, sources, &info); err != nil {
		return nil, fmt.Errorf("check the types of %s: %w", r.Name, err)
	}
	found := uses{}
	at := func(pos token.Pos) string { return filepath.Base(files.Position(pos).Filename) }
	used := slices.SortedFunc(maps.Keys(info.Uses), func(a, b *ast.Ident) int { return cmp.Compare(a.Pos(), b.Pos()) })
	for _, name := range used {
		object := info.Uses[name]
		if object.Pkg() == nil || object.Pkg().Path() != r.Name || !object.Pos().IsValid() {
			continue
		}
		a := arrow{at(name.Pos()), at(object.Pos())}
		if _, known := found[a]; a.From != a.To && !known {
			found[a] = object.Name()
		}
	}
	return found, nil
}

// order is a topological sort of files: who uses comes before what is used. Where files use each other in a circle no
// order has every arrow running down: then it is the greedy one of Eades, Lin and Smyth (1993), in which few run up.
// Ties go by name, so that the same arrows always have the same order.
func order(files []string, found uses) []string {
	left := slices.Sorted(slices.Values(files))
	var top, bottom []string
	take := func(i int) string {
		file := left[i]
		left = slices.Delete(left, i, i+1)
		return file
	}
	// out and in count the arrows between a file and those that are left.
	count := func(file string) (out, in int) {
		for _, other := range left {
			if _, is := found[arrow{file, other}]; is {
				out++
			}
			if _, is := found[arrow{other, file}]; is {
				in++
			}
		}
		return out, in
	}
	first := func(fits func(out, in int) bool) int {
		return slices.IndexFunc(left, func(file string) bool { return fits(count(file)) })
	}
	for len(left) > 0 {
		if i := first(func(out, _ int) bool { return out == 0 }); i >= 0 {
			bottom = append(bottom, take(i))
			continue
		}
		if i := first(func(_, in int) bool { return in == 0 }); i >= 0 {
			top = append(top, take(i))
			continue
		}
		best, most := 0, 0
		for i, file := range left {
			if out, in := count(file); i == 0 || out-in > most {
				best, most = i, out-in
			}
		}
		top = append(top, take(best))
	}
	slices.Reverse(bottom)
	return append(top, bottom...)
}

// up are the arrows that run against an order, sorted.
func (u uses) up(order []string) []arrow {
	var list []arrow
	for a := range u {
		if slices.Index(order, a.From) > slices.Index(order, a.To) {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b arrow) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return list
}
