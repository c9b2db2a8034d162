package emulator

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// state is all that the service remembers. It is written to the state file as it is.
type state struct {
	Now            time.Time                 `json:"now"`     // virtual, when the file was written
	Written        time.Time                 `json:"written"` // real
	Seq            int64                     `json:"seq"`
	BaseModels     map[string]*baseModel     `json:"baseModels"`
	Models         map[string]*model         `json:"models"`
	Datasets       map[string]*dataset       `json:"datasets"`
	Projects       map[string]*project       `json:"projects"`
	Operations     map[string]*operation     `json:"operations"`
	Evaluations    map[string]*evaluation    `json:"evaluations"`
	Endpoints      map[string]*endpoint      `json:"endpoints"`
	Authorizations map[string]authorization  `json:"authorizations"`
	Vocabularies   map[string]map[string]int `json:"vocabularies"`
}

func newState() *state {
	return &state{
		BaseModels: map[string]*baseModel{}, Models: map[string]*model{}, Datasets: map[string]*dataset{},
		Projects: map[string]*project{}, Operations: map[string]*operation{}, Evaluations: map[string]*evaluation{},
		Endpoints: map[string]*endpoint{}, Authorizations: map[string]authorization{},
		Vocabularies: map[string]map[string]int{},
	}
}

// object is any entry of a table of the state.
type object interface{ common() *entity }

// inOrder returns a table in the order of creation, which all walks over it use: nothing may depend on the order of a map.
func inOrder[T object](table map[string]T) []T {
	return slices.SortedFunc(maps.Values(table), func(a, b T) int {
		return cmp.Compare(a.common().Seq, b.common().Seq)
	})
}

// unended returns what has not ended of a table, in the order of creation: of thousands of models few are in work.
func unended[T interface {
	object
	terminal() bool
}](table map[string]T) []T {
	going := map[string]T{}
	for id, o := range table {
		if !o.terminal() {
			going[id] = o
		}
	}
	return inOrder(going)
}

// loadState reads a state file; a file that is not there yet gives nil.
func loadState(path string) (*state, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	s := newState()
	if err := json.Unmarshal(b, s); err != nil {
		return nil, fmt.Errorf("read state file %s: %w: move it away to start afresh", path, err)
	}
	return s, nil
}

// save writes the state file in one step, so that a crash leaves the old or the new one. The lock is held.
func (s *Server) save() {
	if s.stateFile == "" {
		return
	}
	s.state.Now, s.state.Written = s.clock.Now(), s.clock.real()
	err := func() error {
		b, err := json.Marshal(s.state)
		if err != nil {
			return err
		}
		tmp, err := os.CreateTemp(filepath.Dir(s.stateFile), filepath.Base(s.stateFile)+".*")
		if err != nil {
			return err
		}
		_, err = tmp.Write(b)
		if err = errors.Join(err, tmp.Close()); err == nil {
			err = os.Rename(tmp.Name(), s.stateFile)
		}
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
		return err
	}()
	if err != nil {
		s.logf("the state file %s cannot be written, a restart will lose what came since: %v", s.stateFile, err)
	}
}

// settle enters every state that is due by the virtual clock, or so far ahead of it as jobs may run. The lock is held.
func (s *Server) settle() {
	now := s.clock.Now().Add(s.ahead)
	changed := false
	for _, d := range inOrder(s.state.Datasets) {
		changed = s.settleDataset(d, now) || changed
	}
	for _, m := range unended(s.state.Models) {
		changed = m.advance(now, true, time.Time{}, func() *failure { return s.finishTraining(m) }) || changed
	}
	for _, o := range unended(s.state.Operations) {
		changed = o.advance(now, true, time.Time{}, func() *failure { return s.finishCopy(o) }) || changed
	}
	for _, e := range unended(s.state.Evaluations) {
		changed = e.advance(now, true, time.Time{}, func() *failure { return s.finishEvaluation(e) }) || changed
	}
	for _, e := range inOrder(s.state.Endpoints) {
		changed = s.settleEndpoint(e, now) || changed
	}
	if changed {
		s.save()
	}
}
