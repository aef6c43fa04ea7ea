import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CozeAPI, WebsocketsEventType as Type } from '@coze/api';

import { assertId, wav } from '../support/values.js';

const patience = 30_000; // ms

/** Waits for the events of a websocket, one after the other. */
class Events {
  #queue = [];
  #waiting = [];

  constructor(socket) {
    this.socket = socket;
    const give = (what) => {
      const next = this.#waiting.shift();
      next ? next(what) : this.#queue.push(what);
    };
    socket.onmessage = (event) => give({ event });
    socket.onerror = (error) => give({ error });
  }

  #next() {
    if (this.#queue.length > 0) {
      return Promise.resolve(this.#queue.shift());
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no event came')), patience);
      this.#waiting.push((what) => {
        clearTimeout(timer);
        resolve(what);
      });
    });
  }

  /** Collects the events up to the first one of a type. */
  async until(type) {
    const all = [];
    for (;;) {
      const { event, error } = await this.#next();
      assert.equal(error, undefined, JSON.stringify(error));
      assert.ok(event.id);
      assert.ok(event.detail.logid);
      all.push(event);
      if (event.event_type === type) {
        return all;
      }
      assert.notEqual(event.event_type, Type.ERROR, JSON.stringify(event.data));
    }
  }

  /** The error that the SDK makes of a refused handshake. */
  async error() {
    const { error } = await this.#next();
    return error;
  }
}

let ids = 0;

/** Sends an event with an id, as the types of the SDK want it. */
function send(socket, type, data) {
  socket.send({ id: `event_${++ids}`, event_type: type, ...(data && { data }) });
}

const types = (events) => [...new Set(events.map((e) => e.event_type))];
const ofType = (events, type) => events.filter((e) => e.event_type === type);
const joined = (texts) => Buffer.concat(texts.map((t) => Buffer.from(t, 'base64')));

export default function websocketsSuite({ fake, counter }) {
  const options = { baseURL: fake.url, baseWsURL: fake.url.replace(/^http/, 'ws') };
  const { websockets } = counter.client(new CozeAPI({ ...options, token: fake.token }));

  /** Talks through a socket, and closes it, so that the SDK does not connect again. */
  async function talk(opening, f) {
    const socket = await opening;
    try {
      await f(socket, new Events(socket));
    } finally {
      socket.close(1000);
    }
  }

  test('websockets.audio.speech.create', () =>
    talk(websockets.audio.speech.create(), async (socket, events) => {
      await events.until(Type.SPEECH_CREATED);
      send(socket, Type.SPEECH_UPDATE, { output_audio: { codec: 'pcm', pcm_config: { sample_rate: 16000 }, speech_rate: 0 } });
      const [updated] = await events.until(Type.SPEECH_UPDATED);
      assert.equal(updated.data.output_audio.pcm_config.sample_rate, 16000);

      send(socket, Type.INPUT_TEXT_BUFFER_APPEND, { delta: 'Hello ' });
      send(socket, Type.INPUT_TEXT_BUFFER_APPEND, { delta: 'you. Bye.' });
      send(socket, Type.INPUT_TEXT_BUFFER_COMPLETE);
      const run = await events.until(Type.SPEECH_AUDIO_COMPLETED);
      assert.equal(run[0].event_type, Type.INPUT_TEXT_BUFFER_COMPLETED);
      assert.deepEqual(
        ofType(run, Type.CONVERSATION_AUDIO_SENTENCE_START).map((e) => e.data.text),
        ['Hello you. ', 'Bye.'],
      );
      const audio = joined(ofType(run, Type.SPEECH_AUDIO_UPDATE).map((e) => e.data.delta));
      assert.equal(audio.length, (15 * 0.1 + 0.3) * 16000 * 2); // 0.1 s for each character, and the silence at the end
      assert.ok(audio.subarray(0, 3200).some((b) => b !== 0));
      assert.ok(audio.subarray(-9600).every((b) => b === 0));
    }));

  test('websockets.audio.transcriptions.create', () =>
    talk(websockets.audio.transcriptions.create({ entity_type: 'bot', entity_id: fake.bots.echo }), async (socket, events) => {
      await events.until(Type.TRANSCRIPTIONS_CREATED);
      const format = { format: 'pcm', codec: 'pcm', sample_rate: 24000, channel: 1, bit_depth: 16 };
      send(socket, Type.TRANSCRIPTIONS_UPDATE, { input_audio: format });
      const [updated] = await events.until(Type.TRANSCRIPTIONS_UPDATED);
      assert.deepEqual(updated.data.input_audio, format);

      send(socket, Type.INPUT_AUDIO_BUFFER_APPEND, { delta: wav().subarray(44).toString('base64') });
      send(socket, Type.INPUT_AUDIO_BUFFER_COMPLETE);
      const run = await events.until(Type.TRANSCRIPTIONS_MESSAGE_COMPLETED);
      assert.equal(run[0].event_type, Type.INPUT_AUDIO_BUFFER_COMPLETED);
      const texts = ofType(run, Type.TRANSCRIPTIONS_MESSAGE_UPDATE).map((e) => e.data.content);
      assert.ok(texts.length > 1);
      assert.ok(texts.every((text) => fake.transcript.startsWith(text)));
      assert.equal(texts.at(-1), fake.transcript);
    }));

  test('websockets.audio.simultInterpretation.create', () =>
    talk(websockets.audio.simultInterpretation.create(), async (socket, events) => {
      await events.until(Type.SIMULT_INTERPRETATION_CREATED);
      send(socket, Type.SIMULT_INTERPRETATION_UPDATE, { input_audio: { format: 'wav' }, translate_config: { from: 'en', to: 'zh' } });
      const [updated] = await events.until(Type.SIMULT_INTERPRETATION_UPDATED);
      assert.equal(updated.data.translate_config.to, 'zh');
      send(socket, Type.INPUT_AUDIO_BUFFER_APPEND, { delta: wav().toString('base64') });
      send(socket, Type.INPUT_AUDIO_BUFFER_COMPLETE);
      const run = await events.until(Type.SIMULT_INTERPRETATION_MESSAGE_COMPLETED);
      const text = (type) => ofType(run, type).map((e) => e.data.delta).join('');
      assert.equal(text(Type.SIMULT_INTERPRETATION_TRANSCRIPTION_DELTA), fake.transcript);
      assert.equal(text(Type.SIMULT_INTERPRETATION_TRANSLATION_DELTA), `[zh] ${fake.transcript}`);
      assert.ok(joined(ofType(run, Type.SIMULT_INTERPRETATION_AUDIO_DELTA).map((e) => e.data.delta)).length > 48000);
    }));

  test('websockets.chat.create: a posted text, interrupted and not', () =>
    talk(websockets.chat.create({ bot_id: fake.bots.echo }), async (socket, events) => {
      await events.until(Type.CHAT_CREATED);
      send(socket, Type.CHAT_UPDATE, { chat_config: { user_id: 'u1', meta_data: { from: 'node' } }, output_audio: { codec: 'g711a' } });
      const [updated] = await events.until(Type.CHAT_UPDATED);
      assert.equal(updated.data.chat_config.user_id, 'u1');
      assert.equal(updated.data.input_audio.sample_rate, 24000);

      send(socket, Type.CONVERSATION_MESSAGE_CREATE, { role: 'user', content_type: 'text', content: 'Hello' });
      const turn = await events.until(Type.CONVERSATION_CHAT_COMPLETED);
      assert.deepEqual(types(turn).slice(0, 4), [
        Type.CONVERSATION_MESSAGE_COMPLETED,
        Type.CONVERSATION_CHAT_CREATED,
        Type.CONVERSATION_CHAT_IN_PROGRESS,
        Type.CONVERSATION_MESSAGE_DELTA,
      ]);
      const messages = ofType(turn, Type.CONVERSATION_MESSAGE_COMPLETED).map((e) => e.data);
      assert.deepEqual(messages.map((m) => m.type), ['question', 'answer', 'verbose', 'follow_up', 'follow_up']);
      const answer = messages[1];
      assert.equal(answer.content, 'You said: Hello');
      assert.equal(ofType(turn, Type.CONVERSATION_MESSAGE_DELTA).map((e) => e.data.content).join(''), answer.content);
      const sounds = ofType(turn, Type.CONVERSATION_AUDIO_DELTA).map((e) => e.data);
      assert.ok(sounds.every((s) => s.id === answer.id && s.content_type === 'audio'));
      assert.equal(joined(sounds.map((s) => s.content)).length, (answer.content.length * 0.1 + 0.3) * 8000);
      const chat = turn.at(-1).data;
      assertId(chat.id);
      assert.equal(chat.bot_id, fake.bots.echo);
      assert.deepEqual(chat.meta_data, { from: 'node' });
      assert.equal(chat.usage.token_count, chat.usage.input_count + chat.usage.output_count);

      send(socket, Type.CONVERSATION_CLEAR);
      await events.until(Type.CONVERSATION_CLEARED);
    }));

  test('websockets.chat.create: an answer is canceled, a tool is called, a chat fails', async () => {
    const ask = (content) => ({ role: 'user', content_type: 'text', content });
    await talk(websockets.chat.create({ bot_id: fake.bots.slow }), async (socket, events) => {
      send(socket, Type.CONVERSATION_MESSAGE_CREATE, ask('Hello'));
      await events.until(Type.CONVERSATION_MESSAGE_DELTA);
      send(socket, Type.CONVERSATION_CHAT_CANCEL);
      const canceled = (await events.until(Type.CONVERSATION_CHAT_CANCELED)).at(-1);
      assert.equal(canceled.data.code, 2);
    });
    await talk(websockets.chat.create({ bot_id: fake.bots.tool }), async (socket, events) => {
      send(socket, Type.CONVERSATION_MESSAGE_CREATE, ask('What is the weather?'));
      const { data } = (await events.until(Type.CONVERSATION_CHAT_REQUIRES_ACTION)).at(-1);
      const [call] = data.required_action.submit_tool_outputs.tool_calls;
      assert.equal(call.function.name, 'get_weather');
      send(socket, Type.CONVERSATION_CHAT_SUBMIT_TOOL_OUTPUTS, { chat_id: data.id, tool_outputs: [{ tool_call_id: call.id, output: 'sunny' }] });
      const rest = await events.until(Type.CONVERSATION_CHAT_COMPLETED);
      assert.equal(rest.at(-1).data.id, data.id);
      const answer = ofType(rest, Type.CONVERSATION_MESSAGE_COMPLETED).find((e) => e.data.type === 'answer');
      assert.equal(answer.data.content, 'The weather in Paris: sunny');
    });
    await talk(websockets.chat.create({ bot_id: fake.bots.fail }), async (socket, events) => {
      send(socket, Type.CONVERSATION_MESSAGE_CREATE, ask('Hello'));
      const { data } = (await events.until(Type.CONVERSATION_CHAT_FAILED)).at(-1);
      assert.deepEqual(data.last_error, { code: 4028, msg: 'no balance is left' });
    });
  });

  test('websockets.chat.create: talking freely', () =>
    talk(websockets.chat.create({ bot_id: fake.bots.echo, workflow_id: fake.workflows.chat }), async (socket, events) => {
      send(socket, Type.CHAT_UPDATE, {
        input_audio: { format: 'pcm', codec: 'pcm', sample_rate: 24000, channel: 1, bit_depth: 16 },
        turn_detection: { type: 'server_vad', prefix_padding_ms: 600, silence_duration_ms: 500 },
        need_play_prologue: true,
      });
      const prologue = await events.until(Type.CONVERSATION_AUDIO_COMPLETED);
      assert.equal(prologue.at(-1).data.chat_id, '0');
      const sound = wav().subarray(44);
      const silence = Buffer.alloc(sound.length);
      for (const piece of [silence, sound, sound, sound, ...Array(6).fill(silence)]) {
        send(socket, Type.INPUT_AUDIO_BUFFER_APPEND, { delta: piece.toString('base64') });
      }
      const turn = await events.until(Type.CONVERSATION_CHAT_COMPLETED);
      assert.deepEqual(types(turn).slice(0, 4), [
        Type.INPUT_AUDIO_BUFFER_SPEECH_STARTED,
        Type.INPUT_AUDIO_BUFFER_SPEECH_STOPPED,
        Type.CONVERSATION_AUDIO_TRANSCRIPT_UPDATE,
        Type.CONVERSATION_AUDIO_TRANSCRIPT_COMPLETED,
      ]);
      assert.equal(ofType(turn, Type.CONVERSATION_AUDIO_TRANSCRIPT_COMPLETED)[0].data.content, fake.transcript);
      const answer = ofType(turn, Type.CONVERSATION_MESSAGE_COMPLETED).find((e) => e.data.type === 'answer');
      assert.equal(answer.data.content, `About ${fake.transcript}`);
    }));

  test('websockets: refused handshakes', async () => {
    const refusal = async (token, bot) => {
      const client = new CozeAPI({ ...options, token, websocketOptions: { maxRetries: 0 } });
      const socket = await client.websockets.chat.create({ bot_id: bot });
      const error = await new Events(socket).error();
      socket.close(1000);
      return error;
    };
    const unauthorized = await refusal('nobody', fake.bots.echo);
    assert.equal(unauthorized.data.code, 401);
    assert.equal(unauthorized.data.msg, 'Unauthorized');
    const unknown = await refusal(fake.token, '99');
    assert.equal(unknown.data.code, 500); // as the SDK calls what is not 401 or 403
  });
}
