// Package release checks what a release needs: a changelog that tools can read, a version that fits the tags and the changes,
// and a module that compiles for the people who download it.
package release
