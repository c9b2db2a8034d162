package emulator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"syscall"
	"time"

	"speech-retrainer/internal/emulator/intake"
	"speech-retrainer/internal/emulator/recognizer"
)

// contentFile is the name of a dataset's content on disk.
const contentFile = "data"

// startImport reads and checks the content of a dataset apart from the requests. The lock is held.
func (s *Server) startImport(d *dataset) {
	done := make(chan struct{})
	s.imports[d.ID] = done
	// What the goroutine needs is copied: the dataset belongs to the lock.
	id, kind, locale, from, settings := d.ID, d.Kind, d.Locale, d.ContentURL, s.settings
	var blocks []string
	for _, b := range d.BlockOrder {
		blocks = append(blocks, s.blockPath(d, b))
	}
	s.background.Go(func() {
		defer close(done)
		path := s.contentPath(id, contentFile)
		var err error
		if from != "" {
			err = s.fetch(from, path, intake.MaxBytes(kind), time.Duration(settings.FetchTimeout))
		} else {
			err = assemble(path, blocks)
		}
		var result intake.Result
		if err != nil {
			result.Failure = &intake.Failure{Code: "DataImportFailed", Message: err.Error()}
		} else {
			result = intake.Check(path, kind, locale, settings.rules())
		}
		s.imported(id, path, result)
	})
}

func (s Settings) rules() intake.Rules {
	return intake.Rules{
		MissingBOM: s.MissingBOM, URILine: s.URILine, Repetition: s.Repetition, BadAudio: s.BadAudio,
		MissingAudio: s.MissingAudio, ExtraAudio: s.ExtraAudio, RejectThreshold: s.RejectThreshold,
		UnclosedAudio: s.UnclosedAudio, ExtensibleAudio: s.ExtensibleAudio, EmptyText: s.EmptyText, Litter: s.Litter,
		NameForm: s.NameForm, Phones: s.Phones, AllRejected: s.AllRejected,
	}
}

// imported records what an import found.
func (s *Server) imported(id, path string, result intake.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.imports, id)
	d := s.state.Datasets[id]
	if d == nil || s.ctx.Err() != nil {
		// Deleted meanwhile; or the server stops, and the import is done again when it is back.
		_ = os.Remove(path)
		return
	}
	in := &imported{Result: result, At: s.clock.Now()}
	if info, err := os.Stat(path); err == nil {
		in.Size = info.Size()
	}
	in.Vocabulary = s.learn(d.Locale, result)
	in.Lines = nil // the words are enough, and a text may have 200 MB
	d.Import = in
	s.settle()
	s.save()
}

// learn keeps the words of a dataset and returns their key. Equal words share an entry.
func (s *Server) learn(locale string, result intake.Result) string {
	texts := result.Lines
	for _, u := range result.Utterances {
		texts = append(texts, u.Text)
	}
	words := recognizer.Model{}.Teach(locale, texts...).Taught
	if len(words) == 0 {
		return ""
	}
	b, _ := json.Marshal(words) // a map of numbers, with sorted keys
	sum := sha256.Sum256(b)
	key := hex.EncodeToString(sum[:])
	s.state.Vocabularies[key] = words
	return key
}

// resumeImports begins again what was under way when the state was written. The lock is held.
func (s *Server) resumeImports() {
	for _, d := range inOrder(s.state.Datasets) {
		if !d.terminal() && d.Import == nil && !d.waitsForBlocks() {
			s.startImport(d)
		}
	}
}

// waitImports returns when all imports under way are done, so that moving the clock has the effect it should.
func (s *Server) waitImports(ctx context.Context) error {
	s.mu.Lock()
	var pending []chan struct{}
	for _, done := range s.imports {
		pending = append(pending, done)
	}
	s.mu.Unlock()
	for _, done := range pending {
		select {
		case <-done:
		case <-ctx.Done():
			return fmt.Errorf("wait for the content of %d datasets: %w", len(pending), ctx.Err())
		}
	}
	return nil
}

func assemble(path string, blocks []string) (err error) {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	for _, b := range blocks {
		if err := appendFile(out, b); err != nil {
			return err
		}
	}
	return nil
}

func appendFile(out io.Writer, path string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // opened for reading only
	_, err = io.Copy(out, in)
	return err
}

// fetch gets a contentUrl into a file. Errors name host and path only: the query may be a signature.
func (s *Server) fetch(from, path string, limit int64, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(s.ctx, timeout)
	defer cancel()
	u, err := url.Parse(from)
	if err != nil {
		return errors.New("the contentUrl is not a URL")
	}
	shown := u.Scheme + "://" + u.Host + u.Path
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return fmt.Errorf("the contentUrl %s cannot be used", shown)
	}
	resp, err := s.contentClient().Do(req)
	if err != nil {
		var inner *url.Error
		if errors.As(err, &inner) {
			err = inner.Err
		}
		return fmt.Errorf("the content of %s cannot be fetched: %w", shown, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the content of %s cannot be fetched: status %d", shown, resp.StatusCode)
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, io.LimitReader(resp.Body, limit+1))
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("the content of %s broke off after %d bytes: %w", shown, n, err)
	}
	if n > limit {
		return fmt.Errorf("the content of %s is larger than %d bytes", shown, limit)
	}
	return nil
}

// contentClient reaches this machine only, unless told otherwise. The address is checked when it is dialled, so that
// neither a name nor a redirect leads elsewhere.
func (s *Server) contentClient() *http.Client {
	d := &net.Dialer{Timeout: 10 * time.Second}
	if !s.remote {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			if a, err := netip.ParseAddrPort(address); err != nil || !a.Addr().Unmap().IsLoopback() {
				return errors.New("the emulator fetches from this machine only: start it with --allow-remote")
			}
			return nil
		}
	}
	return &http.Client{Transport: &http.Transport{DialContext: d.DialContext, DisableKeepAlives: true}}
}
