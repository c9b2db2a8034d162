package fleet

import (
	"fmt"

	"speech-retrainer/workflows"
)

// Moved tells of models whose requests name another endpoint, or go to another task queue, than their schedules: what serves
// at the old one stays there, charged and renewed by nobody.
func (f Held) Moved() (warnings []string) {
	for _, m := range f.Chosen() {
		s, there := f.Have[m.Name]
		if !there || !s.Checks() {
			continue
		}
		endpoint := ""
		if m.Request.Deploy != nil {
			endpoint = m.Request.Deploy.Endpoint
		}
		if s.Endpoint != "" && s.Endpoint != endpoint {
			next := "nothing is deployed any more"
			if endpoint != "" {
				next = fmt.Sprintf("nothing is deployed to endpoint %q before the next retrain: starter run %s", endpoint, m.Name)
			}
			warnings = append(warnings, fmt.Sprintf("%s: endpoint %q is no longer its endpoint: what it serves stays, charged by the hour and renewed by nobody, "+
				"until you delete it; %s", m.Name, s.Endpoint, next))
		}
		if s.TaskQueue != m.TaskQueue {
			warnings = append(warnings, fmt.Sprintf("%s: %s goes from task queue %s to %s: if that is another Speech resource, the model has no versions there "+
				"and is trained anew; what serves at the old one stays, renewed by nobody", m.Name, workflows.ScheduleID(m.Name), s.TaskQueue, m.TaskQueue))
		}
	}
	return warnings
}
