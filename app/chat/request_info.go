package chat

import (
	"context"
	"time"
)

// RequestInfo identifies the HTTP request that a call belongs to.
type RequestInfo struct {
	ID    string // in the response header and in logs
	Began time.Time
	Trace string // the client's traceparent, unchecked
}

type requestInfoKey struct{}

// WithRequestInfo returns a context that carries the request's info.
func WithRequestInfo(ctx context.Context, info RequestInfo) context.Context {
	return context.WithValue(ctx, requestInfoKey{}, info)
}

// RequestInfoFrom returns the request's info, or the zero RequestInfo.
func RequestInfoFrom(ctx context.Context) RequestInfo {
	info, _ := ctx.Value(requestInfoKey{}).(RequestInfo)
	return info
}
