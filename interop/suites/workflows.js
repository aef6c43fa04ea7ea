import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ChatEventType, RoleType, WorkflowEventType } from '@coze/api';

import { assertId, assertNow, collect } from '../support/values.js';

export default function workflowSuite({ api, fake }) {
  const flows = fake.workflows;

  test('workflows.runs.create', async () => {
    const run = await api.workflows.runs.create({ workflow_id: flows.echo, parameters: { city: 'Paris', days: 3 } });
    assert.deepEqual(JSON.parse(run.data), { city: 'Paris', days: 3 });
    assert.match(run.debug_url, new RegExp(flows.echo));
  });

  test('workflows.runs.create without waiting, and workflows.runs.history', async () => {
    const run = await api.workflows.runs.create({ workflow_id: flows.echo, parameters: { city: 'Rome' }, is_async: true });
    assertId(run.execute_id);
    let past;
    do {
      [past] = await api.workflows.runs.history(flows.echo, run.execute_id);
    } while (past.execute_status === 'Running');
    assert.equal(past.execute_id, run.execute_id);
    assert.equal(past.execute_status, 'Success');
    assert.equal(past.run_mode, 2);
    assert.deepEqual(JSON.parse(JSON.parse(past.output).Output), { city: 'Rome' });
    assertNow(past.create_time);
  });

  test('workflows.runs.create of a run that fails', async () => {
    await assert.rejects(api.workflows.runs.create({ workflow_id: flows.fail }), { code: 720702002, msg: 'the node Plugin failed' });
  });

  test('workflows.runs.stream', async () => {
    const events = await collect(api.workflows.runs.stream({ workflow_id: flows.story, parameters: { title: 'A story' } }));
    assert.deepEqual(events.map((e) => e.id), [...events.keys()]);
    const writer = events.filter((e) => e.data?.node_title === 'Writer');
    assert.equal(writer.map((e) => e.data.content).join(''), 'Once upon a time.');
    assert.deepEqual(writer.map((e) => e.data.node_is_finish), [false, false, true]);
    assert.deepEqual(writer.map((e) => e.data.node_seq_id), ['0', '1', '2']);
    assert.ok(events.some((e) => e.event === 'PING'));
    assert.deepEqual(JSON.parse(events.at(-2).data.content), { title: 'A story' });
    assert.equal(events.at(-1).event, WorkflowEventType.DONE);
  });

  test('workflows.runs.stream of a run that fails', async () => {
    const events = await collect(api.workflows.runs.stream({ workflow_id: flows.fail }));
    assert.equal(events.at(-1).event, WorkflowEventType.ERROR);
    assert.equal(events.at(-1).data.error_code, 720702002);
    assert.equal(events.at(-1).data.error_message, 'the node Plugin failed');
  });

  test('workflows.runs.resume', async () => {
    const events = await collect(api.workflows.runs.stream({ workflow_id: flows.ask, bot_id: fake.bots.echo }));
    const { event, data } = events.at(-1);
    assert.equal(event, WorkflowEventType.INTERRUPT);
    assert.equal(data.interrupt_data.type, 2);
    assert.ok(data.interrupt_data.event_id);
    assert.ok(data.node_title);

    const rest = await collect(
      api.workflows.runs.resume({
        workflow_id: flows.ask,
        event_id: data.interrupt_data.event_id,
        interrupt_type: data.interrupt_data.type,
        resume_data: 'Berlin',
      }),
    );
    assert.equal(rest[0].id, 0);
    assert.deepEqual(rest.map((e) => e.event), [WorkflowEventType.MESSAGE, WorkflowEventType.DONE]);
    assert.equal(rest[0].data.content, 'The city is Berlin');
  });

  test('workflows.chat.stream', async () => {
    const events = await collect(
      api.workflows.chat.stream({
        workflow_id: flows.chat,
        bot_id: fake.bots.echo,
        parameters: {},
        additional_messages: [{ role: RoleType.User, content: 'tea', content_type: 'text' }],
      }),
    );
    const names = events.map((e) => e.event);
    assert.equal(names[0], ChatEventType.CONVERSATION_CHAT_CREATED);
    assert.deepEqual(names.slice(-2), [ChatEventType.CONVERSATION_CHAT_COMPLETED, ChatEventType.DONE]);
    const answer = events.find((e) => e.event === ChatEventType.CONVERSATION_MESSAGE_COMPLETED && e.data.type === 'answer');
    assert.equal(answer.data.content, 'About tea');
    assertId(events[0].data.conversation_id);
  });
}
