package main

import "speech-retrainer/internal/visible"

// clean makes text safe for a terminal and for one line. The service, and who can write display names there,
// must not be able to drive the screen.
func clean(text string) string { return visible.Line(text) }
