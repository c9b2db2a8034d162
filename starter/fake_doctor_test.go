package main

import (
	"cmp"
	"context"
	"encoding/json"
	"sync/atomic"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// setUpScript is the set-up that doctor finds.
type setUpScript struct {
	// retention and attributes are of the namespace, missing tells that there is none; the errors are what the calls fail with.
	retention                   time.Duration
	attributes                  map[string]enumspb.IndexedValueType
	namespaceErr, attributesErr error
	// worker is what a worker sees; answerErr is what its answer fails with.
	worker    lifecycle.Examined
	answerErr error
	// elsewhere are the resources of workers of other queues, by their queues.
	elsewhere map[string]string
	asked     atomic.Int32
	// queues are those whose worker was asked.
	queues []string
}

// allAttributes are all of ours, as they should be.
func allAttributes() map[string]enumspb.IndexedValueType {
	all := map[string]enumspb.IndexedValueType{}
	for _, a := range workflows.SearchAttributes {
		all[a.Name] = a.Type
	}
	return all
}

func (f *fakeTemporal) examine(o client.StartWorkflowOptions, raw []byte) (client.WorkflowRun, error) {
	var input struct{ Requests []json.RawMessage }
	if err := json.Unmarshal(raw, &input); err != nil {
		return nil, err
	}
	f.set.asked.Add(1)
	f.set.queues = append(f.set.queues, o.TaskQueue)
	e := f.set.worker
	e.Resource = cmp.Or(f.set.elsewhere[o.TaskQueue], e.Resource)
	e.Findings = lifecycle.Examine(e)
	return answered{value: e, err: f.set.answerErr}, nil
}

func (f *fakeTemporal) WorkflowService() workflowservice.WorkflowServiceClient {
	return directServer{fake: f}
}

func (f *fakeTemporal) OperatorService() operatorservice.OperatorServiceClient {
	return operatorServer{fake: f}
}

// directServer is the part of the API that the client has no method for.
type directServer struct {
	workflowservice.WorkflowServiceClient

	fake *fakeTemporal
}

func (s directServer) GetSystemInfo(
	context.Context, *workflowservice.GetSystemInfoRequest, ...grpc.CallOption,
) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{ServerVersion: "1.29.1"}, nil
}

func (s directServer) DescribeNamespace(
	context.Context, *workflowservice.DescribeNamespaceRequest, ...grpc.CallOption,
) (*workflowservice.DescribeNamespaceResponse, error) {
	return &workflowservice.DescribeNamespaceResponse{Config: &namespacepb.NamespaceConfig{
		WorkflowExecutionRetentionTtl: durationpb.New(s.fake.set.retention),
	}}, s.fake.set.namespaceErr
}

type operatorServer struct {
	operatorservice.OperatorServiceClient

	fake *fakeTemporal
}

func (s operatorServer) ListSearchAttributes(
	context.Context, *operatorservice.ListSearchAttributesRequest, ...grpc.CallOption,
) (*operatorservice.ListSearchAttributesResponse, error) {
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: s.fake.set.attributes}, s.fake.set.attributesErr
}
