// Package reference makes a page of api/openapi.yaml that can be read without a network, with a Go call beside each operation.
package reference
