// What a page does with the vendor's SDK behind coze.NewProxy. The SDK is bundled as it comes from its package; it is given no token, since the
// proxy knows the visitor by a cookie.
import { CozeAPI, RoleType, WebsocketsEventType as Type } from '@coze/api';

const base = `${location.origin}/api`;
const api = new CozeAPI({ baseURL: base, baseWsURL: base.replace(/^http/, 'ws'), token: '' });
const ask = (content) => [{ role: RoleType.User, content, content_type: 'text' }];

/** What the page has seen, for tests to read. */
window.seen = { text: '', events: [] };

/** Streams an answer into the page. */
window.stream = async (bot_id, question) => {
  for await (const { event, data } of api.chat.stream({ bot_id, user_id: 'visitor', additional_messages: ask(question) })) {
    seen.events.push(event);
    if (event === 'conversation.message.delta') {
      seen.text += data.content;
      document.querySelector('output').textContent = seen.text;
    }
  }
};

/** Starts a chat, asks until it is over, and returns it with its messages. */
window.poll = (bot_id, question) => api.chat.createAndPoll({ bot_id, user_id: 'visitor', additional_messages: ask(question) });

window.conversations = {
  create: (bot_id, meta_data) => api.conversations.create({ bot_id, meta_data }),
  list: (bot_id) => api.conversations.list({ bot_id }),
  messages: (id) => api.conversations.messages.list(id),
};

/** Uploads a table, and reads what the platform knows of the file. */
window.upload = async (name, text) => {
  const { id } = await api.files.upload({ file: new File([text], name, { type: 'text/csv' }) });
  return api.files.retrieve(id);
};

/** Asks by websocket and returns the events up to the end of the answer. */
window.talk = async (bot_id, content) => {
  const socket = await api.websockets.chat.create({ bot_id });
  try {
    return await new Promise((resolve, reject) => {
      const events = [];
      socket.onerror = (error) => reject(new Error(JSON.stringify(error)));
      socket.onmessage = (event) => {
        events.push(event);
        switch (event.event_type) {
          case Type.CHAT_CREATED:
            socket.send({ id: 'event_1', event_type: Type.CHAT_UPDATE, data: { chat_config: { user_id: 'visitor' }, output_audio: { codec: 'g711a' } } });
            break;
          case Type.CHAT_UPDATED:
            socket.send({ id: 'event_2', event_type: Type.CONVERSATION_MESSAGE_CREATE, data: { role: 'user', content_type: 'text', content } });
            break;
          case Type.CONVERSATION_CHAT_COMPLETED:
            resolve(events);
            break;
          case Type.ERROR:
            reject(new Error(JSON.stringify(event)));
        }
      };
    });
  } finally {
    socket.close(1000); // or the SDK connects again
  }
};

/** Makes calls that are refused, and returns what the SDK makes of the refusals. */
window.refusals = async (bot_id) => {
  const found = {};
  for (const [name, call] of Object.entries({
    'another operation': () => api.workspaces.list(),
    'a chat that does not exist': () => api.chat.retrieve('1', '2'),
    'a body that is too long': () => api.chat.create({ bot_id, user_id: 'visitor', additional_messages: ask('x'.repeat(20_000)) }),
  })) {
    found[name] = await call().then(
      () => ({ type: 'nothing was refused' }),
      (e) => ({ type: e.constructor.name, status: e.status ?? 0, code: e.code ?? 0, message: e.message, logID: e.logid ?? '' }),
    );
  }
  // Of a refusal in place of a stream the SDK makes an event.
  for await (const { event, data } of api.chat.stream({ bot_id: '99', user_id: 'visitor', additional_messages: ask('Hello') })) {
    const { code, msg, detail } = typeof data === 'string' ? JSON.parse(data) : data;
    found['a stream'] = { type: `event ${event}`, status: 0, code, message: msg, logID: detail.logid };
  }
  return found;
};

document.documentElement.dataset.ready = 'yes';
