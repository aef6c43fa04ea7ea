import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SseDecoder, type SseEvent } from '../src/sse.js';

const encoder = new TextEncoder();

function decode(...pieces: Uint8Array[]): SseEvent[] {
  const decoder = new SseDecoder();
  const events = pieces.flatMap((p) => decoder.feed(p));
  return [...events, ...decoder.finish()];
}

const cases: { name: string; in: string; want: SseEvent[] }[] = [
  { name: 'chat', in: 'event:conversation.message.delta\ndata:{"content":"你好"}\n\nevent:done\ndata:"[DONE]"\n\n',
    want: [{ event: 'conversation.message.delta', data: '{"content":"你好"}' }, { event: 'done', data: '"[DONE]"' }] },
  { name: 'chatflow with space and id', in: 'id: 1\nevent: done\ndata: {}\n\n', want: [{ event: 'done', data: '{}' }] },
  { name: 'one space at most', in: 'data:  two\n\n', want: [{ event: 'message', data: ' two' }] },
  { name: 'crlf', in: 'event: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n', want: [{ event: 'a', data: 'b' }, { event: 'message', data: 'c' }] },
  { name: 'cr', in: 'event: a\rdata: b\r\rdata: c\r\r', want: [{ event: 'a', data: 'b' }, { event: 'message', data: 'c' }] },
  { name: 'comments and unknown fields', in: ': ping\nretry: 3\nfoo\ndata: x\n\n: ping\n\n', want: [{ event: 'message', data: 'x' }] },
  { name: 'several data lines', in: 'data: a\ndata\ndata: b\n\n', want: [{ event: 'message', data: 'a\n\nb' }] },
  { name: 'cut off after a line', in: 'event: done\ndata: {}\n', want: [{ event: 'done', data: '{}' }] },
  { name: 'cut off in a line', in: 'event: done\ndata: {}', want: [{ event: 'done', data: '{}' }] },
  { name: 'event without data', in: 'event: ping\n\n', want: [{ event: 'ping', data: '' }] },
  { name: 'byte order mark', in: '\ufeffdata: x\n\n', want: [{ event: 'message', data: 'x' }] },
  { name: 'four-byte characters', in: 'data: 😀😀\n\n', want: [{ event: 'message', data: '😀😀' }] },
  { name: 'nothing', in: '', want: [] },
];

for (const { name, in: text, want } of cases) {
  test(`sse: ${name}`, () => {
    const bytes = encoder.encode(text);
    assert.deepEqual(decode(bytes), want, 'in one piece');
    assert.deepEqual(decode(...[...bytes].map((b) => Uint8Array.of(b))), want, 'byte by byte');
    for (let i = 0; i <= bytes.length; i++) {
      assert.deepEqual(decode(bytes.subarray(0, i), bytes.subarray(i)), want, `split at byte ${i}`);
    }
  });
}

test('sse: a large line in many pieces', () => {
  const line = encoder.encode(`data: ${'x'.repeat(4 << 20)}\n\n`);
  const pieces: Uint8Array[] = [];
  for (let i = 0; i < line.length; i += 1400) {
    pieces.push(line.subarray(i, i + 1400));
  }
  assert.equal(decode(...pieces)[0]?.data.length, 4 << 20);
});
