// A client of another language, generated from the same document: its types compile strictly, and its calls work.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import createClient, { type Client } from 'openapi-fetch';
import { type Fake, startFake } from './fake.js';
import type { components, paths } from './build/schema.js';

let fake: Fake;
let client: Client<paths>;

const open = (token: string): Client<paths> =>
  createClient<paths>({ baseUrl: fake.url, headers: { Authorization: `Bearer ${token}` } });

before(async () => {
  fake = await startFake();
  client = open(fake.token);
});

after(async () => {
  await fake.stop();
});

/** The data of an answer, or the refusal as an exception. */
function take<T>(answer: { data?: { code: number; msg: string; data?: T } | undefined }): T {
  assert.ok(answer.data, 'no answer');
  assert.equal(answer.data.code, 0, answer.data.msg);
  assert.ok(answer.data.data !== undefined, 'no data');
  return answer.data.data;
}

test('a conversation is created, filled and read', async () => {
  const created = take(await client.POST('/v1/conversation/create', { body: { meta_data: { topic: 'sonnets' } } }));
  assert.match(created.id ?? '', /^\d+$/); // 64 bits as a text, which no JavaScript number holds
  const message = take(
    await client.POST('/v1/conversation/message/create', {
      params: { query: { conversation_id: created.id ?? '' } },
      body: { role: 'user', content: 'What is a sonnet?', content_type: 'text' },
    }),
  );
  assert.equal(message.content, 'What is a sonnet?');
  const read = take(await client.GET('/v1/conversation/retrieve', { params: { query: { conversation_id: created.id ?? '' } } }));
  assert.deepEqual(read.meta_data, { topic: 'sonnets' });
  assert.ok((read.created_at ?? 0) > 1_700_000_000);
});

test('a page of a list', async () => {
  const answer = take(
    await client.GET('/v1/workspaces', { params: { query: { page_num: 1, page_size: 10 } } }),
  );
  const role: components['schemas']['WorkspaceRoleType'] | undefined = answer.workspaces?.[0]?.role_type;
  assert.equal(typeof role, 'string');
});

const question = {
  bot_id: '7400000000000000001',
  user_id: 'user-1',
  additional_messages: [{ role: 'user', content: 'Hello', content_type: 'text' }],
} satisfies components['schemas']['CreateChatRequest'];

test('a chat without a stream', async () => {
  const { data } = await client.POST('/v3/chat', { body: question });
  assert.ok(typeof data === 'object');
  const chat = take({ data });
  assert.ok(chat.id);
  assert.equal(chat.status, 'in_progress');
});

test('a chat as a stream', async () => {
  const { data } = await client.POST('/v3/chat', { body: { ...question, stream: true }, parseAs: 'text' });
  assert.ok(typeof data === 'string');
  const events = [...data.matchAll(/^event: ?(.+)$/gm)].map((m) => m[1]);
  assert.equal(events[0], 'conversation.chat.created');
  assert.ok(events.includes('conversation.message.delta'));
  assert.equal(events.at(-1), 'done');
});

test('a refusal', async () => {
  const { data, error, response } = await open('pat_wrong').GET('/v1/workspaces', {});
  assert.equal((data ?? error)?.code, 4100);
  assert.ok(response.headers.get('x-tt-logid'));
});

test('the fake server found nothing that the document does not say', () => {
  assert.doesNotMatch(fake.complaints(), /level=(WARN|ERROR)/);
});
