// Package doctor looks at a set-up as starter sees it: the connection to Temporal, the workers of its task queues, the
// schedules, and the Speech resource of starter's own settings. Reading and judging are apart: what was seen is a value,
// and what follows from it a list of findings. Nothing is changed.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// callTimeout bounds one call to Temporal.
const callTimeout = 5 * time.Second

// Server is what of Temporal's client only a look at the set-up needs.
type Server interface {
	WorkflowService() workflowservice.WorkflowServiceClient
	OperatorService() operatorservice.OperatorServiceClient
}

// TemporalSeen is a Temporal server that was reached.
type TemporalSeen struct {
	Address, Namespace string
	// Encrypted tells that the connection is, Local that it does not leave this machine.
	Encrypted, Local bool
	// Missing tells that the namespace does not exist. Fault is why it could not be read otherwise; empty when it could.
	Missing bool
	Fault   string
	// Release is that of the server, Retention how long it keeps what has ended; empty and 0 when that is not known.
	Release   string
	Retention time.Duration
	// Attributes are the search attributes of the namespace; AttributesFault is why they could not be read.
	Attributes      map[string]enumspb.IndexedValueType
	AttributesFault string
}

// See reads what a look at a server shows. options are those of the connection.
func See(ctx context.Context, server Server, options client.Options) TemporalSeen {
	secured := options.ConnectionOptions
	seen := TemporalSeen{
		Address: options.HostPort, Namespace: options.Namespace, Local: config.Local(options.HostPort),
		Encrypted: !secured.TLSDisabled && (secured.TLS != nil || options.Credentials != nil),
	}
	ctx, cancel := context.WithTimeout(ctx, 3*callTimeout)
	defer cancel()
	if info, err := server.WorkflowService().GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{}); err == nil {
		seen.Release = info.GetServerVersion()
	}
	described, err := server.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: options.Namespace})
	if _, missing := errors.AsType[*serviceerror.NamespaceNotFound](err); missing {
		seen.Missing = true
		return seen
	}
	if err != nil {
		seen.Fault = err.Error()
	}
	seen.Retention = described.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration()
	listed, err := server.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: options.Namespace})
	if err != nil {
		seen.AttributesFault = err.Error()
	}
	seen.Attributes = listed.GetCustomAttributes()
	return seen
}

// Findings are what follows for models whose longest training lasts so long.
func (s TemporalSeen) Findings(longest lifecycle.Duration) []lifecycle.Finding {
	f := lifecycle.Findings{Area: lifecycle.AreaTemporal}
	release := ""
	if s.Release != "" {
		release = ", server " + s.Release
	}
	f.OK("connection", "%s answers%s", s.Address, release)
	switch {
	case s.Encrypted:
		f.OK("TLS", "the connection is encrypted, the server's certificate verified")
	case s.Local:
		f.OK("TLS", "the connection is not encrypted, and does not leave this machine")
	default:
		f.Add(lifecycle.FindingWarning, "TLS", "turn on TLS of the server, and set TEMPORAL_TLS=true here and where the worker runs",
			"the connection to %s is not encrypted: who reads along sees requests and reports, who changes it decides which model serves", s.Address)
	}
	switch {
	case s.Missing:
		f.Add(lifecycle.FindingError, "namespace",
			"check --namespace and TEMPORAL_NAMESPACE, or create it: temporal operator namespace create --namespace "+s.Namespace,
			"namespace %s does not exist on %s", s.Namespace, s.Address)
		return f.List
	case s.Fault != "":
		f.Add(lifecycle.FindingUnknown, "namespace", "check TEMPORAL_API_KEY and what its role may do", "namespace %s cannot be read: %s", s.Namespace, s.Fault)
	default:
		f.OK("namespace", "%s exists", s.Namespace)
	}
	switch {
	case s.Retention == 0:
	case s.Retention < longest.Std():
		f.Add(lifecycle.FindingWarning, "retention",
			fmt.Sprintf("temporal operator namespace update --namespace %s --retention %dh", s.Namespace, int(longest.Std().Hours())),
			"namespace %s forgets ended runs after %s, before the longest training is over (%s): what a run that somebody terminated has begun "+
				"is then cleared only 30 days after it ended", s.Namespace, lifecycle.Duration(s.Retention), longest)
	default:
		f.OK("retention", "ended runs are kept for %s, the longest training lasts %s", lifecycle.Duration(s.Retention), longest)
	}
	return append(f.List, s.attributes()...)
}

// attributes tells whether runs can be found by our search attributes.
func (s TemporalSeen) attributes() []lifecycle.Finding {
	f := lifecycle.Findings{Area: lifecycle.AreaTemporal}
	const check = "search attributes"
	if s.AttributesFault != "" {
		f.Add(lifecycle.FindingUnknown, check, "look with: temporal operator search-attribute list", "they cannot be read: %s", s.AttributesFault)
		return f.List
	}
	var missing, commands []string
	for _, ours := range workflows.SearchAttributes {
		have, there := s.Attributes[ours.Name]
		if !there {
			missing = append(missing, ours.Name)
			commands = append(commands, fmt.Sprintf("--name %s --type %s", ours.Name, ours.Type))
		} else if have != ours.Type {
			f.Add(lifecycle.FindingWarning, check, "temporal operator search-attribute remove --name "+ours.Name+", then restart the worker, which makes it anew",
				"%s is a %s, not a %s: workers use none of them, runs cannot be found by model, stage and outcome", ours.Name, have, ours.Type)
		}
	}
	if len(missing) > 0 {
		f.Add(lifecycle.FindingWarning, check,
			"temporal operator search-attribute create --namespace "+s.Namespace+" "+strings.Join(commands, " ")+", then restart the worker",
			"missing in namespace %s: %s; workers use none of them, runs cannot be found by model, stage and outcome", s.Namespace, strings.Join(missing, ", "))
	}
	if len(f.List) == 0 {
		f.OK(check, "all %d are there", len(workflows.SearchAttributes))
	}
	return f.List
}
