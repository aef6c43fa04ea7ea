// Package contract compares what servers send with api/openapi.yaml, in production: it finds fields, enum values and events that
// the document does not have, values of another kind or unit, and required fields that are missing.
//
// It has a small walker of its own over [api.Compact], because the validator that the fake server uses is too heavy for a client.
// Only coze.WithContractCheck refers to it, and nothing here is made when a program starts, so that the linker leaves the package
// and the document out of programs that do not use the option. TestLinker watches over that.
//
// What counts as agreement although the document does not say so: null in the place of an optional field; "" in the place of an
// enum; names in another case or without underscores, which the codec takes; anything as the data of the last event of a stream; an
// error object as the data of any event. Bounds, formats of strings and the number of elements are not looked at.
package contract
