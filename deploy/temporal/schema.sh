#!/bin/sh
# Creates Temporal's two databases and brings them to the schema of the tool's version, which holds it. Each
# step does nothing when it was done before, so it runs at every start. Where the server is, and who may
# write to it, comes from SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER and SQL_PASSWORD.
set -eu

# prepare DATABASE SCHEMA
prepare() {
	temporal-sql-tool --database "$1" create-database
	temporal-sql-tool --database "$1" setup-schema --version 0.0
	temporal-sql-tool --database "$1" update-schema --schema-name "postgresql/v12/$2"
}

prepare temporal temporal
prepare temporal_visibility visibility
