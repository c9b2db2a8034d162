package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.uber.org/zap"
	"google.golang.org/grpc/codes"

	"speech-retrainer/workflows"
)

// registrar sees to it that our search attributes exist in the namespace. They are a convenience: a
// namespace without them works, so nothing here but an outage keeps the worker from starting.
type registrar struct {
	operator  operatorservice.OperatorServiceClient
	namespace string
	logger    *zap.Logger
}

const registerByHand = "search attributes are not used: an administrator can register them with: temporal operator search-attribute create"

// ensure registers what is missing and tells whether all of ours may be used. It returns an error only
// when Temporal could not be asked and asking again may help.
func (r registrar) ensure(ctx context.Context) (usable bool, err error) {
	listed, err := r.operator.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: r.namespace})
	if err != nil {
		return r.without(err)
	}
	missing := map[string]enumspb.IndexedValueType{}
	for _, ours := range workflows.SearchAttributes {
		switch have, exists := listed.GetCustomAttributes()[ours.Name]; {
		case !exists:
			missing[ours.Name] = ours.Type
		case have != ours.Type:
			r.logger.Warn("search attributes are not used: one of ours has another type; remove it with: temporal operator search-attribute remove",
				zap.String("attribute", ours.Name), zap.Stringer("type", have), zap.Stringer("wanted", ours.Type))
			return false, nil
		}
	}
	if len(missing) == 0 {
		return true, nil
	}
	_, err = r.operator.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: r.namespace, SearchAttributes: missing,
	})
	if _, exists := errors.AsType[*serviceerror.AlreadyExists](err); err != nil && !exists {
		return r.without(err)
	}
	r.logger.Info("registered search attributes", zap.String("attributes", names(missing)), zap.String("namespace", r.namespace))
	return true, nil
}

func (r registrar) without(err error) (bool, error) {
	switch code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Canceled:
		return false, err
	}
	r.logger.Warn(registerByHand, zap.String("namespace", r.namespace), zap.Error(err))
	return false, nil
}

func names(attributes map[string]enumspb.IndexedValueType) string {
	var list []string
	for name := range attributes {
		list = append(list, name)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}
