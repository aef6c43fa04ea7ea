// The SDK with coze.NewProxy as its server.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { APIError, AuthenticationError, ChatEventType, CozeAPI, PermissionDeniedError, RoleType } from '@coze/api';

import { assertId, collect, upload, wav } from '../support/values.js';

const ask = (content) => [{ role: RoleType.User, content, content_type: 'text' }];

export default function proxySuite({ fake }) {
  const { bots } = fake;
  const api = new CozeAPI({ baseURL: fake.proxyUrl, token: fake.caller });

  test('proxy: chat.stream comes piece by piece', async () => {
    const events = await collect(api.chat.stream({ bot_id: bots.echo, user_id: 'u1', additional_messages: ask('Are you there?') }));
    const deltas = events.filter((e) => e.event === ChatEventType.CONVERSATION_MESSAGE_DELTA);
    assert.ok(deltas.length > 1);
    assert.equal(deltas.map((e) => e.data.content).join(''), 'You said: Are you there?');
    assert.equal(events.at(-1).event, ChatEventType.DONE);
  });

  test('proxy: a stream that is left early', async () => {
    for await (const { event, data } of api.chat.stream({ bot_id: bots.slow, user_id: 'u1', additional_messages: ask('Hello') })) {
      if (event === ChatEventType.CONVERSATION_MESSAGE_DELTA) {
        assert.ok(data.content.length > 0); // while the bot still pauses
        break;
      }
    }
  });

  test('proxy: chat.createAndPoll, conversations and workflows', async () => {
    const { messages } = await api.chat.createAndPoll({ bot_id: bots.echo, user_id: 'u1', additional_messages: ask('Hello') });
    assert.equal(messages.find((m) => m.type === 'answer').content, 'You said: Hello');
    const conversation = await api.conversations.create({ bot_id: bots.echo });
    assertId(conversation.id);
    assert.equal((await api.conversations.retrieve(conversation.id)).id, conversation.id);
    const run = await api.workflows.runs.create({ workflow_id: fake.workflows.echo, parameters: { a: 'b' } });
    assert.equal(JSON.parse(run.data).a, 'b');
  });

  test('proxy: files.upload', async () => {
    const file = await api.files.upload({ file: upload(fake.dir, 'tone.wav', wav(880)) });
    assertId(file.id);
  });

  test('proxy: refusals are those of the platform', async () => {
    const stranger = new CozeAPI({ baseURL: fake.proxyUrl, token: 'another' });
    await assert.rejects(stranger.chat.create({ bot_id: bots.echo }), (err) => {
      assert.ok(err instanceof AuthenticationError);
      assert.equal(err.code, 4100);
      return true;
    });
    await assert.rejects(api.workspaces.list(), (err) => {
      assert.ok(err instanceof PermissionDeniedError);
      assert.match(err.message, /does not offer this operation/);
      return true;
    });
    await assert.rejects(api.chat.create({ bot_id: bots.echo, additional_messages: ask('x'.repeat(20_000)) }), (err) => {
      assert.ok(err instanceof APIError);
      assert.match(err.message, /at most 10000 bytes/);
      return true;
    });
    const tooMuch = { file: upload(fake.dir, 'long.wav', Buffer.concat([wav(), Buffer.alloc(200_000)])) };
    await assert.rejects(api.files.upload(tooMuch), (err) => {
      assert.match(err.message, /at most 100000 bytes/);
      return true;
    });
    await assert.rejects(api.chat.cancel('1', '2'), (err) => {
      assert.ok(err.logid, 'the log id of the server');
      return true;
    });
  });
}
