// Package transport is the one way a request leaves: it builds the request, runs it through a chain of small handlers,
// and turns the answer into a typed value, a live stream or a [call.Error]. Generated services call it; nothing else does.
package transport
