// Command house counts the product: files and lines of each room, and how the files of a room lean on each other. It
// holds the layers, too: its test says which room may import which, and why.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"speech-retrainer/internal/table"
)

const usage = `Count the rooms of the house: files, lines, and the arrows between files.

Usage:
  house [ROOM ...]    a table of all rooms; with rooms, their arrows that run up

An arrow runs from a file to another of the same room that declares something
it uses. The files of a room are sorted, who uses before what is used; an arrow
against that order runs up. A room without circles has none.

Examples:
  house
  house starter workflows
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	flags := flag.NewFlagSet("house", flag.ExitOnError)
	flags.Usage = func() { fmt.Fprint(flags.Output(), usage) }
	_ = flags.Parse(os.Args[1:]) // it exits
	if err := run(ctx, os.Stdout, flags.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "house:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, named []string) error {
	h, err := open(ctx, ".")
	if err != nil {
		return err
	}
	if len(named) == 0 {
		return h.count(out)
	}
	for _, name := range named {
		if err := h.show(out, name); err != nil {
			return err
		}
	}
	return nil
}

// count prints a row for each room.
func (h house) count(out io.Writer) error {
	shown := table.New("ROOM", "FILES", "LINES", "TEST FILES", "LINES", "ARROWS", "UP")
	var code, tests size
	arrows, up := 0, 0
	for _, r := range h.Rooms {
		found, err := h.arrows(r)
		if err != nil {
			return err
		}
		against := len(found.up(order(r.Files, found)))
		shown.AppendRow(table.Row{r.Name, r.Code.Files, r.Code.Lines, r.Tests.Files, r.Tests.Lines, len(found), against})
		code, tests = code.and(r.Code), tests.and(r.Tests)
		arrows, up = arrows+len(found), up+against
	}
	shown.AppendRow(table.Row{"all", code.Files, code.Lines, tests.Files, tests.Lines, arrows, up})
	fmt.Fprintln(out, shown.Render())
	return nil
}

func (s size) and(other size) size { return size{s.Files + other.Files, s.Lines + other.Lines} }

// show prints the order of a room's files and each arrow against it.
func (h house) show(out io.Writer, name string) error {
	for _, r := range h.Rooms {
		if r.Name != name {
			continue
		}
		found, err := h.arrows(r)
		if err != nil {
			return err
		}
		sorted := order(r.Files, found)
		fmt.Fprintf(out, "%s, who uses before what is used:\n", name)
		for _, file := range sorted {
			fmt.Fprintln(out, "  "+file)
		}
		against := found.up(sorted)
		fmt.Fprintf(out, "%d of %d arrows run up:\n", len(against), len(found))
		for _, a := range against {
			fmt.Fprintf(out, "  %s -> %s: %s\n", a.From, a.To, found[a])
		}
		return nil
	}
	return fmt.Errorf("there is no room %s", name)
}
