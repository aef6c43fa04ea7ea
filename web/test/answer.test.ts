import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerReader, type AnswerSink } from '../src/answer.js';

function read(...events: [string, unknown][]): { log: string[]; reader: AnswerReader; taken: number } {
  const log: string[] = [];
  const sink: AnswerSink = {
    chat: (c) => log.push(`chat ${c.id ?? ''}`),
    delta: (id, text, reasoning) => log.push(`delta ${id} ${text}|${reasoning}`),
    completed: (m) => log.push(`completed ${m.content ?? ''}`),
    tool: (m) => log.push(`tool ${m.type ?? ''}`),
    suggestion: (q) => log.push(`suggestion ${q}`),
  };
  const reader = new AnswerReader(sink);
  let taken = 0;
  for (const [event, data] of events) {
    taken++;
    if (!reader.take({ event, data: typeof data === 'string' ? data : JSON.stringify(data) })) {
      break;
    }
  }
  reader.end();
  return { log, reader, taken };
}

test('answer: a good run', () => {
  const { log, reader } = read(
    ['conversation.chat.created', { id: '1' }],
    ['conversation.message.delta', { id: '2', content: '', reasoning_content: 'Hm' }],
    ['conversation.message.delta', { id: '2', content: 'Hi' }],
    ['conversation.audio.delta', { content: 'AAAA' }],
    ['something.new', 'not json'],
    ['conversation.message.completed', { type: 'function_call', content: '{}' }],
    ['conversation.message.completed', { type: 'answer', content: 'Hi' }],
    ['conversation.message.completed', { type: 'verbose', content: '{}' }],
    ['conversation.message.completed', { type: 'follow_up', content: 'And?' }],
    ['conversation.chat.completed', { id: '1' }],
    ['done', '"[DONE]"'],
    ['conversation.message.delta', { id: '3', content: 'late' }],
  );
  assert.deepEqual(log, ['chat 1', 'delta 2 |Hm', 'delta 2 Hi|', 'tool function_call', 'completed Hi', 'suggestion And?', 'chat 1']);
  assert.equal(reader.outcome, 'completed');
});

test('answer: failures', () => {
  for (const [name, events, kind, code] of [
    ['last_error', [['conversation.chat.failed', { last_error: { code: 4028, msg: 'none left' } }], ['done', '']], 'balance', 4028],
    ['bare', [['conversation.chat.failed', { code: '720702204', msg: 'x' }]], 'other', 720702204],
    ['error event', [['error', { code: 4013, msg: 'x' }]], 'rate', 4013],
    ['empty error event', [['error', {}]], 'other', 0],
    ['cut off', [['conversation.message.delta', { id: '1', content: 'x' }]], 'interrupted', 0],
    ['tool of the page', [['conversation.chat.requires_action', { required_action: { submit_tool_outputs: { tool_calls: [{}] } } }]], 'action', 0],
  ] as [string, [string, unknown][], string, number][]) {
    const { reader } = read(...events);
    assert.equal(reader.outcome, 'failed', name);
    assert.deepEqual([reader.error?.kind, reader.error?.code], [kind, code], name);
  }
});

test('answer: a chatflow that asks has not failed', () => {
  assert.equal(read(['conversation.chat.requires_action', { id: '1' }], ['done', '{}']).reader.outcome, 'completed');
});
