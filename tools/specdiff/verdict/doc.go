// Package verdict tells what a change of the document means for users: patch, minor or major. It merges what oasdiff says
// of the wire, what apidiff says of the Go packages, and what our x-coze extensions say of how calls behave.
package verdict
