package upload

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"time"

	"speech-retrainer/activities"
	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/screen"
	"speech-retrainer/internal/secret"
	"speech-retrainer/internal/speech"
	"speech-retrainer/internal/words"
)

// Uploader brings files to the Speech resource that the settings name.
type Uploader struct {
	// Screen shows how far an upload is, and what else is to be known of a file.
	Screen *screen.Screen
	// Settings are those of the Speech resource. They are asked for only when there is something to upload; the error
	// is a *exit.Failure that names every variable that is missing or wrong.
	Settings func() (config.Settings, error)
	// Timeout is how long the service may be silent at first.
	Timeout time.Duration
	// Send brings a file to the service; nil is dataset.Upload with a client for these settings.
	Send func(context.Context, config.Settings, dataset.UploadRequest) (dataset.UploadResult, error)
}

// Host is the host of the Speech resource that the settings name. The error is a *exit.Failure.
func (u Uploader) Host() (string, error) {
	settings, err := u.Settings()
	if err != nil {
		return "", err
	}
	address, err := resource.Address(settings.Speech.Endpoint)
	if err != nil {
		return "", exit.Refuse(lifecycle.InvalidRequest, "%s", err)
	}
	return address.Host, nil
}

// send uploads one file, with a progress bar on a terminal. A service that does not answer is told of while tries go
// on.
func (u Uploader) send(ctx context.Context, settings config.Settings, file fleet.File) (dataset.UploadResult, error) {
	send := u.Send
	if send == nil {
		send = uploadFile
	}
	bar := u.Screen.NewBar(file.Data.Name)
	result, err := send(ctx, settings, dataset.UploadRequest{
		Path: file.Path, Name: file.Data.Name, Kind: file.Data.Kind, Locale: file.Locale,
		Owner: settings.Owner, ListLag: settings.ListLag, Progress: bar.Show,
		FirstAnswer: u.Timeout,
		Waiting:     func(w dataset.Waiting) { bar.Say(tellWaiting(settings, u.Timeout, w)) },
	})
	bar.Close()
	if silent, is := errors.AsType[*dataset.NoAnswerError](err); is && ctx.Err() == nil {
		return result, noAnswer(settings, silent)
	}
	if err != nil {
		return result, failureOf(ctx, err)
	}
	for _, note := range result.Notes {
		u.Screen.Tell("note: %s", note)
	}
	done := "uploaded as"
	if result.Reused {
		done = "unchanged, already"
	}
	u.Screen.Tell("%s: %s dataset %s", file.Data.Name, done, result.DatasetID)
	return result, nil
}

// uploadFile is what Send is when it is nil.
func uploadFile(ctx context.Context, settings config.Settings, request dataset.UploadRequest) (dataset.UploadResult, error) {
	client, err := speech.New(speech.Config{Access: settings.Speech})
	if err != nil {
		return dataset.UploadResult{}, err
	}
	return dataset.Upload(ctx, client, request)
}

// failureOf sorts why an upload failed.
func failureOf(ctx context.Context, err error) *exit.Failure {
	const again = "what was sent is kept: the same command goes on from there"
	if ctx.Err() != nil {
		return exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted during the upload; nothing was started").Next(again)
	}
	f := exit.New(exit.Failed, lifecycle.DatasetFailed, "%s", err)
	answer, answered := errors.AsType[*speech.Error](err)
	_, unreadable := errors.AsType[*fs.PathError](err)
	switch {
	case answered && answer.Auth():
		f.Cause.Type = lifecycle.Unauthorized
	case answered && (answer.Throttled() || answer.Transient()):
		f.Cause.Type = lifecycle.Unavailable
		f = f.Next(again)
	case answered && activities.Remedy(answer) != "":
		f = f.Next("%s", activities.Remedy(answer))
	case unreadable:
		f.Cause.Type = lifecycle.InvalidRequest
	}
	if answered && answer.Code != "" {
		f.Cause.Code = &answer.Code
	}
	return f
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
func resourceOf(s config.Settings) string { return secret.Redact(s.Speech.Endpoint) }
