// Package generate turns the OpenAPI document into Go. Models are written by oapi-codegen's stock templates, after a
// policy has told it which fields are pointers; services, event types, error codes and aliases by small templates of ours.
package generate
