package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// adminRoutes adds the admin API. Its answers are JSON; a refusal is {"error": "..."} with status 400 or 404.
func (s *Server) adminRoutes(mux *http.ServeMux) {
	guard := http.NewCrossOriginProtection() // a page in the operator's browser must not steer the emulator
	handle := func(pattern string, f func(r *http.Request) (any, error)) {
		mux.Handle(pattern, guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			v, err := f(r)
			status := http.StatusOK
			switch {
			case errors.Is(err, errNoObject):
				status, v = http.StatusNotFound, map[string]string{"error": err.Error()}
			case err != nil:
				status, v = http.StatusBadRequest, map[string]string{"error": err.Error()}
			case v == nil:
				v = struct{}{}
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			e := json.NewEncoder(w)
			e.SetIndent("", "  ")
			_ = e.Encode(v)
		})))
	}
	handle("/admin/", func(r *http.Request) (any, error) {
		return nil, fmt.Errorf("%s %s is not part of the admin API", r.Method, r.URL.Path)
	})
	handle("GET /admin/clock", s.adminClock)
	handle("POST /admin/clock", s.adminSetClock)
	handle("GET /admin/settings", func(*http.Request) (any, error) { return s.Settings(), nil })
	handle("PATCH /admin/settings", s.adminSettings)

	handle("POST /admin/base-models", s.adminRelease)
	handle("POST /admin/models", s.adminSeed)
	handle("PATCH /admin/models/{id}", s.adminRedate)
	handle("GET /admin/objects", func(r *http.Request) (any, error) {
		return map[string]any{"objects": s.Objects(r.URL.Query().Get("kind"))}, nil
	})
	handle("POST /admin/objects/{id}/finish", s.adminFinish)
	handle("DELETE /admin/objects/{id}", func(r *http.Request) (any, error) { return nil, s.Remove(r.PathValue("id")) })
	handle("GET /admin/serving/{id}", func(r *http.Request) (any, error) { return s.ServingOf(r.PathValue("id")) })

	handle("GET /admin/faults", func(*http.Request) (any, error) { return map[string]any{"faults": s.Faults()}, nil })
	handle("POST /admin/faults", s.adminFault)
	handle("DELETE /admin/faults", func(*http.Request) (any, error) { s.ClearFaults(0); return nil, nil })
	handle("DELETE /admin/faults/{id}", func(r *http.Request) (any, error) {
		id, err := strconv.Atoi(r.PathValue("id"))
		if err != nil || id < 1 {
			return nil, fmt.Errorf("fault ID %q is not a number", r.PathValue("id"))
		}
		s.ClearFaults(id)
		return nil, nil
	})
	handle("GET /admin/outcomes", func(*http.Request) (any, error) { return map[string]any{"outcomes": s.Outcomes()}, nil })
	handle("POST /admin/outcomes", func(r *http.Request) (any, error) {
		var o Outcome
		if err := adminBody(r, &o); err != nil {
			return nil, err
		}
		return nil, s.Plan(o)
	})
	handle("DELETE /admin/outcomes", func(*http.Request) (any, error) { s.ClearOutcomes(); return nil, nil })

	handle("GET /admin/requests", s.adminRequests)
	handle("DELETE /admin/requests", func(*http.Request) (any, error) { s.ClearLog(); return nil, nil })
	handle("GET /admin/tally", func(r *http.Request) (any, error) {
		after, err := number(r.URL.Query(), "after", 0)
		if err != nil {
			return nil, errors.New("after is not a number")
		}
		return s.TallyAfter(after, r.URL.Query().Get("caller")), nil
	})
	handle("GET /admin/violations", s.adminViolations)
}

// adminBody reads a JSON body, whatever its media type, so that curl -d works.
func adminBody(r *http.Request, v any) error {
	d := json.NewDecoder(io.LimitReader(r.Body, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	return nil
}

func (s *Server) adminClock(*http.Request) (any, error) {
	return map[string]any{"now": s.clock.Now(), "speed": s.clock.Speed()}, nil
}

func (s *Server) adminSetClock(r *http.Request) (any, error) {
	var body struct {
		Advance *Duration  `json:"advance"`
		Set     *time.Time `json:"set"`
		Speed   *float64   `json:"speed"`
	}
	if err := adminBody(r, &body); err != nil {
		return nil, err
	}
	if body.Advance == nil && body.Set == nil && body.Speed == nil || body.Advance != nil && body.Set != nil {
		return nil, errors.New("give advance or set, and speed if you like")
	}
	var err error
	if body.Speed != nil {
		err = s.clock.SetSpeed(*body.Speed)
	}
	if body.Set != nil {
		err = errors.Join(err, s.SetTime(r.Context(), *body.Set))
	}
	if body.Advance != nil {
		err = errors.Join(err, s.Advance(r.Context(), time.Duration(*body.Advance)))
	}
	if err != nil {
		return nil, err
	}
	return s.adminClock(r)
}

func (s *Server) adminSettings(r *http.Request) (any, error) {
	b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	var which struct {
		Profile *string `json:"profile"`
	}
	_ = json.Unmarshal(b, &which) // Patch reports what is wrong with it
	from := s.Settings()
	if which.Profile != nil {
		if from, err = Profile(*which.Profile); err != nil {
			return nil, err
		}
	}
	changed, err := from.Patch(b)
	if err != nil {
		return nil, err
	}
	return changed, s.SetSettings(changed)
}

func (s *Server) adminRelease(r *http.Request) (any, error) {
	var d BaseModel
	if err := adminBody(r, &d); err != nil {
		return nil, err
	}
	id, err := s.ReleaseBaseModel(d)
	return map[string]string{"id": id}, err
}

func (s *Server) adminSeed(r *http.Request) (any, error) {
	var body struct {
		Models []Seed `json:"models"`
	}
	if err := adminBody(r, &body); err != nil {
		return nil, err
	}
	ids, err := s.SeedModels(body.Models)
	return map[string]any{"ids": ids}, err
}

func (s *Server) adminRedate(r *http.Request) (any, error) {
	var body struct {
		Adaptation    *time.Time `json:"adaptationDateTime"`
		Transcription *time.Time `json:"transcriptionDateTime"`
	}
	if err := adminBody(r, &body); err != nil {
		return nil, err
	}
	return nil, s.Redate(r.PathValue("id"), body.Adaptation, body.Transcription)
}

func (s *Server) adminFinish(r *http.Request) (any, error) {
	var body struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	if r.ContentLength != 0 {
		if err := adminBody(r, &body); err != nil {
			return nil, err
		}
	}
	return nil, s.Finish(r.PathValue("id"), body.Code, body.Message)
}

func (s *Server) adminFault(r *http.Request) (any, error) {
	var f Fault
	if err := adminBody(r, &f); err != nil {
		return nil, err
	}
	id, err := s.InjectFault(f)
	return map[string]int{"id": id}, err
}

// adminRequests answers the log, narrowed by operation, method, object and after (a number of the log).
func (s *Server) adminRequests(r *http.Request) (any, error) {
	q := r.URL.Query()
	after, err := number(q, "after", 0)
	if err != nil {
		return nil, errors.New("after is not a number")
	}
	all := s.Requests()
	all = slices.DeleteFunc(all, func(e Exchange) bool {
		return e.Number <= after || !fits(q.Get("operation"), e.Operation) || !fits(q.Get("method"), e.Method) || !fits(q.Get("object"), e.Object)
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := map[string]int{}
	for name, n := range s.journal.counts {
		counts[name] = n
	}
	return map[string]any{"requests": all, "counts": counts}, nil
}

func fits(want, is string) bool { return want == "" || want == is }

func (s *Server) adminViolations(*http.Request) (any, error) {
	found := s.Violations()
	if found == nil {
		found = []Violation{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]any{"violations": found, "checked": s.journal.number}, nil
}

// ClearLog forgets requests, counts and violations.
func (s *Server) ClearLog() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal = journal{number: s.journal.number}
}
