// Decoding of server-sent events as the platform sends them.

export interface SseEvent {
  /** The name; "message" if the event has none. */
  event: string;
  data: string;
}

/**
 * Decodes a stream that comes in pieces of any size. Lines end in LF, CRLF or CR; comments and unknown fields are skipped; an event
 * that the end of the stream cuts off is delivered, since the platform may leave out the last blank line.
 */
export class SseDecoder {
  private readonly text = new TextDecoder();
  private buffer = '';
  private searched = 0; // up to here buffer has no end of line
  private skipLF = false;
  private event = '';
  private data: string[] = [];

  /** Returns the events that these bytes complete. */
  feed(bytes: Uint8Array): SseEvent[] {
    return this.decode(this.text.decode(bytes, { stream: true }));
  }

  /** Returns what the end of the stream completes. */
  finish(): SseEvent[] {
    const events = this.decode(this.text.decode());
    if (this.buffer !== '') {
      this.line(this.buffer, events);
      this.buffer = '';
    }
    this.line('', events);
    return events;
  }

  private decode(text: string): SseEvent[] {
    const events: SseEvent[] = [];
    if (text === '') {
      return events;
    }
    let from = 0;
    if (this.skipLF && text.startsWith('\n')) {
      from = 1;
    }
    this.skipLF = false;
    const buffer = this.buffer + text.slice(from);
    let start = 0;
    const ends = /\r\n|\r|\n/g;
    ends.lastIndex = this.searched;
    for (let end = ends.exec(buffer); end !== null; end = ends.exec(buffer)) {
      this.skipLF = end[0] === '\r' && ends.lastIndex === buffer.length;
      this.line(buffer.slice(start, end.index), events);
      start = ends.lastIndex;
    }
    this.buffer = buffer.slice(start);
    this.searched = this.buffer.length;
    return events;
  }

  private line(line: string, events: SseEvent[]): void {
    if (line === '') {
      if (this.event !== '' || this.data.length > 0) {
        events.push({ event: this.event || 'message', data: this.data.join('\n') });
      }
      this.event = '';
      this.data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) {
      return;
    }
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) {
      value = value.slice(1);
    }
    if (field === 'event') {
      this.event = value;
    } else if (field === 'data') {
      this.data.push(value);
    }
  }
}
