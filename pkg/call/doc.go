// Package call holds what every Coze operation shares, whatever it does: the error type and its categories, the options
// of a single call, what a response says about itself, pages, files on their way up or down, tokens and times.
//
// It is a leaf: the generated services, the transport and package coze all use these types, and package coze re-exports
// them, so that an application seldom has to import this package by name.
package call
