import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { asApiError, errorOf } from '../src/errors.js';
import { contentOf, fromHistory, toolCallOf } from '../src/messages.js';
import { OptionError, resolveOptions, type ChatOptions, type Settings } from '../src/options.js';
import { PageTokens } from '../src/tokens.js';
import { wavOf } from '../src/wav.js';

const around = { scriptUrl: 'https://chat.example/chat/coze-chat.js', pageUrl: 'https://page.example/shop/', mobile: false };
const bot: ChatOptions = { config: { botInfo: { botId: '1' } } };

test('options: defaults', () => {
  const s = resolveOptions(bot, around);
  assert.deepEqual(s.target, { type: 'bot', botId: '1', parameters: {} });
  assert.equal(s.apiBaseUrl, 'https://chat.example/chat/api');
  assert.equal(s.connectorId, '999');
  assert.equal(s.auth, undefined);
  assert.deepEqual(
    [s.layout, s.lang, s.theme, s.button, s.header.show, s.header.close, s.width, s.uploads, s.clearContext, s.clearMessages, s.audio, s.toolSteps],
    ['pc', 'en', 'auto', true, true, true, 460, true, true, true, true, true]);
  assert.deepEqual([s.newConversation, s.quote, s.conversations, s.feedback, s.open], [false, false, false, false, false]);
});

test('options: the layout follows the device', () => {
  assert.equal(resolveOptions(bot, { ...around, mobile: true }).layout, 'mobile');
  assert.equal(resolveOptions({ ...bot, ui: { base: { layout: 'pc' } } }, { ...around, mobile: true }).layout, 'pc');
});

test('options: addresses of the api', () => {
  const base = (apiBaseUrl: string | undefined, scriptUrl = around.scriptUrl): string =>
    resolveOptions({ config: { botId: '1', ...(apiBaseUrl === undefined ? {} : { apiBaseUrl }) } }, { ...around, scriptUrl }).apiBaseUrl;
  assert.equal(base('/chat/api/'), 'https://page.example/chat/api');
  assert.equal(base('https://api.coze.cn'), 'https://api.coze.cn');
  assert.equal(base(undefined, ''), 'https://page.example/shop/api');
});

test('options: older names, apps and what is missing', () => {
  assert.deepEqual(resolveOptions({ config: { bot_id: '2' } }, around).target, { type: 'bot', botId: '2', parameters: {} });
  const app = resolveOptions({ config: { type: 'app', appInfo: { appId: '3', workflowId: '4' } } }, around).target;
  assert.deepEqual(app, { type: 'app', appId: '3', workflowId: '4', conversationName: 'Default', parameters: {}, version: '' });
  assert.throws(() => resolveOptions({}, around), OptionError);
  assert.throws(() => resolveOptions({ config: { type: 'app', appInfo: { appId: '3' } } }, around), OptionError);
});

test('options: tokens and languages', () => {
  assert.deepEqual(resolveOptions({ ...bot, auth: { type: 'token', token: 't' } }, around).auth, { token: 't', refresh: undefined });
  assert.equal(resolveOptions({ ...bot, auth: { type: 'unauth' } }, around).auth, undefined);
  for (const [given, want] of [['zh-CN', 'zh-CN'], ['zh', 'zh-CN'], ['zh-Hans', 'zh-CN'], ['en', 'en'], ['fr', 'en'], ['', 'en']] as const) {
    assert.equal(resolveOptions({ ...bot, ui: { base: { lang: given } } }, around).lang, want, given);
  }
});

// Every option of the vendor's Chat SDK, with a value that is not the default, and where it arrives.
const node = {} as HTMLElement;
const call = (): void => undefined;
const read: [name: string, option: ChatOptions, setting: (s: Settings) => unknown, want: unknown][] = [
  ['config.botId', { config: { botId: '2' } }, (s) => s.target, { type: 'bot', botId: '2', parameters: {} }],
  ['config.bot_id', { config: { bot_id: '2' } }, (s) => s.target, { type: 'bot', botId: '2', parameters: {} }],
  ['config.botInfo.botId', { config: { botInfo: { botId: '2', parameters: { a: 1 } } } }, (s) => s.target, { type: 'bot', botId: '2', parameters: { a: 1 } }],
  ['config.type', { config: { type: 'app', appInfo: { appId: '3', workflowId: '4', conversationName: 'n', parameters: { a: 1 }, version: 'v1' } } },
    (s) => s.target, { type: 'app', appId: '3', workflowId: '4', conversationName: 'n', parameters: { a: 1 }, version: 'v1' }],
  ['auth.token', { auth: { type: 'token', token: '', onRefreshToken: () => 't' } }, (s) => [s.auth?.token, s.auth?.refresh?.('')], ['', 't']],
  ['auth.connectorId', { auth: { connectorId: '10000010' } }, (s) => s.connectorId, '10000010'],
  ['userInfo.id', { userInfo: { id: 'u', url: 'x', nickname: 'n' } }, (s) => s.user, { id: 'u', avatar: 'x', nickname: 'n' }],
  ['extra.webChat', { extra: { webChat: { a: 'b' } } }, (s) => s.extra, { a: 'b' }],
  ['ui.base.icon', { ui: { base: { icon: 'i' } } }, (s) => s.icon, 'i'],
  ['ui.base.layout', { ui: { base: { layout: 'mobile' } } }, (s) => s.layout, 'mobile'],
  ['ui.base.lang', { ui: { base: { lang: 'zh-CN' } } }, (s) => s.lang, 'zh-CN'],
  ['ui.base.zIndex', { ui: { base: { zIndex: 5 } } }, (s) => s.zIndex, 5],
  ['ui.asstBtn.isNeed', { ui: { asstBtn: { isNeed: false } } }, (s) => s.button, false],
  ['ui.header.isShow', { ui: { header: { isShow: false } } }, (s) => s.header.show, false],
  ['ui.header.isNeedClose', { ui: { header: { isNeedClose: false } } }, (s) => s.header.close, false],
  ['ui.header.extra', { ui: { header: { extra: node } } }, (s) => s.header.extra, node],
  ['ui.chatBot.title', { ui: { chatBot: { title: 't' } } }, (s) => s.title, 't'],
  ['ui.chatBot.uploadable', { ui: { chatBot: { uploadable: false } } }, (s) => s.uploads, false],
  ['ui.chatBot.width', { ui: { chatBot: { width: 300 } } }, (s) => s.width, 300],
  ['ui.chatBot.el', { ui: { chatBot: { el: node } } }, (s) => s.el, node],
  ['ui.chatBot.isNeedClearContext', { ui: { chatBot: { isNeedClearContext: false } } }, (s) => s.clearContext, false],
  ['ui.chatBot.isNeedClearMessage', { ui: { chatBot: { isNeedClearMessage: false } } }, (s) => s.clearMessages, false],
  ['ui.chatBot.isNeedAddNewConversation', { ui: { chatBot: { isNeedAddNewConversation: true } } }, (s) => s.newConversation, true],
  ['ui.chatBot.isNeedConversationAdd', { ui: { chatBot: { isNeedConversationAdd: true } } }, (s) => s.newConversation, true],
  ['ui.chatBot.isNeedAudio', { ui: { chatBot: { isNeedAudio: false } } }, (s) => s.audio, false],
  ['ui.chatBot.isNeedFunctionCallMessage', { ui: { chatBot: { isNeedFunctionCallMessage: false } } }, (s) => s.toolSteps, false],
  ['ui.chatBot.isNeedQuote', { ui: { chatBot: { isNeedQuote: true } } }, (s) => s.quote, true],
  ['ui.chatBot.feedback.isNeedFeedback', { ui: { chatBot: { feedback: { isNeedFeedback: true } } } }, (s) => s.feedback, true],
  ['ui.chatBot.feedback.feedbackPanel', { ui: { chatBot: { feedback: { feedbackPanel: { title: 't' } } } } }, (s) => s.feedbackPanel, { title: 't' }],
  ['ui.chatBot.onShow', { ui: { chatBot: { onShow: call } } }, (s) => s.onShow === call, true],
  ['ui.chatBot.onHide', { ui: { chatBot: { onHide: call } } }, (s) => s.onHide === call, true],
  ['ui.chatBot.onBeforeShow', { ui: { chatBot: { onBeforeShow: call } } }, (s) => s.onBeforeShow === call, true],
  ['ui.chatBot.onBeforeHide', { ui: { chatBot: { onBeforeHide: call } } }, (s) => s.onBeforeHide === call, true],
  ['ui.footer.isShow', { ui: { footer: { isShow: false } } }, (s) => s.footer.show, false],
  ['ui.footer.expressionText', { ui: { footer: { expressionText: '{{a}}', linkvars: { a: { text: 'x' } } } } }, (s) => [s.footer.text, s.footer.links],
    ['{{a}}', { a: { text: 'x' } }]],
  ['ui.conversations.isNeed', { ui: { conversations: { isNeed: true } } }, (s) => [s.conversations, s.newConversation], [true, true]],
  ['el', { el: node }, (s) => [s.el, s.header.close], [node, false]],
  ['componentProps', { componentProps: { title: 't', icon: 'i', layout: 'mobile', lang: 'zh-CN', width: 300, zIndex: 5, uploadable: false } },
    (s) => [s.title, s.icon, s.layout, s.lang, s.width, s.zIndex, s.uploads], ['t', 'i', 'mobile', 'zh-CN', 300, 5, false]],
];

test('options: each that the Chat SDK has is read, and stands in the README', () => {
  const readme = readFileSync('README.md', 'utf8');
  for (const [name, option, setting, want] of read) {
    assert.notDeepEqual(setting(resolveOptions(bot, around)), want, `${name} by default`);
    assert.deepEqual(setting(resolveOptions({ ...bot, ...option }, around)), want, name);
    const last = name.slice(name.lastIndexOf('.') + 1);
    assert.match(readme, new RegExp(`[\`.{ ]${last}[\`,{}]`), `${name} is not in the README`);
  }
});

test('options: new names go before old ones', () => {
  const s = resolveOptions({ ...bot, el: node, componentProps: { title: 'old', lang: 'zh-CN' }, ui: { base: { lang: 'en' }, chatBot: { title: 'new' } } }, around);
  assert.deepEqual([s.title, s.lang, s.el], ['new', 'en', node]);
});

test('tokens: calls at the same time share a fetch', async () => {
  let fetches = 0;
  const tokens = new PageTokens('old', async () => `new-${++fetches}`);
  assert.equal(await tokens.get(), 'old');
  assert.deepEqual(await Promise.all([tokens.renew('old'), tokens.renew('old')]), ['new-1', 'new-1']);
  assert.equal(await tokens.renew('old'), 'new-1', 'one that comes late takes what is there');
  assert.equal(await tokens.renew('new-1'), 'new-2');
  assert.equal(await new PageTokens('x', undefined).renew('x'), undefined);
});

test('errors: kinds and tokens', () => {
  for (const [code, status, kind, wantsToken] of [
    [4100, 200, 'login', true], [4101, 200, 'forbidden', true], [700012006, 200, 'login', true], [0, 401, 'login', true],
    [4013, 200, 'rate', false], [0, 429, 'rate', false], [4302, 200, 'tooLarge', false], [0, 502, 'server', false], [12345, 200, 'other', false],
  ] as const) {
    const error = errorOf(code, 'x', 'log', status);
    assert.deepEqual([error.kind, error.wantsToken, error.logId], [kind, wantsToken, 'log'], `${code} ${status}`);
  }
  assert.equal(asApiError(new TypeError('fetch failed')).kind, 'network');
  assert.equal(asApiError(new DOMException('', 'TimeoutError')).kind, 'timeout');
});

test('messages: history, parts and calls of tools', () => {
  const parts = JSON.stringify([{ type: 'image', file_id: '9', file_url: 'javascript:1' }, { type: 'text', text: 'What is it?' }]);
  const list = fromHistory([
    { role: 'assistant', type: 'verbose', content: '{}' }, { role: 'assistant', type: 'answer', content: 'A bench.', created_at: '1700000000' },
    { role: 'user', type: 'question', content: parts, content_type: 'object_string', id: '5' },
  ]);
  assert.deepEqual(list.map((m) => [m.role, m.text, m.attachments.length]), [['user', 'What is it?', 1], ['assistant', 'A bench.', 0]]);
  assert.equal(list[0]?.attachments[0]?.url, '', 'no address but those of the web');
  assert.equal(list[1]?.createdAt, 1700000000000);
  assert.deepEqual(contentOf({ content: 'not json', content_type: 'object_string' }), { text: 'not json', attachments: [] });
  assert.deepEqual(toolCallOf('{"name":"weather","arguments":{"city":"Lima"}}'), { name: 'weather', input: '{"city":"Lima"}', output: '' });
  assert.deepEqual(toolCallOf('plain'), { name: '', input: 'plain', output: '' });
});

test('wav: header and samples', () => {
  const view = new DataView(wavOf(Float32Array.of(0, 1, -1, 2), 16000));
  assert.equal(view.byteLength, 52);
  assert.equal(view.getUint32(24, true), 16000);
  assert.deepEqual([44, 46, 48, 50].map((at) => view.getInt16(at, true)), [0, 32767, -32768, 32767]);
});
