import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ChatEventType, ChatStatus, RoleType } from '@coze/api';

import { assertId, assertNow, collect } from '../support/values.js';

const ask = (content) => [{ role: RoleType.User, content, content_type: 'text' }];

/** The texts of the answers in a stream, in full, and the deltas that they came in. */
function answersOf(events) {
  const answers = events.filter((e) => e.event === ChatEventType.CONVERSATION_MESSAGE_COMPLETED && e.data.type === 'answer');
  const deltas = events.filter((e) => e.event === ChatEventType.CONVERSATION_MESSAGE_DELTA);
  return { texts: answers.map((e) => e.data.content), deltas: deltas.map((e) => e.data.content) };
}

export default function chatSuite({ api, fake }) {
  const { bots } = fake;

  test('chat.create, chat.retrieve and chat.messages.list', async () => {
    const made = await api.chat.create({ bot_id: bots.echo, user_id: 'u1', additional_messages: ask('Hello'), meta_data: { from: 'node' } });
    assertId(made.id);
    assertId(made.conversation_id);
    assert.equal(made.bot_id, bots.echo);
    assert.equal(made.status, ChatStatus.IN_PROGRESS);
    assertNow(made.created_at);

    let chat = made;
    while (chat.status === ChatStatus.IN_PROGRESS) {
      chat = await api.chat.retrieve(made.conversation_id, made.id);
    }
    assert.equal(chat.id, made.id);
    assert.equal(chat.status, ChatStatus.COMPLETED);
    assert.equal(chat.usage.token_count, chat.usage.input_count + chat.usage.output_count);
    assert.deepEqual(chat.meta_data, { from: 'node' });
    assertNow(chat.completed_at);

    const messages = await api.chat.messages.list(made.conversation_id, made.id);
    const answer = messages.find((m) => m.type === 'answer');
    assert.equal(answer.content, 'You said: Hello');
    assert.equal(answer.role, RoleType.Assistant);
    assert.equal(answer.content_type, 'text');
    assert.equal(answer.chat_id, made.id);
    assert.equal(messages.filter((m) => m.type === 'follow_up').length, 2);
  });

  test('chat.createAndPoll', async () => {
    const { chat, messages } = await api.chat.createAndPoll({ bot_id: bots.echo, additional_messages: ask('你好') });
    assert.equal(chat.status, ChatStatus.COMPLETED);
    assert.ok(chat.usage.token_count > 0);
    assert.deepEqual(messages.filter((m) => m.type === 'answer').map((m) => m.content), ['你刚才说的是：你好']);
  });

  test('chat.createAndPoll of a chat that fails', async () => {
    const { chat } = await api.chat.createAndPoll({ bot_id: bots.fail, additional_messages: ask('Hello') });
    assert.equal(chat.status, ChatStatus.FAILED);
    assert.deepEqual(chat.last_error, { code: 4028, msg: 'no balance is left' });
  });

  test('chat.stream', async () => {
    const events = await collect(api.chat.stream({ bot_id: bots.echo, additional_messages: ask('How do you do?') }));
    const names = events.map((e) => e.event);
    assert.deepEqual(names.slice(0, 2), [ChatEventType.CONVERSATION_CHAT_CREATED, ChatEventType.CONVERSATION_CHAT_IN_PROGRESS]);
    assert.deepEqual(names.slice(-2), [ChatEventType.CONVERSATION_CHAT_COMPLETED, ChatEventType.DONE]);
    assert.equal(events.at(-1).data, '[DONE]');
    const { texts, deltas } = answersOf(events);
    assert.deepEqual(texts, ['You said: How do you do?']);
    assert.ok(deltas.length > 1);
    assert.equal(deltas.join(''), texts[0]);
    const last = events.at(-2).data;
    assert.equal(last.status, ChatStatus.COMPLETED);
    assert.ok(last.usage.output_count > 0);
    assert.equal(last.id, events[0].data.id);
    assert.equal(events.filter((e) => e.data.type === 'follow_up').length, 2);
  });

  test('chat.stream in a conversation, with parts of several types', async () => {
    const conversation = await api.conversations.create({ bot_id: bots.echo });
    const events = await collect(
      api.chat.stream({
        bot_id: bots.echo,
        user_id: 'u1',
        conversation_id: conversation.id,
        custom_variables: { city: 'Paris' },
        additional_messages: [
          {
            role: RoleType.User,
            content: [
              { type: 'text', text: 'What is this?' },
              { type: 'image', file_url: 'https://example.com/a.png' },
            ],
            content_type: 'object_string',
          },
        ],
      }),
    );
    assert.equal(events[0].data.conversation_id, conversation.id);
    assert.deepEqual(answersOf(events).texts, ['You said: What is this?']);
  });

  test('chat.stream of a chat that fails', async () => {
    const events = await collect(api.chat.stream({ bot_id: bots.fail, additional_messages: ask('Hello') }));
    const failed = events.find((e) => e.event === ChatEventType.CONVERSATION_CHAT_FAILED);
    assert.equal(failed.data.status, ChatStatus.FAILED);
    assert.equal(failed.data.last_error.code, 4028);
    assert.equal(events.at(-1).event, ChatEventType.DONE);
  });

  test('chat.cancel', async () => {
    const made = await api.chat.create({ bot_id: bots.slow, user_id: 'u1', additional_messages: ask('Take your time') });
    const canceled = await api.chat.cancel(made.conversation_id, made.id);
    assert.equal(canceled.id, made.id);
    assert.equal(canceled.conversation_id, made.conversation_id);
    assert.equal(canceled.status, ChatStatus.CANCELED);
    assert.equal((await api.chat.retrieve(made.conversation_id, made.id)).status, ChatStatus.CANCELED);
    await assert.rejects(api.chat.cancel(made.conversation_id, made.id), { code: 4104 });
  });

  test('chat.submitToolOutputs, streamed', async () => {
    const first = await collect(
      api.chat.stream({ bot_id: bots.tool, additional_messages: ask('What is the weather?'), auto_save_history: true }),
    );
    const { data: chat } = first.find((e) => e.event === ChatEventType.CONVERSATION_CHAT_REQUIRES_ACTION);
    assert.equal(chat.status, ChatStatus.REQUIRES_ACTION);
    assert.equal(chat.required_action.type, 'submit_tool_outputs');
    const [call] = chat.required_action.submit_tool_outputs.tool_calls;
    assert.equal(call.type, 'function');
    assert.equal(call.function.name, 'get_weather');
    assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Paris' });

    const second = await collect(
      api.chat.submitToolOutputs({
        conversation_id: chat.conversation_id,
        chat_id: chat.id,
        tool_outputs: [{ tool_call_id: call.id, output: 'sunny' }],
        stream: true,
      }),
    );
    assert.deepEqual(answersOf(second).texts, ['The weather in Paris: sunny']);
    assert.equal(second.at(-2).event, ChatEventType.CONVERSATION_CHAT_COMPLETED);
    assert.equal(second.at(-2).data.id, chat.id);
  });

  test('chat.submitToolOutputs, not streamed', async () => {
    const { chat } = await api.chat.createAndPoll({ bot_id: bots.tool, additional_messages: ask('And now?'), auto_save_history: true });
    assert.equal(chat.status, ChatStatus.REQUIRES_ACTION);
    const [call] = chat.required_action.submit_tool_outputs.tool_calls;
    // The SDK declares auto_save_history here, which the documentation does not have. Without a stream it returns the chat as the
    // value that the generator ends with.
    const { value, done } = await api.chat
      .submitToolOutputs({
        conversation_id: chat.conversation_id,
        chat_id: chat.id,
        tool_outputs: [{ tool_call_id: call.id, output: 'rain' }],
        auto_save_history: true,
        stream: false,
      })
      .next();
    assert.ok(done);
    assert.equal(value.id, chat.id);
    assert.equal(value.status, ChatStatus.IN_PROGRESS);
    let now = value;
    while (now.status === ChatStatus.IN_PROGRESS) {
      now = await api.chat.retrieve(chat.conversation_id, chat.id);
    }
    const messages = await api.chat.messages.list(chat.conversation_id, chat.id);
    assert.equal(messages.find((m) => m.type === 'answer').content, 'The weather in Paris: rain');
    assert.equal(messages.find((m) => m.type === 'tool_response').content, 'rain');
  });
}
