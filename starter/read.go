package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"time"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
)

// maxRequestBytes bounds what is read as a request; decode.Request has a limit of its own.
const maxRequestBytes = 1 << 20

// readFile reads a request or a fleet; "-" is standard input. The error is a *exit.Failure.
func (a *app) readFile(path string) (fleet.Document, error) {
	in, d := a.Stdin, fleet.Document{Name: "standard input"}
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return d, exit.Refuse(lifecycle.InvalidRequest, "cannot read the request: %s", err)
		}
		defer func() { _ = file.Close() }() // opened for reading only
		in, d.Name, d.Dir = file, path, filepath.Dir(path)
	}
	source, err := io.ReadAll(io.LimitReader(in, maxRequestBytes+1))
	switch {
	case err != nil:
		return d, exit.Refuse(lifecycle.InvalidRequest, "cannot read the request from %s: %s", d.Name, err)
	case len(source) > maxRequestBytes:
		return d, exit.Refuse(lifecycle.InvalidRequest, "%s is larger than the %d bytes that a request may have", d.Name, maxRequestBytes)
	case len(bytes.TrimSpace(source)) == 0:
		return d, exit.Refuse(lifecycle.InvalidRequest, "%s is empty", d.Name)
	}
	d.Source = source
	return d, nil
}

// readRequest reads the request in the file at path. The error is a *exit.Failure with every problem and its line.
func (a *app) readRequest(path string) (fleet.Given, error) {
	d, err := a.readFile(path)
	if err != nil {
		return fleet.Given{}, err
	}
	return fleet.ReadRequest(d)
}

// readFleet reads the fleet in the file at path. The error is a *exit.Failure with every problem, its line and path.
func (a *app) readFleet(path string) (fleet.Fleet, error) {
	d, err := a.readFile(path)
	if err != nil {
		return fleet.Fleet{}, err
	}
	return fleet.Read(d, time.Now())
}
