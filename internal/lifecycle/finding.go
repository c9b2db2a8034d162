package lifecycle

import "fmt"

// FindingStatus is how a check of the set-up ended.
type FindingStatus string

// The ends of a check. Unknown is what could not be looked at.
const (
	FindingOK      FindingStatus = "ok"
	FindingWarning FindingStatus = "warning"
	FindingError   FindingStatus = "error"
	FindingUnknown FindingStatus = "unknown"
)

// Finding is what one check of a set-up has shown.
type Finding struct {
	// Area is what was looked at (settings, temporal, worker, service, neighbours, data, hooks, schedules), Check what about it.
	Area   string        `json:"area"`
	Check  string        `json:"check"`
	Status FindingStatus `json:"status"`
	// Message says what was found, and Next what to do about it; null when nothing is amiss.
	Message string  `json:"message"`
	Next    *string `json:"next"`
}

// The areas of findings, in the order in which they are told.
const (
	AreaSettings   = "settings"
	AreaTemporal   = "temporal"
	AreaWorker     = "worker"
	AreaService    = "service"
	AreaNeighbours = "neighbours"
	AreaData       = "data"
	AreaHooks      = "hooks"
	AreaSchedules  = "schedules"
)

// Areas are all areas in their order.
func Areas() []string {
	return []string{AreaSettings, AreaTemporal, AreaWorker, AreaService, AreaNeighbours, AreaData, AreaHooks, AreaSchedules}
}

// Findings collects the findings of one area.
type Findings struct {
	Area string
	List []Finding
}

// OK adds what is as it should be.
func (f *Findings) OK(check, format string, args ...any) {
	f.List = append(f.List, Finding{Area: f.Area, Check: check, Status: FindingOK, Message: fmt.Sprintf(format, args...)})
}

// Add adds what is not, with what to do about it.
func (f *Findings) Add(status FindingStatus, check, next, format string, args ...any) {
	f.List = append(f.List, Finding{Area: f.Area, Check: check, Status: status, Message: fmt.Sprintf(format, args...), Next: Text(next)})
}

// Worst is the worst status among findings: an error before a warning before what is not known.
func Worst(found []Finding) FindingStatus {
	worst := FindingOK
	for _, f := range found {
		switch {
		case f.Status == FindingError:
			return FindingError
		case f.Status == FindingWarning, f.Status == FindingUnknown && worst == FindingOK:
			worst = f.Status
		}
	}
	return worst
}
