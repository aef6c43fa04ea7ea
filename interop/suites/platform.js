import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  APIError,
  AuthenticationError,
  BadRequestError,
  ChatEventType,
  CozeAPI,
  NotFoundError,
  TemplateEntityType,
} from '@coze/api';

import { assertId, assertNow, collect, upload } from '../support/values.js';

export default function platformSuite({ api, fake, counter }) {
  test('users.me', async () => {
    const me = await api.users.me();
    assert.equal(me.user_id, fake.userId);
    assert.ok(me.user_name);
    assert.ok(me.nick_name);
    assert.match(me.avatar_url, /^https:/);
  });

  test('workspaces.list', async () => {
    const { workspaces, total_count: total } = await api.workspaces.list({ page_num: 1, page_size: 10 });
    assert.equal(total, workspaces.length);
    const own = workspaces.find((w) => w.id === fake.workspaceId);
    assert.equal(own.workspace_type, 'personal');
    assert.equal(own.role_type, 'owner');
    assert.ok(own.name);
  });

  test('files.upload and files.retrieve', async () => {
    const content = 'name,age\nAnn,7\n';
    const made = await api.files.upload({ file: upload(fake.dir, 'people 人.csv', content) });
    assertId(made.id);
    assert.equal(made.bytes, content.length);
    assert.equal(made.file_name, 'people 人.csv');
    assertNow(made.created_at);
    assert.deepEqual(await api.files.retrieve(made.id), made);
  });

  test('variables.update and variables.retrieve', async () => {
    const of = { bot_id: fake.bots.echo, connector_id: '1024', connector_uid: 'u1' };
    await api.variables.update({
      ...of,
      data: [
        { keyword: 'city', value: 'Paris' },
        { keyword: 'name', value: 'Ann' },
        { keyword: 'age', value: '7' },
      ],
    });
    const { items } = await api.variables.retrieve({ ...of, keywords: ['city', 'name'] });
    assert.deepEqual(items.map((i) => [i.keyword, i.value]), [['city', 'Paris'], ['name', 'Ann']]);
    assertNow(items[0].update_time);
    assert.deepEqual((await api.variables.retrieve({ ...of, connector_uid: 'u2' })).items, []);
  });

  test('templates.duplicate', async () => {
    const copy = await api.templates.duplicate(fake.templateId, { workspace_id: fake.workspaceId, name: 'Copy' });
    assertId(copy.entity_id);
    assert.equal(copy.entity_type, TemplateEntityType.AGENT);
    assert.equal((await api.bots.retrieveNew(copy.entity_id, { is_published: false })).name, 'Copy');
  });

  test('refusals become the errors of the SDK', async () => {
    await assert.rejects(api.conversations.retrieve('7499999999999999999'), (error) => {
      assert.ok(error instanceof NotFoundError);
      assert.equal(error.code, 4200);
      assert.match(error.logid, /^\w{20,}$/);
      return true;
    });
    const unpublished = { bot_id: fake.bots.draft, additional_messages: [] };
    await assert.rejects(api.chat.create(unpublished), (error) => error instanceof APIError && error.code === 4015);
    // A stream that is refused is an event of the SDK, not an error.
    const [refused, ...more] = await collect(api.chat.stream(unpublished));
    assert.equal(refused.event, ChatEventType.ERROR);
    assert.equal(refused.data.code, 4015);
    assert.deepEqual(more, []);
    await assert.rejects(api.variables.retrieve({ connector_uid: 'u1' }), (error) => error instanceof BadRequestError && error.code === 4000);

    const stranger = counter.client(new CozeAPI({ baseURL: fake.url, token: 'pat_unknown' }));
    await assert.rejects(stranger.users.me(), (error) => {
      assert.ok(error instanceof AuthenticationError);
      assert.equal(error.status, 401);
      assert.equal(error.code, 4100);
      return true;
    });
  });
}
