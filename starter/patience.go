package main

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
	"speech-retrainer/internal/words"
)

// patienceFlags say how long the Speech service may be silent at first.
type patienceFlags struct{ timeout time.Duration }

func (f *patienceFlags) add(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&f.timeout, "timeout", dataset.DefaultFirstAnswer, "How long an upload waits for the Speech service's first answer")
}

func (f patienceFlags) check() error {
	if f.timeout < time.Second {
		return exit.Refuse(lifecycle.InvalidRequest, "--timeout must be at least 1s, not %s", f.timeout)
	}
	return nil
}

// tellWaiting says that the service gives no answer, that tries go on, and until when.
func tellWaiting(settings config.Settings, timeout time.Duration, w dataset.Waiting) string {
	line := fmt.Sprintf("%s: no answer for %s", resourceOf(settings), words.Elapsed(w.Silent))
	if w.Last != nil {
		line = fmt.Sprintf("%s: no usable answer for %s: %s", resourceOf(settings), words.Elapsed(w.Silent), root(w.Last))
	}
	if w.Answered {
		return line + "; still trying; Ctrl-C stops, and what was sent is kept"
	}
	return line + fmt.Sprintf("; still trying, for %s at most (--timeout)", words.Elapsed(timeout))
}

// noAnswer is the end of an upload that never had an answer.
func noAnswer(settings config.Settings, err *dataset.NoAnswerError) *exit.Failure {
	message := fmt.Sprintf("the Speech service at %s gave no answer within %s", resourceOf(settings), words.Elapsed(err.After))
	if err.Last != nil {
		message = fmt.Sprintf("the Speech service at %s gave no usable answer within %s: %s", resourceOf(settings), words.Elapsed(err.After), root(err.Last))
	}
	return exit.New(exit.Failed, lifecycle.Unavailable, "%s: nothing was uploaded or started", message).
		Next("check SPEECH_ENDPOINT (or SPEECH_REGION) and the network; a longer --timeout waits for an outage")
}

// root is why a request failed. What was asked does not help here, and where it is said already.
func root(err error) string {
	answer, is := errors.AsType[*speech.Error](err)
	if !is || answer.Status != 0 || answer.Err == nil {
		return err.Error()
	}
	if way, is := errors.AsType[*url.Error](answer.Err); is {
		return way.Err.Error()
	}
	return answer.Err.Error()
}

// resourceOf is the address of the Speech resource.
func resourceOf(s config.Settings) string { return speech.Redact(s.Speech.Endpoint) }
