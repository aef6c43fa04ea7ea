// Package stream reads server-sent events (SSE, text/event-stream) as the WHATWG HTML standard
// defines them: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
//
// There are two layers. A [Decoder] (or [Events], its iterator) turns an [io.Reader] into events. A
// [Stream] puts a decode function on top of it and hands out typed values:
//
//	s := stream.New(resp.Body, decode)
//	for v, err := range s.All() {
//		if err != nil {
//			return err // the last pair carries the error
//		}
//		use(v)
//	}
//
// The package imports the standard library only, starts no goroutine, and knows nothing of what the
// events mean.
//
// # What is understood
//
// Line ends LF, CR and CRLF, also mixed and also torn apart between two reads; a byte order mark at
// the start; comments; fields in any order; several data lines, joined with a line feed; none or one
// space after the colon; a field without a colon; unknown fields, which are ignored; an id with a NUL,
// which is ignored. An event is handed out as soon as its blank line has come: nothing waits for a byte
// that follows it, not even for the LF that may follow a CR.
//
// # Where it differs from the standard
//
//   - An event that has a name and no data line is delivered, with empty data. The standard drops it,
//     and servers end streams with just "event: done".
//   - An event that the end of the input cuts short is delivered, its last line too when that has no line
//     end. The standard drops it, and servers leave out the last blank line. A read error is not an end of
//     input: what was unfinished then is dropped.
//   - Bytes are passed on as they came. The standard replaces invalid UTF-8 with U+FFFD.
//   - An event has a size limit, see [WithMaxEventSize].
//
// # Cost
//
// Events of up to 4 KiB cost no allocation: data is a view of the read buffer, names are interned and
// ids share small blocks. An open stream holds about 5 KiB. A longer event gets a longer buffer, which
// the garbage collector may take back as soon as the next event is asked for.
package stream
