// Package dataset knows the data that the service trains and tests on: its format rules, checked before
// anything is uploaded, and its identity, by which unchanged data is never uploaded twice. Everything is
// streamed: memory does not grow with the file. It uploads through internal/speech and knows no Temporal.
package dataset
