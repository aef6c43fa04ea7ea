// Package browsertest holds tests of the chat widget in a headless Chromium. They run with make web-test; see web/README.md.
package browsertest
