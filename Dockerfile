# syntax=docker/dockerfile:1
# Parley for containers, the same image for every replica and role:
#
#   docker build --build-arg VERSION=$(git describe --tags --always) -t parley .
#   docker buildx build --platform linux/amd64,linux/arm64 -t parley .
#
# The build runs on the builder's own architecture, with Debian's cross compiler
# for the other one, so nothing is emulated. confluent-kafka-go contains librdkafka
# and links it statically. glibc remains, so the last stage has the build stage's
# Debian release. `go tool task clean-root` runs the same steps without a container
# engine.
ARG GO_VERSION=1.26
ARG NODE_VERSION=22

FROM --platform=$BUILDPLATFORM node:${NODE_VERSION}-bookworm-slim AS libraries
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts

FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-bookworm AS build
ARG TARGETARCH
# What `parley version`, the metric parley_build_info and the operators' pages show.
ARG VERSION=unreleased
WORKDIR /src
RUN if [ "$TARGETARCH" != "$(go env GOARCH)" ]; then \
      case "$TARGETARCH" in amd64) gcc=x86-64 ;; arm64) gcc=aarch64 ;; *) echo "no build for $TARGETARCH: amd64 or arm64" >&2; exit 1 ;; esac && \
      apt-get update -qq && apt-get install -y -qq --no-install-recommends "gcc-$gcc-linux-gnu" "libc6-dev-$TARGETARCH-cross" && rm -rf /var/lib/apt/lists/*; \
    fi
COPY --from=libraries /src/node_modules node_modules
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    go run ./static/assets && \
    case "$TARGETARCH" in amd64) export CC=x86_64-linux-gnu-gcc ;; arm64) export CC=aarch64-linux-gnu-gcc ;; esac && \
    CGO_ENABLED=1 GOARCH=$TARGETARCH go build -trimpath -ldflags="-s -w -X parley/app/buildinfo.version=$VERSION" -o /out/parley ./app

FROM gcr.io/distroless/base-nossl-debian12:nonroot
COPY --from=build /out/parley /usr/local/bin/parley
# Parley listens beyond the container's loopback only behind a declared TLS proxy:
# set PUBLIC_URL and TRUSTED_PROXIES.
ENV LISTEN_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["/usr/local/bin/parley", "healthy"]
ENTRYPOINT ["/usr/local/bin/parley"]
