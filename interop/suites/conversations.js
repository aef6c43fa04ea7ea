import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RoleType } from '@coze/api';

import { assertId, assertNow } from '../support/values.js';

export default function conversationSuite({ api, fake }) {
  const bot = fake.bots.echo;

  test('conversations.create, retrieve and list', async () => {
    const made = await api.conversations.create({
      bot_id: bot,
      meta_data: { topic: 'interop' },
      messages: [{ role: RoleType.User, content: 'Hello', content_type: 'text' }],
    });
    assertId(made.id);
    assertId(made.last_section_id);
    assertNow(made.created_at);
    assert.deepEqual(made.meta_data, { topic: 'interop' });

    const read = await api.conversations.retrieve(made.id);
    assert.equal(read.id, made.id);
    assert.deepEqual(read.meta_data, { topic: 'interop' });

    const later = await api.conversations.create({ bot_id: bot });
    const first = await api.conversations.list({ bot_id: bot, page_num: 1, page_size: 1 });
    assert.deepEqual(first.conversations.map((c) => c.id), [later.id]);
    assert.equal(first.has_more, true);
    const second = await api.conversations.list({ bot_id: bot, page_num: 2, page_size: 1 });
    assert.deepEqual(second.conversations.map((c) => c.id), [made.id]);
  });

  test('conversations.clear', async () => {
    const made = await api.conversations.create({ messages: [{ role: RoleType.User, content: 'Hello', content_type: 'text' }] });
    const section = await api.conversations.clear(made.id);
    assert.equal(section.conversation_id, made.id);
    assertId(section.id);
    assert.notEqual(section.id, made.last_section_id);
    assert.equal((await api.conversations.retrieve(made.id)).last_section_id, section.id);
  });

  test('conversations.messages: create, list, retrieve, update and delete', async () => {
    const { id } = await api.conversations.create({});
    const { messages } = api.conversations;
    const one = await messages.create(id, { role: RoleType.User, content: 'One', content_type: 'text', meta_data: { n: '1' } });
    assertId(one.id);
    assert.equal(one.conversation_id, id);
    assert.equal(one.content, 'One');
    assert.equal(one.role, RoleType.User);
    assert.deepEqual(one.meta_data, { n: '1' });
    assertNow(one.created_at);
    const two = await messages.create(id, { role: RoleType.Assistant, content: 'Two', content_type: 'text', meta_data: {} });

    const newest = await messages.list(id, { order: 'desc', limit: 1 });
    assert.deepEqual(newest.data.map((m) => m.content), ['Two']);
    assert.equal(newest.has_more, true);
    assert.equal(newest.first_id, two.id);
    assert.equal(newest.last_id, two.id);
    const older = await messages.list(id, { order: 'desc', limit: 1, after_id: newest.last_id });
    assert.deepEqual(older.data.map((m) => m.content), ['One']);
    assert.deepEqual((await messages.list(id)).data.length, 2);

    assert.equal((await messages.retrieve(id, one.id)).content, 'One');

    const changed = await messages.update(id, one.id, { content: 'One, changed', content_type: 'text', meta_data: { n: '2' } });
    assert.equal(changed.id, one.id);
    assert.equal(changed.content, 'One, changed');
    assert.deepEqual((await messages.retrieve(id, one.id)).meta_data, { n: '2' });

    const gone = await messages.delete(id, two.id);
    assert.equal(gone.id, two.id);
    assert.deepEqual((await messages.list(id, {})).data.map((m) => m.id), [one.id]);
  });
}
