import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertId, assertNow, upload, wav } from '../support/values.js';

export default function audioSuite({ api, fake }) {
  const { audio } = api;
  const recording = (name, pitch) => upload(fake.dir, name, wav(pitch));

  test('audio.voices: list and clone', async () => {
    const { voice_list: builtIn } = await audio.voices.list({ filter_system_voice: false, model_type: 'big', page_num: 1, page_size: 10 });
    const voice = builtIn.find((v) => v.voice_id === fake.voiceId);
    assert.equal(voice.is_system_voice, true);
    assert.equal(voice.language_code, 'en');
    assert.equal(voice.name, 'Default');

    const clone = await audio.voices.clone({
      voice_name: 'My voice',
      file: recording('me.wav'),
      audio_format: 'wav',
      language: 'zh',
      preview_text: '你好',
      space_id: fake.workspaceId,
    });
    assertId(clone.voice_id);
    const { voice_list: own, has_more: more } = await audio.voices.list({ filter_system_voice: true });
    assert.equal(more, false);
    const mine = own.find((v) => v.voice_id === clone.voice_id);
    assert.equal(mine.name, 'My voice');
    assert.equal(mine.preview_text, '你好');
    assert.equal(mine.is_system_voice, false);
    assertNow(mine.create_time);
  });

  test('audio.speech.create', async () => {
    const speech = await audio.speech.create({ input: 'Hello', voice_id: fake.voiceId, response_format: 'wav', speed: 1 });
    const bytes = Buffer.from(speech);
    assert.equal(bytes.toString('latin1', 0, 4), 'RIFF');
    assert.equal(bytes.readUInt32LE(24), 24000); // the rate that the SDK asks for
    assert.equal(bytes.length, 44 + bytes.readUInt32LE(40));
  });

  test('audio.transcriptions.create', async () => {
    const { text } = await audio.transcriptions.create({ file: recording('question.wav') });
    assert.equal(text, fake.transcript);
  });

  test('audio.voiceprintGroups: create, list, update and delete', async () => {
    const group = await audio.voiceprintGroups.create({ name: 'Family', desc: 'all of us' });
    assertId(group.id);
    await audio.voiceprintGroups.update(group.id, { name: 'Friends', desc: 'some of us' });
    const groups = await audio.voiceprintGroups.list({ name: 'Friends', group_id: group.id, page_num: 1, page_size: 10 });
    assert.equal(groups.total, 1);
    assert.equal(groups.items[0].id, group.id);
    assert.equal(groups.items[0].desc, 'some of us');
    assert.equal(groups.items[0].feature_count, 0);
    assert.equal(groups.items[0].user_info.id, fake.userId);
    await audio.voiceprintGroups.delete(group.id);
    assert.equal((await audio.voiceprintGroups.list()).items.some((g) => g.id === group.id), false);
  });

  test('audio.voiceprintGroups.features: create, list, update, speakerIdentify and delete', async () => {
    const group = await audio.voiceprintGroups.create({ name: 'Team' });
    const { features } = audio.voiceprintGroups;
    const ann = await features.create(group.id, { name: 'Ann', desc: 'high', file: recording('ann.wav', 880) });
    const bob = await features.create(group.id, { name: 'Bob', file: recording('bob.wav', 220), sample_rate: 24000, channel: 1 });
    assertId(ann.id);

    const list = await features.list(group.id, { page_num: 1, page_size: 10 });
    assert.equal(list.total, 2);
    assert.deepEqual(list.items.map((f) => f.name), ['Bob', 'Ann']);
    assert.equal(list.items[1].group_id, group.id);
    assert.equal(list.items[1].desc, 'high');

    await features.update(group.id, bob.id, { name: 'Robert', desc: 'low', file: recording('robert.wav', 110) });
    const { feature_score_list: scores } = await features.speakerIdentify(group.id, { file: recording('who.wav', 110), top_k: 1 });
    assert.equal(scores.length, 1);
    assert.equal(scores[0].feature_id, bob.id);
    assert.equal(scores[0].feature_name, 'Robert');
    assert.ok(scores[0].score > 90);

    await features.delete(group.id, ann.id);
    assert.deepEqual((await features.list(group.id)).items.map((f) => f.name), ['Robert']);
  });

  test('audio.rooms.create and audio.live.retrieve', async () => {
    const room = await audio.rooms.create({ bot_id: fake.bots.echo, connector_id: '1024', voice_id: fake.voiceId, uid: 'u1' });
    assertId(room.room_id);
    assert.equal(room.uid, 'u1');
    assert.ok(room.token);
    assert.ok(room.app_id);

    const live = await audio.live.retrieve('7400000000000000301');
    assert.equal(typeof live.app_id, 'string');
    assert.ok(Array.isArray(live.stream_infos));
  });
}
