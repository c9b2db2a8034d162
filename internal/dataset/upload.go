package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

const (
	// defaultParallel is how many blocks are on their way at once when the caller does not say.
	defaultParallel = 4
	// maxParallel keeps one upload from taking all connections of a client.
	maxParallel = 16
	// maxTurns ends an upload whose dataset is replaced by a better one again and again.
	maxTurns = 5
)

// ErrChanged is in the error of an upload whose file was changed, replaced or cut while it was read.
// Nothing was made of it: start the upload again.
var ErrChanged = errors.New("the file changed while it was uploaded; nothing was imported, start again when it is at rest")

// UploadRequest is data on this machine that shall become a dataset. Path, or ReaderAt and Size, and all
// of Name, Kind, Locale and Owner are required.
type UploadRequest struct {
	// Path is a regular file.
	Path string
	// ReaderAt gives the data instead of Path, Size its length in bytes; it is read by several goroutines.
	ReaderAt io.ReaderAt
	Size     int64
	// Name is the data's name in the request; the dataset's display name begins with it.
	Name string
	// Kind is the service's dataset kind, Locale that of the request.
	Kind   lifecycle.DatasetKind
	Locale string
	// Owner is the value of the mark sr.owner.
	Owner string
	// ProjectID is the project of a dataset that is created; "" for none.
	ProjectID string
	// ListLag is how long a new object may be missing from lists (SPEECH_LIST_LAG). It is waited for only
	// after a create without an answer.
	ListLag time.Duration
	// Parallel is how many blocks are sent at once: 1 to 16, 4 when zero.
	Parallel int
	// Progress hears how many bytes are sent or were there already, and how many there are. It is called by one
	// goroutine at a time, done never falls, and the last call of a full upload has done = total. It is
	// not called when there is nothing to send.
	Progress func(done, total int64)
	// FirstAnswer is how long the service may take to give its first usable answer, DefaultFirstAnswer when zero.
	FirstAnswer time.Duration
	// Waiting hears within six seconds of a service that gives no usable answer, and again while tries go on. It is called
	// by one goroutine at a time, not the one of Progress.
	Waiting func(Waiting)
}

// UploadResult is the dataset that holds the data. Its import goes on after the upload: waiting for it is
// the workflow's.
type UploadResult struct {
	DatasetID   string `json:"datasetId"`
	DisplayName string `json:"displayName"`
	// Content is the data's identity, the value of the mark sr.content.
	Content string `json:"content"`
	// Bytes is the size of the data, with the byte order mark that was added to it, Sent what this call sent of it.
	Bytes int64 `json:"bytes"`
	Sent  int64 `json:"sent"`
	// Reused tells that the dataset had its data already, by an earlier upload or one at the same time.
	Reused bool `json:"reused"`
	// Notes says what an operator should know of twins of the dataset, and of the mark.
	Notes []string `json:"notes"`
}

// Upload brings data to the service once (Datasets_List, Datasets_Create, Datasets_GetBlocks,
// Datasets_UploadBlock, Datasets_CommitBlocks). A dataset of the same content, name and owner is used as it is;
// one that still waits for blocks gets those that it lacks; else one is created. Names of blocks are
// made of their content, so whoever goes on with an upload can tell what is there already.
//
// Plain text in UTF-8 without byte order mark is sent with one, which the service asks for; its identity stays that of
// the bytes given, so that a file is known again as it is.
//
// Memory does not grow with the data: it is read in two streaming passes, one for the identity and one to
// send; text without mark is read once more before. Transient failures are tried again for some minutes each, throttling
// as the service asks. After an error call Upload again: what was sent is kept by the service. Errors wrap ErrChanged,
// *NoAnswerError, *speech.Error, those of the file, and ctx's cause; the result then holds what is known.
func Upload(ctx context.Context, client *speech.Client, req UploadRequest) (UploadResult, error) {
	if err := req.check(); err != nil {
		return UploadResult{}, fmt.Errorf("upload data: %w", err)
	}
	s, err := openSource(req)
	if err != nil {
		return UploadResult{}, fmt.Errorf("upload data %q: %w", req.Name, err)
	}
	defer s.close()
	p, err := survey(ctx, s, req.Kind, req.Locale)
	if err != nil {
		return UploadResult{}, fmt.Errorf("upload %s: %w", s.label, err)
	}
	_, size := s.sent()
	u := &upload{
		client: client, request: req, source: s, plan: p,
		result: UploadResult{
			DisplayName: lifecycle.DatasetDisplayName(req.Name, p.content),
			Content:     p.content, Bytes: size, Notes: []string{},
		},
		answers: &answers{limit: cmp.Or(req.FirstAnswer, DefaultFirstAnswer)},
	}
	u.progress = &uploadProgress{report: req.Progress, moved: u.answers.moved, total: size, shown: -1}
	attended, stop := u.answers.attend(ctx, req.Waiting)
	err = u.run(speech.WhileQueued(attended, u.answers.queued))
	stop()
	u.result.Sent = u.progress.sentBytes()
	if err != nil {
		return u.result, fmt.Errorf("upload %s as dataset %q: %w", s.label, u.result.DisplayName, err)
	}
	if s.marked && !u.result.Reused {
		u.note("%s", markedNote)
	}
	return u.result, nil
}

func (r UploadRequest) check() error {
	switch {
	case (r.Path == "") == (r.ReaderAt == nil):
		return errors.New("give either a path or a reader")
	case r.Name == "" || r.Kind == "" || r.Locale == "" || r.Owner == "":
		return errors.New("name, kind, locale and owner are required")
	case r.Parallel < 0 || r.Parallel > maxParallel:
		return fmt.Errorf("%d blocks at once are not possible, only 1 to %d", r.Parallel, maxParallel)
	}
	return nil
}

// upload is one call of Upload under way.
type upload struct {
	client   *speech.Client
	request  UploadRequest
	source   *uploadSource
	plan     uploadPlan
	progress *uploadProgress
	answers  *answers
	result   UploadResult
	// fresh is the ID of the dataset that this call created: it has no blocks yet.
	fresh string
}

// run brings the service to hold the content in one dataset, whatever it holds at the beginning and
// whoever else uploads the same at this time.
func (u *upload) run(ctx context.Context) error {
	d, err := u.ensure(ctx)
	if err != nil {
		return err
	}
	for range maxTurns {
		u.result.DatasetID = d.ID()
		stored, complete, err := u.stored(ctx, d)
		if err != nil {
			return err
		}
		if !complete {
			err = u.send(ctx, d.ID(), stored)
			// Another upload that committed the same blocks first makes the service refuse ours.
			complete = err != nil && ctx.Err() == nil && !errors.Is(err, ErrChanged) && u.committed(ctx, d.ID())
		}
		if complete {
			u.result.Reused = true
			d.Status = cmp.Or(importing(d.Status), speech.StatusRunning)
			return u.settle(ctx, d)
		}
		if err != nil {
			return err
		}
		// Another upload of the same content may have been faster, or began earlier: never commit twice.
		now, err := u.look(ctx, d)
		if err != nil {
			return err
		}
		if now.found && now.best.ID() != d.ID() {
			d = now.best
			continue
		}
		if err := u.source.unchanged(); err != nil {
			return err
		}
		if err := u.commit(ctx, d.ID()); err != nil {
			return err
		}
		d.Status = speech.StatusRunning
		return u.settle(ctx, d)
	}
	return fmt.Errorf("another upload of the same content keeps replacing dataset %s; let it end, then start again", d.ID())
}

// importing is the status of a dataset that has its data, else "".
func importing(s speech.Status) speech.Status {
	if s == speech.StatusNotStarted {
		return ""
	}
	return s
}
