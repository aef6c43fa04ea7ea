// Package rules checks api/openapi.yaml against the conventions by which it is written: what the generator, the fake
// server and the documentation take for granted. It reads the YAML itself, so that every finding has its line.
package rules
