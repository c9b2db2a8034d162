package telemetry

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
)

func TestLogFormat(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		options  LogOptions
		wantJSON bool
		wantANSI bool
	}{
		{name: "auto, no terminal", options: LogOptions{Format: FormatAuto}, wantJSON: true},
		{name: "auto, terminal", options: LogOptions{Format: FormatAuto, Terminal: true}},
		{name: "auto, coloured terminal", options: LogOptions{Terminal: true, Color: true}, wantANSI: true},
		{name: "json on a terminal", options: LogOptions{Format: FormatJSON, Terminal: true, Color: true}, wantJSON: true},
		{name: "console in a file", options: LogOptions{Format: FormatConsole}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			tc.options.Out = &out
			logger, err := NewLogger(tc.options)
			require.NoError(t, err)
			logger.Info("connected", zap.String("address", "localhost:7233"))

			line := out.String()
			require.Equal(t, 1, strings.Count(line, "\n"))
			require.Equal(t, tc.wantJSON, json.Valid(out.Bytes()), line)
			require.Equal(t, tc.wantANSI, strings.Contains(line, "\x1b["), line)
			require.Contains(t, line, "localhost:7233")
			require.Contains(t, line, "logger_test.go")
		})
	}
}

func TestLogLevel(t *testing.T) {
	t.Parallel()
	levels := []string{"debug", "info", "warn", "error"}
	for i, level := range levels {
		var out bytes.Buffer
		logger, err := NewLogger(LogOptions{Out: &out, Level: level})
		require.NoError(t, err)
		logger.Debug("debug")
		logger.Info("info")
		logger.Warn("warn")
		logger.Error("error")
		require.Equal(t, len(levels)-i, strings.Count(out.String(), "\n"), level)
	}
}

func TestLogOptionsRefused(t *testing.T) {
	t.Parallel()
	_, err := NewLogger(LogOptions{Level: "loud"})
	require.EqualError(t, err, `log level "loud" is none of debug, info, warn, error`)
	_, err = NewLogger(LogOptions{Format: "xml"})
	require.EqualError(t, err, `log format "xml" is none of auto, console, json`)
}

// The SDK's lines must carry their fields, the place they came from and a time in UTC, and be subject
// to the level.
func TestSDKLogger(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger, err := NewLogger(LogOptions{Out: &out})
	require.NoError(t, err)
	sdk := SDKLogger(logger)
	sdk.Debug("not shown")
	sdk.Warn("poll failed", "TaskQueue", "speech-retrainer")

	var entry struct {
		Time                          time.Time
		Level, Msg, TaskQueue, Caller string
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &entry))
	require.Equal(t, "warn", entry.Level)
	require.Equal(t, "poll failed", entry.Msg)
	require.Equal(t, "speech-retrainer", entry.TaskQueue)
	require.Contains(t, entry.Caller, "logger_test.go")
	require.Equal(t, time.UTC, entry.Time.Location())
}
