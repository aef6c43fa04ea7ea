// Package cozeapi is generated from api/openapi.yaml: the objects, requests and events of the Coze open platform, and a
// typed method for each of its operations. Package coze builds clients from it and re-exports its types; import this
// package only to name a service type.
//
// Each method takes a context, the ids of its path, a request struct that holds query, headers and body together, and
// options of the call. What is not set in a request is not sent; what is required and not set is refused before anything
// is sent. Refusals by the server are [github.com/cozekit/cozekit/pkg/call.Error] values.
//
// Enumerations are open: an unknown value decodes and survives a round trip.
package cozeapi
