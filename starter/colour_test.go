package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/screen"
)

func TestNoColor(t *testing.T) {
	t.Parallel()
	a := func(e env) screen.Paint { return newApp(Options{Env: e, StdoutTerminal: true}).out.Paint() }
	require.True(t, bool(a(env{})))
	require.True(t, bool(a(env{"NO_COLOR": ""})))
	require.False(t, bool(a(env{"NO_COLOR": "1"})))
	require.False(t, bool(a(env{"TERM": "dumb"})))
	require.False(t, bool(newApp(Options{Env: env{}}).out.Paint()))
}
