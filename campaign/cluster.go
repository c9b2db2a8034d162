package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/campaign"
	"speech-retrainer/internal/stack"
)

// clusterNeeds finds what a cluster needs that `make cluster` does not build. The error names all that is missing.
func clusterNeeds() (postgres string, account *stack.Account, err error) {
	postgres, err = stack.FindPostgres()
	account, accountErr := stack.PostgresAccount()
	return postgres, account, errors.Join(err, accountErr)
}

// onCluster starts a cluster, plays the campaign on it, prints what became of it, and removes the cluster.
func onCluster(ctx context.Context, bin, logs string, o campaign.ClusterOptions) (err error) {
	postgres, account, err := clusterNeeds()
	if err != nil {
		return err
	}
	if account != nil {
		o.Progress(fmt.Sprintf("Postgres runs as user %s: it refuses to run as root.", account.Name))
	}
	binaries, err := stack.FindBinaries(bin)
	if err != nil {
		return err
	}
	root, err := stack.Root()
	if err != nil {
		return err
	}
	if bin, err = filepath.Abs(bin); err != nil {
		return err
	}
	// Not below logs, which is closed to others than root: the database's own user must reach its folder.
	folder, err := os.MkdirTemp("", "speech-retrainer-cluster-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	parts, err := stack.New(filepath.Join(logs, "server"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parts.Close()) }()
	cluster, err := parts.StartCluster(ctx, stack.ClusterOptions{
		Bin: bin, Temporal: binaries.Temporal, Postgres: postgres, Account: account, Root: root, Folder: folder,
	})
	if err != nil {
		return err
	}
	defer cluster.Kill()
	c, err := cluster.Server.Client(ctx, client.DefaultNamespace)
	if err != nil {
		return err
	}
	defer c.Close()
	o.Progress("Temporal's server on Postgres serves at " + cluster.Server.Address)
	rig := &campaign.Rig{Binaries: binaries, Data: filepath.Join(root, "examples", "data"), Logs: logs, Server: cluster.Server, Client: c}
	found, err := rig.Cluster(ctx, cluster, o)
	if err != nil {
		return err
	}
	found.Print(os.Stdout)
	if len(found.Broken) > 0 {
		return errBroken
	}
	return nil
}
