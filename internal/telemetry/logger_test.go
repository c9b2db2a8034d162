package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"speech-retrainer/internal/hostile"
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

// Nothing that the service says drives the terminal that the log is read on, or forges another line of it.
func TestLogIsHarmless(t *testing.T) {
	t.Parallel()
	for _, o := range []LogOptions{{Format: FormatConsole}, {Format: FormatConsole, Terminal: true, Color: true}, {Format: FormatJSON}} {
		var out bytes.Buffer
		o.Out = &out
		logger, err := NewLogger(o)
		require.NoError(t, err)
		logger.Named(hostile.Text).With(zap.String("with"+hostile.Text, hostile.Text)).Error(hostile.Text,
			zap.String("name", hostile.Text), zap.Error(errors.New(hostile.Text)), zap.Any("any", map[string]string{hostile.Text: hostile.Text}))
		SDKLogger(logger).Warn(hostile.Text, "name", hostile.Text)
		text := strings.NewReplacer("\x1b[31mERROR\x1b[0m", "", "\x1b[33mWARN\x1b[0m", "").Replace(out.String())
		require.Equal(t, 2, strings.Count(text, "\n"), text)
		require.Equal(t, -1, strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }), "%q", text)
		if o.Format == FormatJSON {
			var entry struct{ Name string }
			require.NoError(t, json.Unmarshal([]byte(strings.SplitAfter(text, "\n")[0]), &entry))
			require.Equal(t, hostile.Text, entry.Name, "a log for machines keeps fields as they are")
		}
	}
}
