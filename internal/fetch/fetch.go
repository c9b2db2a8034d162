package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/web"
)

// maxRedirects is how often the site may send a request on: to where its archives are kept.
const maxRedirects = 5

// source is where a CLI comes from, and how much is borne with from there.
type source struct {
	// at is scheme and host, maybe a path, without a slash at the end.
	at string
	// version is the one wanted, like v1.5.1; platform and arch are Go's names.
	version, platform, arch string
	transport               http.RoundTripper
	// answer is how long connecting may take until an answer begins; stall how long nothing may come after that,
	// whole how long everything may take.
	answer, stall, whole time.Duration
	// archive and program are the most bytes of the archive, and of what it unpacks to.
	archive, program int64
}

// here is the source of this machine's CLI. One of 2025 is an archive of about 60 MB and a program of about 200 MB.
func here(at, version string) source {
	return source{
		at: at, version: version, platform: runtime.GOOS, arch: runtime.GOARCH, transport: web.NewTransport(),
		answer: 5 * time.Second, stall: 15 * time.Second, whole: 10 * time.Minute,
		archive: 256 << 20, program: 512 << 20,
	}
}

// fetched is a CLI that was fetched: what it says of its version, the bytes and the SHA-256 of its archive.
type fetched struct {
	says, sum string
	bytes     int64
}

// fetch makes the CLI the file to, whole and checked or not at all. The error says why not.
func (s source) fetch(ctx context.Context, to string) (got fetched, err error) {
	if (s.platform != "linux" && s.platform != "darwin") || (s.arch != "amd64" && s.arch != "arm64") {
		return got, fmt.Errorf("there is no archive for %s on %s", s.platform, s.arch)
	}
	dir := filepath.Dir(to)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return got, err
	}
	file, err := os.CreateTemp(dir, ".temporal-*")
	if err != nil {
		return got, err
	}
	// After the rename there is nothing left to remove.
	defer func() { _ = os.Remove(file.Name()) }()
	got, err = s.download(ctx, file)
	if err := errors.Join(err, file.Chmod(0o755), file.Close()); err != nil {
		return got, err
	}
	if got.says, err = s.check(ctx, file.Name()); err != nil {
		return got, err
	}
	return got, os.Rename(file.Name(), to)
}

// download writes the program out of the site's archive into a file.
func (s source) download(ctx context.Context, file io.Writer) (got fetched, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.whole, fmt.Errorf("not done after %s", s.whole))
	defer cancel()
	ctx, give := context.WithCancelCause(ctx)
	defer give(nil)
	patience := time.AfterFunc(s.answer, func() { give(fmt.Errorf("%s has not answered within %s", s.host(), s.answer)) })
	defer patience.Stop()

	body, err := s.open(ctx)
	if err != nil {
		return got, because(ctx, err)
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	// A stop that came too late has given up already.
	if !patience.Stop() {
		return got, because(ctx, context.DeadlineExceeded)
	}
	stall := time.AfterFunc(s.stall, func() { give(fmt.Errorf("nothing came from %s for %s", s.host(), s.stall)) })
	defer stall.Stop()

	sum := sha256.New()
	archive := &counted{from: io.TeeReader(body, sum), most: s.archive, each: func() { stall.Reset(s.stall) }}
	if err := unpack(file, archive, s.program); err != nil {
		return got, because(ctx, fmt.Errorf("the archive of %s: %w", s.host(), err))
	}
	return fetched{sum: hex.EncodeToString(sum.Sum(nil)), bytes: archive.read}, nil
}

// because is why a context ended, or the error when it did not.
func because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// open asks the site for the archive, whose body it returns.
func (s source) open(ctx context.Context) (io.ReadCloser, error) {
	query := url.Values{"platform": {s.platform}, "arch": {s.arch}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.at+"/cli/archive/"+url.PathEscape(s.version)+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	// As it is: an archive that was packed once more on its way would escape the limit.
	request.Header.Set("Accept-Encoding", "identity")
	answer, err := (&http.Client{Transport: s.transport, CheckRedirect: checkRedirect}).Do(request)
	if err != nil {
		if failed, is := errors.AsType[*url.Error](err); is {
			err = failed.Err // what was asked is known
		}
		return nil, fmt.Errorf("%s: %w", s.host(), err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("%s answered %d", s.host(), answer.StatusCode), answer.Body.Close())
	}
	if answer.ContentLength > s.archive {
		return nil, errors.Join(fmt.Errorf("the archive of %s: %w", s.host(), tooLarge(s.archive)), answer.Body.Close())
	}
	return answer.Body, nil
}

// checkRedirect follows a redirect to https, and to http on this machine from there only.
func checkRedirect(to *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	if err := web.CheckURL(to.URL.String()); err != nil {
		return fmt.Errorf("a redirect to %s: %w", to.URL.Host, err)
	}
	if to.URL.Scheme != via[0].URL.Scheme && to.URL.Scheme != "https" {
		return fmt.Errorf("a redirect to %s: from https to %s", to.URL.Host, to.URL.Scheme)
	}
	return nil
}

func (s source) host() string {
	u, err := url.Parse(s.at)
	if err != nil {
		return "the site"
	}
	return u.Host
}

// check runs a program that should be the CLI and returns what it says of its version, if that is the one wanted.
func (s source) check(ctx context.Context, path string) (says string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	path, err = filepath.Abs(path)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, path, "--version")
	cmd.Env, cmd.Stdout, cmd.WaitDelay = []string{}, &out, time.Second
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("what came does not run here: %w", err)
	}
	line, _, _ := strings.Cut(strings.TrimSpace(out.String()), "\n")
	if line = visible.Line(line); !strings.HasPrefix(line+" ", "temporal version "+strings.TrimPrefix(s.version, "v")+" ") {
		return "", fmt.Errorf("what came is not %s: it says %q", s.version, line)
	}
	return line, nil
}
