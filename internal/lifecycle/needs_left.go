package lifecycle

import "fmt"

// ofLeft is about endpoints that carry the marks of the model beside its own: somebody has renamed the one that it had, or the
// request names another since. Who calls them hears an old version until that expires, and the bare base model from then on.
func (n *needs) ofLeft() {
	for _, e := range n.Row.LeftEndpoints {
		need := Need{
			Kind: NeedEndpointLeft, Urgency: UrgencySoon,
			Next: fmt.Sprintf("if nobody calls it, delete it in the portal; if somebody does, name it in deploy.endpoint of the request: %s", e.ID),
		}
		serves := "it serves the bare base model"
		switch m := e.Serves; {
		case m == nil:
			need.Urgency = UrgencyNow
		case !m.Custom:
			serves = "it serves the base model " + m.DisplayName
		case m.ExpiresAt == nil:
			serves = "it serves " + m.DisplayName
		case !Alive(m, n.o.Now):
			need.Urgency = UrgencyNow
			serves = fmt.Sprintf("it serves the bare base model, since %s expired on %s", m.DisplayName, date(*m.ExpiresAt))
		default:
			need.Until = m.ExpiresAt
			if m.ExpiresAt.Sub(n.o.Now) <= urgentBefore {
				need.Urgency = UrgencyNow
			}
			serves = fmt.Sprintf("it serves %s until %s, and silently the bare base model from then on", m.DisplayName, date(*m.ExpiresAt))
		}
		need.Message = fmt.Sprintf("endpoint %q (%s) carries the marks of this model, and is no longer its endpoint: %s; nothing renews it, and it is paid "+
			"for by the hour", e.DisplayName, e.ID, serves)
		n.add(need)
	}
}
