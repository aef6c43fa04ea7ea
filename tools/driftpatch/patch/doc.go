// Package patch turns what a contract check of production reported into a change of api/openapi.yaml. It edits the text of the
// file by the positions of its nodes, so that formatting, order and comments stay as they are.
package patch
