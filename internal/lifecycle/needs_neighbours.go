package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ofNeighbours is about another installation that makes versions of the same model.
func (n *needs) ofNeighbours() {
	if len(n.Row.Rivals) > 0 {
		n.add(Need{
			Kind: NeedOwners, Urgency: UrgencySoon,
			Message: fmt.Sprintf("%s has versions of a model of the same name and locale on %s: each installation renews its own, and both are paid for",
				counted("another installation", "other installations", n.Row.Rivals), n.Row.Resource),
			Next: "rename one of them; if it is this one under an earlier name, set RETRAINER_OWNER of the worker back, then restart it",
		})
	}
	homes := n.otherHomes()
	if len(homes) == 0 {
		return
	}
	need := Need{
		Kind: NeedHomes, Urgency: UrgencySoon, Next: "if that Temporal is lost, clear what it left; if it runs, let one of the two renew the model",
		Message: fmt.Sprintf("%s makes versions of this model too, under the same owner: what is unfinished there is left alone here, and both may train",
			counted("another Temporal namespace", "other Temporal namespaces", homes)),
	}
	for _, home := range homes {
		need.Commands = append(need.Commands, fmt.Sprintf("starter sweep %s --home %s", n.name(), home))
	}
	n.add(need)
}

// counted is one or several of something, with what they are called.
func counted(one, several string, called []string) string {
	if len(called) == 1 {
		return one + " (" + called[0] + ")"
	}
	return fmt.Sprintf("%d %s (%s)", len(called), several, strings.Join(called, ", "))
}

// otherHomesFor is how long a finished version of another home tells that this home is at work too.
const otherHomesFor = 90 * Day

// otherHomes are the homes that are at work on the model beside this one: they have something unfinished, or have made a
// version lately, and after the first one of this home. What a move to another Temporal has left behind is no sign.
func (n *needs) otherHomes() []string {
	var first *time.Time
	for _, v := range n.o.Versions {
		if !v.Foreign && v.CreatedAt != nil && (first == nil || v.CreatedAt.Before(*first)) {
			first = v.CreatedAt
		}
	}
	var homes []string
	for _, v := range n.o.Versions {
		home, _ := SplitRun(v.Run)
		if !v.Foreign || home == "" || slices.Contains(homes, home) {
			continue
		}
		unfinished := v.State == StateCandidate || v.State == StateDeploying || v.State == StateAbandoned
		lately := first != nil && v.CreatedAt != nil && v.CreatedAt.After(*first) && n.o.Now.Sub(*v.CreatedAt) < otherHomesFor
		if unfinished || lately {
			homes = append(homes, home)
		}
	}
	slices.Sort(homes)
	return homes
}
