// Package api holds the document that everything else follows from, for programs that want to read it.
package api

import _ "embed"

// OpenAPI is api/openapi.yaml: operations, objects and events of the Coze open platform.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Compact is the same document as JSON, for programs that start fast: parsing it takes a tenth of the time. $ref and the x-coze
// extensions are kept; what only people and code generators read is left out: descriptions (those of responses are empty),
// summaries, titles but that of the document, links to the documentation, names of constants. Examples and defaults are kept.
//
//go:embed openapi.gen.json
var Compact []byte

// Errors is api/errors.yaml: the error codes of the platform, with causes and remedies.
//
//go:embed errors.yaml
var Errors []byte

// Catalogue is api/catalogue.yaml: the official documentation, entry by entry, and what stands for it in the document.
//
//go:embed catalogue.yaml
var Catalogue []byte
