// Package cover lays the document, the catalogue of the official documentation, the generated methods, the examples and
// the tests side by side, and tells what fell behind.
package cover
