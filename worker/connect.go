package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Pace of the attempts to connect.
const (
	firstPause = time.Second
	mostPause  = 15 * time.Second
	// callTimeout bounds each single call to Temporal while connecting.
	callTimeout = 10 * time.Second
)

// connector makes the first connection. Later ones are the Temporal client's own affair.
type connector struct {
	dial    func(context.Context, client.Options) (client.Client, error)
	options client.Options
	logger  *zap.Logger
}

// connection is a client that has reached its namespace.
type connection struct {
	client client.Client
	// home tells this Temporal's namespace from all others.
	home string
	// searchAttributes tells that all of ours exist in the namespace.
	searchAttributes bool
}

// connect tries until Temporal and the namespace answer, and logs each failure with what to check. It
// returns an error at once when Temporal refuses who we are, and a connection without a client when
// ctx ends first.
func (c connector) connect(ctx context.Context) (connection, error) {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		got, err := c.try(ctx)
		switch {
		case err == nil:
			return got, nil
		case ctx.Err() != nil:
			return connection{}, nil
		case refused(err):
			return connection{}, fmt.Errorf("temporal at %s refuses namespace %q: %w; check TEMPORAL_API_KEY, the TLS settings and TEMPORAL_NAMESPACE",
				c.options.HostPort, c.options.Namespace, err)
		}
		c.logger.Warn(c.advice(err), zap.String("temporal", c.options.HostPort), zap.String("namespace", c.options.Namespace),
			zap.Int("attempt", attempt), zap.Duration("nextIn", pause), zap.Error(err))
		select {
		case <-ctx.Done():
			return connection{}, nil
		case <-time.After(pause):
		}
		pause = min(2*pause, mostPause)
	}
}

func (c connector) try(ctx context.Context) (connection, error) {
	temporal, err := c.dial(ctx, c.options)
	if err != nil {
		return connection{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	described, err := temporal.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: c.options.Namespace})
	if err != nil {
		temporal.Close()
		return connection{}, err
	}
	usable, err := registrar{operator: temporal.OperatorService(), namespace: c.options.Namespace, logger: c.logger}.ensure(ctx)
	if err != nil {
		temporal.Close()
		return connection{}, err
	}
	return connection{client: temporal, home: c.home(described.GetNamespaceInfo().GetId()), searchAttributes: usable}, nil
}

// home is the namespace's own ID: two namespaces of one name, on two servers, have two. A server that gives none is told
// by its address.
func (c connector) home(id string) string {
	if id != "" {
		return id
	}
	where := c.options.HostPort + "/" + c.options.Namespace
	sum := sha256.Sum256([]byte(where))
	home := hex.EncodeToString(sum[:16])
	c.logger.Warn("Temporal gives no ID of the namespace: what this installation has begun is told by the address, "+
		"so that another address of the same Temporal counts as another installation",
		zap.String("temporal", where), zap.String("home", home))
	return home
}

// check tells whether Temporal still answers: the cheapest call there is, which every server and
// every proxy before it knows.
func (c connection) check(ctx context.Context) error {
	_, err := c.client.WorkflowService().GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{})
	return err
}

func (c connector) advice(err error) string {
	if _, missing := errors.AsType[*serviceerror.NamespaceNotFound](err); missing {
		return fmt.Sprintf("namespace %q does not exist at %s: check TEMPORAL_NAMESPACE, or create it with: temporal operator namespace create --namespace %s",
			c.options.Namespace, c.options.HostPort, c.options.Namespace)
	}
	return fmt.Sprintf("cannot reach Temporal at %s: check that the server runs there (temporal server start-dev) "+
		"and that TEMPORAL_ADDRESS and the TLS settings are right",
		c.options.HostPort)
}

// refused tells that trying again cannot help.
func refused(err error) bool {
	switch code(err) {
	case codes.PermissionDenied, codes.Unauthenticated, codes.InvalidArgument:
		return true
	}
	return false
}

// code is the gRPC code of an error of the Temporal client, which has types of its own for most codes
// but not for Unauthenticated.
func code(err error) codes.Code {
	if typed, is := errors.AsType[serviceerror.ServiceError](err); is {
		return typed.Status().Code()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return codes.DeadlineExceeded
	}
	return status.Code(err)
}
