import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SuggestReplyMode } from '@coze/api';

import { assertId, assertNow } from '../support/values.js';

export default function botSuite({ api, fake }) {
  test('bots: create, update, publish, retrieve and list', async () => {
    const { bot_id: id } = await api.bots.create({
      space_id: fake.workspaceId,
      name: 'Interop',
      description: 'made by the Node SDK',
      prompt_info: { prompt: 'Be brief.' },
      onboarding_info: { prologue: 'Welcome', suggested_questions: ['Who are you?'] },
      suggest_reply_info: { reply_mode: SuggestReplyMode.DISABLE },
    });
    assertId(id);

    const draft = await api.bots.retrieveNew(id, { is_published: false });
    assert.equal(draft.name, 'Interop');
    assert.equal(draft.prompt_info.prompt, 'Be brief.');
    assert.deepEqual(draft.onboarding_info.suggested_questions, ['Who are you?']);
    await assert.rejects(api.bots.retrieve({ bot_id: id }), { code: 4015 });

    await api.bots.update({ bot_id: id, name: 'Interop 2', knowledge: { dataset_ids: [], auto_call: true, search_strategy: 1 } });
    await api.bots.publish({ bot_id: id, connector_ids: ['1024'] });

    const online = await api.bots.retrieve({ bot_id: id });
    assert.equal(online.bot_id, id);
    assert.equal(online.name, 'Interop 2');
    assert.equal(online.description, 'made by the Node SDK');
    assert.equal(online.onboarding_info.prologue, 'Welcome');
    assert.match(online.version, /^\d+$/);
    assertNow(online.update_time);
    assert.equal((await api.bots.retrieveNew(id)).version, online.version);

    const published = await api.bots.list({ space_id: fake.workspaceId, page_size: 50, page_index: 1 });
    const found = published.space_bots.find((b) => b.bot_id === id);
    assert.equal(found.bot_name, 'Interop 2');
    assert.match(found.publish_time, /^\d+$/);
    assert.equal(published.total, published.space_bots.length);

    const all = await api.bots.listNew({ workspace_id: fake.workspaceId, publish_status: 'all', page_num: 1, page_size: 50 });
    assert.equal(all.total, all.items.length);
    const item = all.items.find((b) => b.id === id);
    assert.equal(item.name, 'Interop 2');
    assert.equal(item.is_published, true);
    assert.equal(item.owner_user_id, fake.userId);
    assert.equal(all.items.find((b) => b.id === fake.bots.draft).is_published, false);
  });
}
