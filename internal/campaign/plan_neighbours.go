package campaign

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// What a second installation works on, with the owner of the first and a Temporal namespace of its own.
const (
	secondSame   = "the same model"
	secondOther  = "another model"
	secondLocale = "the same name in another locale"
)

// What neighbours do to the resource while the product is at work.
const (
	actRetrain   = "second installation retrains"
	actRenew     = "second installation checks"
	actSweep     = "second installation sweeps"
	actTerminate = "second installation leaves a candidate behind"
	actCanary    = "a person makes an endpoint on a version"
	actOlder     = "a person sets an older version"
	actBase      = "a person sets a base model"
	actForeign   = "a person sets a foreign version"
	actBack      = "a person sets what served before"
	actFleet     = "another team applies its fleet"
)

// What is wrong while the checks of a model near its end are fired; in all of them it must be renewed, or somebody told.
const (
	watchQuiet    = "nothing wrong"
	watchKey      = "the key is refused"
	watchOutage   = "the service is away"
	watchBase     = "a person set a base model"
	watchForeign  = "a person set a foreign version"
	watchTraining = "the training fails"
)

// Act is one thing that a neighbour does.
type Act struct {
	Do string
	// Step is the step of the plan that it belongs to: it is done before that, or with At while a worker is at that
	// point, from this step on.
	Step int
	At   string
}

func (a Act) String() string {
	if a.At != "" {
		return a.Do + " at " + a.At
	}
	return a.Do + fmt.Sprintf(" before step %d", a.Step+1)
}

// Neighbours are those with whom the product shares a resource.
type Neighbours struct {
	// Second is what a second installation works on; empty without one.
	Second string
	// Dataset tells that a person has uploaded a dataset, which two requests name.
	Dataset bool
	// Fleet tells that two files of one fleet name exist; FleetID that both carry an ID.
	Fleet, FleetID bool
	Acts           []Act
	// Watch is what is wrong at the end, when the model is checked near its expiry; empty when it is not.
	Watch string
}

// Any tells whether there is a neighbour.
func (n Neighbours) Any() bool { return n.Second != "" || n.Dataset || n.Fleet || len(n.Acts) > 0 }

// People tells whether a person has a hand in it.
func (n Neighbours) People() bool {
	return n.Dataset || slices.ContainsFunc(n.Acts, func(a Act) bool { return strings.HasPrefix(a.Do, "a person") })
}

// neighbours draws those of a seed. It has a generator of its own, so that what a seed meant before there were neighbours
// it means still.
func neighbours(seed uint64, steps int, used map[string]bool) Neighbours {
	r := rand.New(rand.NewPCG(seed, 0xbe51de))
	n := Neighbours{}
	if r.IntN(3) == 0 {
		n.Watch = pick(r, watchQuiet, watchKey, watchOutage, watchBase, watchForeign, watchTraining)
	}
	kinds := []string{"second", "second", "operator", "operator", "canary", "dataset", "fleet"}
	r.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	for _, kind := range kinds[:pick(r, 0, 0, 0, 1, 3, 4)] {
		switch kind {
		case "second":
			if n.Second == "" {
				n.Second = pick(r, secondSame, secondSame, secondOther, secondLocale)
			}
			n.add(r, steps, used, pick(r, actRetrain, actRenew, actTerminate), 4)
			n.add(r, steps, used, pick(r, actSweep, actSweep, actRenew), 1)
		case "operator":
			n.add(r, steps, used, pick(r, actOlder, actBase, actForeign), 1)
			n.add(r, steps, used, pick(r, actOlder, actBack, actBack), 1)
		case "canary":
			n.add(r, steps, used, actCanary, 2)
		case "dataset":
			n.Dataset = true
		case "fleet":
			n.Fleet, n.FleetID = true, r.IntN(2) == 0
			n.Acts = append(n.Acts, Act{Do: actFleet, Step: r.IntN(steps)})
		}
	}
	return n
}

// add draws when an act is done: at a point, or before a step, which is between times as likely.
func (n *Neighbours) add(r *rand.Rand, steps int, used map[string]bool, do string, between int) {
	a := Act{Do: do, Step: r.IntN(steps)}
	if r.IntN(between+1) == 0 {
		a.At = point(r, used)
	}
	n.Acts = append(n.Acts, a)
}
