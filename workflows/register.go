package workflows

import (
	"go.temporal.io/sdk/workflow"
)

// Registry is where workflows are made known: a worker, or a test environment.
type Registry interface {
	RegisterWorkflowWithOptions(w any, o workflow.RegisterOptions)
}

// Register makes every workflow known to a worker under its contract name.
func Register(r Registry, o Options) {
	if o.SearchAttributes == nil {
		o.SearchAttributes = func() bool { return false }
	}
	w := &Workflows{options: o}
	r.RegisterWorkflowWithOptions(w.Retrain, workflow.RegisterOptions{Name: TypeRetrain})
	r.RegisterWorkflowWithOptions(w.Sweep, workflow.RegisterOptions{Name: TypeSweep})
	r.RegisterWorkflowWithOptions(w.Evaluate, workflow.RegisterOptions{Name: TypeEvaluate})
	r.RegisterWorkflowWithOptions(w.Rollback, workflow.RegisterOptions{Name: TypeRollback})
	r.RegisterWorkflowWithOptions(w.Plan, workflow.RegisterOptions{Name: TypePlan})
	r.RegisterWorkflowWithOptions(w.Renew, workflow.RegisterOptions{Name: TypeRenew})
	r.RegisterWorkflowWithOptions(w.Adopt, workflow.RegisterOptions{Name: TypeAdopt})
	r.RegisterWorkflowWithOptions(w.Notify, workflow.RegisterOptions{Name: TypeNotify})
	r.RegisterWorkflowWithOptions(w.Observe, workflow.RegisterOptions{Name: TypeObserve})
}
