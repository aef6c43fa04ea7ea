import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertId, assertNow, upload } from '../support/values.js';

export default function knowledgeSuite({ api, fake }) {
  const space_id = fake.workspaceId;

  test('datasets: create, list, update and delete', async () => {
    const { dataset_id: id } = await api.datasets.create({ space_id, name: 'Facts', description: 'all of them', format_type: 0 });
    assertId(id);
    let list = await api.datasets.list({ space_id, name: 'Facts', page_num: 1, page_size: 10 });
    assert.equal(list.total_count, 1);
    assert.equal(list.dataset_list[0].dataset_id, id);
    assert.equal(list.dataset_list[0].description, 'all of them');
    assert.equal(list.dataset_list[0].doc_count, 0);
    assert.equal(list.dataset_list[0].can_edit, true);
    assertNow(list.dataset_list[0].create_time);

    await api.datasets.update(id, { name: 'More facts', description: 'nearly all' });
    list = await api.datasets.list({ space_id, name: 'More facts' });
    assert.equal(list.dataset_list[0].description, 'nearly all');

    await api.datasets.delete(id);
    list = await api.datasets.list({ space_id });
    assert.equal(list.dataset_list.some((d) => d.dataset_id === id), false);
  });

  test('datasets.documents: create, list, update and delete, and datasets.process', async () => {
    const { dataset_id } = await api.datasets.create({ space_id, name: 'Texts', format_type: 0 });
    const text = 'The sky is blue.';
    const infos = await api.datasets.documents.create({
      dataset_id,
      format_type: 0,
      chunk_strategy: { chunk_type: 1, separator: '\n', max_tokens: 800, remove_extra_spaces: true },
      document_bases: [
        { name: 'sky.txt', source_info: { file_base64: Buffer.from(text).toString('base64'), file_type: 'txt' } },
        { name: 'sea.txt', source_info: { file_base64: Buffer.from('The sea too.').toString('base64'), file_type: 'txt' } },
      ],
    });
    assert.deepEqual(infos.map((d) => d.name), ['sky.txt', 'sea.txt']);
    assertId(infos[0].document_id);
    assert.equal(infos[0].size, text.length);
    assert.equal(infos[0].status, 0);
    const ids = infos.map((d) => d.document_id);

    const percents = [];
    for (let i = 0; i < 3; i++) {
      const { data } = await api.datasets.process(dataset_id, { document_ids: ids });
      assert.deepEqual(data.map((p) => p.document_id), ids);
      percents.push(data[0].progress);
    }
    assert.deepEqual(percents, [0, 50, 100]);

    await api.datasets.documents.update({ document_id: ids[0], document_name: 'heaven.txt' });
    const list = await api.datasets.documents.list({ dataset_id });
    assert.equal(list.total, 2);
    assert.deepEqual(list.document_infos.map((d) => d.name), ['sea.txt', 'heaven.txt']);
    assert.deepEqual(list.document_infos.map((d) => d.status), [1, 1]);
    assert.equal(list.document_infos[1].chunk_strategy.separator, '\n');

    await api.datasets.documents.delete({ document_ids: [ids[0]] });
    // The SDK names the page size page_size, which the documentation calls size.
    const rest = await api.datasets.documents.list({ dataset_id, page: 1, page_size: 5 });
    assert.deepEqual(rest.document_infos.map((d) => d.document_id), [ids[1]]);
  });

  test('knowledge.documents: create, update and delete', async () => {
    const { dataset_id } = await api.datasets.create({ space_id, name: 'Pages', format_type: 0 });
    const [page] = await api.knowledge.documents.create({
      dataset_id,
      format_type: 0,
      chunk_strategy: { chunk_type: 0 },
      document_bases: [
        {
          name: 'Home',
          source_info: { web_url: 'https://example.com', document_source: 1 },
          update_rule: { update_type: 1, update_interval: 24 },
        },
      ],
    });
    assert.equal(page.name, 'Home');
    assert.equal(page.update_interval, 24);
    await api.knowledge.documents.update({ document_id: page.document_id, update_rule: { update_type: 1, update_interval: 48 } });
    const { document_infos: infos } = await api.datasets.documents.list({ dataset_id });
    assert.deepEqual(infos.map((d) => d.update_interval), [48]);
    await api.knowledge.documents.delete({ document_ids: [page.document_id] });
    assert.equal((await api.datasets.documents.list({ dataset_id })).total, 0);
  });

  test('datasets.images: list and update', async () => {
    const { dataset_id } = await api.datasets.create({ space_id, name: 'Pictures', format_type: 2 });
    const file = await api.files.upload({ file: upload(fake.dir, 'cat.png', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')) });
    const [made] = await api.datasets.documents.create({
      dataset_id,
      format_type: 2,
      chunk_strategy: { chunk_type: 0, caption_type: 1 },
      document_bases: [{ name: 'cat.png', source_info: { source_file_id: file.id, document_source: 5 } }],
    });
    await api.datasets.images.update(dataset_id, made.document_id, { caption: 'A cat' });
    const images = await api.datasets.images.list(dataset_id, { keyword: 'cat', has_caption: true, page_num: 1, page_size: 10 });
    assert.equal(images.total_count, 1);
    assert.equal(images.photo_infos[0].document_id, made.document_id);
    assert.equal(images.photo_infos[0].caption, 'A cat');
    assert.equal(images.photo_infos[0].type, 'png');
    assert.equal(images.photo_infos[0].source_type, 5);
    assert.equal((await api.datasets.images.list(dataset_id, { has_caption: false })).total_count, 0);
  });
}
