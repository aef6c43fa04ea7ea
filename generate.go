// Package cozekit is the root of the module and holds no code: users import
// [github.com/cozekit/cozekit/pkg/coze], and this file holds the only go:generate lines.
package cozekit

//go:generate go -C tools run ./cozegen -root ..
//go:generate go -C tools run ./webbundle -root ..
