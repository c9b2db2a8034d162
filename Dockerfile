# Two images: `runtime` holds worker, starter and emulator; `cli` holds the Temporal CLI, whose dev
# server and web UI the compose profile "dev" runs.
#   docker build --target runtime --build-arg VERSION=v1.2.3 --tag speech-retrainer:local .
#   docker build --target cli --tag speech-retrainer-temporal:local .

FROM golang:1.26.8-bookworm AS toolchain
ENV CGO_ENABLED=0 GOTOOLCHAIN=local
WORKDIR /src

FROM toolchain AS programs
# Modules first, so that a change of the code does not fetch them again.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# What --version says of the programs; without it they say 0.1.0-dev.
ARG VERSION
RUN go build -ldflags="-s -w -X speech-retrainer/internal/build.version=${VERSION}" -o /out/ ./worker ./starter ./emulator

FROM toolchain AS temporal-cli
COPY tools/go.mod tools/go.sum ./tools/
RUN go mod download -C tools
RUN go build -C tools -trimpath -ldflags="-s -w" -o /out/temporal github.com/temporalio/cli/cmd/temporal \
    && mkdir /out/data

# What both images stand on: certificates, for TLS to the service and to Temporal, and nobody's user.
FROM debian:12.12-slim AS base
COPY --from=toolchain /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
WORKDIR /
USER 65532:65532

FROM base AS cli
COPY --from=temporal-cli /out/temporal /usr/local/bin/temporal
# A named volume mounted here takes this owner over, so the dev server can write its database.
COPY --from=temporal-cli --chown=65532:65532 /out/data /data
EXPOSE 7233 8233
ENTRYPOINT ["/usr/local/bin/temporal"]
CMD ["server", "start-dev", "--ip", "0.0.0.0", "--db-filename", "/data/temporal.db"]

# Last, so that a build without --target makes it.
FROM base AS runtime
COPY --from=programs /out/worker /out/starter /out/emulator /usr/local/bin/
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/worker"]
CMD ["--http", "0.0.0.0:8080"]
