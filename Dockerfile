# syntax=docker/dockerfile:1
# Parley for containers, the same image for every replica and role:
#
#   docker build -t parley .
#   docker buildx build --platform linux/amd64,linux/arm64 -t parley .
#
# Nothing is emulated: the build runs on the builder's own architecture, with a cross compiler for the other one (Debian's gcc). librdkafka is inside
# confluent-kafka-go and linked statically; what is left to link with is glibc, so the last stage has the build's Debian release.
# `go tool task clean-root` runs these very steps where no container engine is.
ARG GO_VERSION=1.26
ARG NODE_VERSION=22

FROM --platform=$BUILDPLATFORM node:${NODE_VERSION}-bookworm-slim AS libraries
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts

FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-bookworm AS build
ARG TARGETARCH
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
    CGO_ENABLED=1 GOARCH=$TARGETARCH go build -trimpath -ldflags="-s -w" -o /out/parley ./app

FROM gcr.io/distroless/base-nossl-debian12:nonroot
COPY --from=build /out/parley /usr/local/bin/parley
# A container's loopback is nobody's. Beyond it Parley starts only behind a declared TLS proxy: PUBLIC_URL and TRUSTED_PROXIES.
ENV LISTEN_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["/usr/local/bin/parley", "healthy"]
ENTRYPOINT ["/usr/local/bin/parley"]
