package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"speech-retrainer/workflows"
)

// connecting is a connector whose dial fails with err, and its log.
func connecting(err error) (connector, *observer.ObservedLogs, *[]time.Duration) {
	core, log := observer.New(zapcore.InfoLevel)
	begun := time.Now()
	var dials []time.Duration
	return connector{
		dial: func(context.Context, client.Options) (client.Client, error) {
			dials = append(dials, time.Since(begun))
			return nil, err
		},
		options: client.Options{HostPort: "temporal:7233", Namespace: "speech"}, logger: zap.New(core),
	}, log, &dials
}

func TestConnectTriesUntilStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, log, dials := connecting(errors.New("connection refused"))
		ctx, cancel := context.WithTimeout(t.Context(), 59*time.Second)
		defer cancel()
		got, err := c.connect(ctx)
		require.NoError(t, err, "a stop is no failure")
		require.Nil(t, got.client)
		s := time.Second
		require.Equal(t, []time.Duration{0, s, 3 * s, 7 * s, 15 * s, 30 * s, 45 * s}, *dials)
		require.Equal(t, len(*dials), log.Len())
		first := log.All()[0]
		require.Equal(t, "cannot reach Temporal at temporal:7233: check that the server runs there (temporal server start-dev) "+
			"and that TEMPORAL_ADDRESS and the TLS settings are right", first.Message)
		require.Equal(t, "connection refused", first.ContextMap()["error"])
	})
}

func TestConnectMissingNamespace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, log, _ := connecting(serviceerror.NewNamespaceNotFound("speech"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		_, err := c.connect(ctx)
		require.NoError(t, err)
		require.Contains(t, log.All()[0].Message, "temporal operator namespace create --namespace speech")
	})
}

func TestConnectRefused(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"unknown key":       status.Error(codes.Unauthenticated, "bad key"),
		"no permission":     serviceerror.NewPermissionDenied("not yours", ""),
		"invalid namespace": serviceerror.NewInvalidArgument("namespace is invalid"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, log, dials := connecting(err)
			_, got := c.connect(t.Context())
			require.ErrorIs(t, got, err)
			require.ErrorContains(t, got, `temporal at temporal:7233 refuses namespace "speech"`)
			require.ErrorContains(t, got, "check TEMPORAL_API_KEY")
			require.Len(t, *dials, 1)
			require.Zero(t, log.Len())
		})
	}
}

func TestSearchAttributes(t *testing.T) {
	t.Parallel()
	half := allAttributes()
	delete(half, "SpeechModel")
	wrong := allAttributes()
	wrong["SpeechModel"] = enumspb.INDEXED_VALUE_TYPE_TEXT
	for _, tc := range []struct {
		name   string
		fake   registrarFake
		usable bool
		added  int
		err    bool
		says   string
	}{
		{name: "all there", fake: registrarFake{have: allAttributes()}, usable: true},
		{name: "none there", usable: true, added: len(workflows.SearchAttributes), says: "registered search attributes"},
		{name: "one missing", fake: registrarFake{have: half}, usable: true, added: 1, says: "registered search attributes"},
		{name: "another worker was faster", fake: registrarFake{addErr: serviceerror.NewAlreadyExists("there")}, usable: true, added: 6},
		{name: "another type", fake: registrarFake{have: wrong}, says: "one of ours has another type"},
		{name: "may not list", fake: registrarFake{listErr: serviceerror.NewPermissionDenied("no", "")}, says: registerByHand},
		{name: "may not add", fake: registrarFake{addErr: serviceerror.NewPermissionDenied("no", "")}, added: 6, says: registerByHand},
		{name: "no operator service", fake: registrarFake{listErr: serviceerror.NewUnimplemented("unknown service")}, says: registerByHand},
		{name: "no room for more", fake: registrarFake{addErr: serviceerror.NewInvalidArgument("limit")}, added: 6, says: registerByHand},
		{name: "server away", fake: registrarFake{listErr: serviceerror.NewUnavailable("away")}, err: true},
		{name: "server late", fake: registrarFake{addErr: context.DeadlineExceeded}, added: 6, err: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			core, log := observer.New(zapcore.InfoLevel)
			usable, err := registrar{operator: &tc.fake, namespace: "speech", logger: zap.New(core)}.ensure(t.Context())
			require.Equal(t, tc.err, err != nil)
			require.Equal(t, tc.usable, usable)
			require.Len(t, tc.fake.added, tc.added)
			if tc.says != "" {
				require.Equal(t, 1, log.Len())
				require.Contains(t, log.All()[0].Message, tc.says)
			}
		})
	}
}
