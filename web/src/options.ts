// The options of the widget: those of the vendor's Chat SDK, and a few of our own.

export type Layout = 'pc' | 'mobile';
export type Language = 'en' | 'zh-CN';
export type Theme = 'auto' | 'light' | 'dark';
export type Parameters = Record<string, unknown>;

/** What pages give to `new WebChatClient(...)`. */
export interface ChatOptions {
  config?: {
    type?: 'bot' | 'app';
    botInfo?: { botId?: string; parameters?: Parameters };
    appInfo?: { appId?: string; workflowId?: string; conversationName?: string; parameters?: Parameters; version?: string };
    /** Where calls go, without a slash at the end; by default `api` beside the script of the widget. Our own. */
    apiBaseUrl?: string;
    /** Older names of botInfo.botId. */
    botId?: string;
    bot_id?: string;
  };
  /** Without it no token is sent: the server behind apiBaseUrl knows the visitor by a cookie. */
  auth?: {
    type?: string;
    token?: string;
    onRefreshToken?: (old: string) => string | Promise<string>;
    connectorId?: string;
  };
  userInfo?: { id?: string; url?: string; nickname?: string };
  extra?: { webChat?: Record<string, string> };
  ui?: UiOptions;
  /** Older name of ui.chatBot.el. */
  el?: HTMLElement;
  /** Older place of some of ui.base and ui.chatBot. */
  componentProps?: {
    title?: string; icon?: string; layout?: Layout; lang?: string; width?: number; zIndex?: number; uploadable?: boolean;
  };
}

export interface UiOptions {
  base?: {
    icon?: string;
    layout?: Layout;
    lang?: string;
    zIndex?: number;
    /** Our own; by default what the visitor's system prefers. */
    theme?: Theme;
  };
  asstBtn?: { isNeed?: boolean };
  header?: { isShow?: boolean; isNeedClose?: boolean; extra?: Node | (() => Node) };
  chatBot?: {
    title?: string;
    uploadable?: boolean;
    width?: number;
    el?: HTMLElement;
    isNeedClearContext?: boolean;
    isNeedClearMessage?: boolean;
    isNeedAddNewConversation?: boolean;
    isNeedConversationAdd?: boolean;
    isNeedAudio?: boolean;
    isNeedFunctionCallMessage?: boolean;
    isNeedQuote?: boolean;
    /** Open at once. Our own. */
    isOpen?: boolean;
    feedback?: { isNeedFeedback?: boolean; feedbackPanel?: FeedbackPanel };
    onShow?: () => void;
    onHide?: () => void;
    onBeforeShow?: () => boolean | void | Promise<boolean | void>;
    onBeforeHide?: () => boolean | void | Promise<boolean | void>;
  };
  footer?: { isShow?: boolean; expressionText?: string; linkvars?: Record<string, { text?: string; link?: string }> };
  conversations?: { isNeed?: boolean };
}

export interface FeedbackPanel {
  title?: string;
  placeholder?: string;
  tags?: { label: string; isNeedDetail?: boolean }[];
}

/** The options with every default filled in. */
export interface Settings {
  target: { type: 'bot'; botId: string; parameters: Parameters } |
    { type: 'app'; appId: string; workflowId: string; conversationName: string; parameters: Parameters; version: string };
  apiBaseUrl: string;
  connectorId: string;
  auth: { token: string; refresh: ((old: string) => string | Promise<string>) | undefined } | undefined;
  user: { id: string; avatar: string; nickname: string };
  extra: Record<string, string>;
  icon: string;
  layout: Layout;
  lang: Language;
  theme: Theme;
  zIndex: number | undefined;
  button: boolean;
  header: { show: boolean; close: boolean; extra: Node | (() => Node) | undefined };
  title: string;
  width: number;
  el: HTMLElement | undefined;
  open: boolean;
  uploads: boolean;
  clearContext: boolean;
  clearMessages: boolean;
  newConversation: boolean;
  audio: boolean;
  toolSteps: boolean;
  quote: boolean;
  conversations: boolean;
  feedback: boolean;
  feedbackPanel: FeedbackPanel;
  onShow: () => void;
  onHide: () => void;
  onBeforeShow: () => boolean | void | Promise<boolean | void>;
  onBeforeHide: () => boolean | void | Promise<boolean | void>;
  footer: { show: boolean; text: string; links: Record<string, { text?: string; link?: string }> };
}

/** What the defaults depend on. */
export interface Surroundings {
  /** Address of the script, empty if it is not known. */
  scriptUrl: string;
  /** Address of the page. */
  pageUrl: string;
  mobile: boolean;
}

/** The channel of the vendor's Chat SDK. */
export const webSdkConnector = '999';

/** An option that makes no sense. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

const nothing = (): void => undefined;

/**
 * Fills in the defaults.
 *
 * @throws OptionError if no bot or app is named
 */
export function resolveOptions(options: ChatOptions, around: Surroundings): Settings {
  const { config = {}, auth, userInfo = {}, extra = {}, ui = {} } = withNewNames(options);
  const { base = {}, header = {}, chatBot = {}, footer = {} } = ui;
  const mayRefresh = auth !== undefined && auth.type !== 'unauth';
  return {
    target: targetOf(config),
    apiBaseUrl: apiBase(config.apiBaseUrl, around),
    connectorId: auth?.connectorId || webSdkConnector,
    auth: mayRefresh ? { token: auth.token ?? '', refresh: auth.onRefreshToken } : undefined,
    user: { id: userInfo.id ?? '', avatar: userInfo.url ?? '', nickname: userInfo.nickname ?? '' },
    extra: extra.webChat ?? {},
    icon: base.icon ?? '',
    layout: base.layout === 'pc' || base.layout === 'mobile' ? base.layout : around.mobile ? 'mobile' : 'pc',
    lang: languageOf(base.lang),
    theme: base.theme === 'light' || base.theme === 'dark' ? base.theme : 'auto',
    zIndex: Number.isInteger(base.zIndex) ? base.zIndex : undefined,
    button: ui.asstBtn?.isNeed ?? true,
    header: { show: header.isShow ?? true, close: header.isNeedClose ?? chatBot.el === undefined, extra: header.extra },
    title: chatBot.title ?? '',
    width: chatBot.width !== undefined && chatBot.width > 0 ? chatBot.width : 460,
    el: chatBot.el,
    open: chatBot.isOpen ?? false,
    uploads: chatBot.uploadable ?? true,
    clearContext: chatBot.isNeedClearContext ?? true,
    clearMessages: chatBot.isNeedClearMessage ?? true,
    newConversation: chatBot.isNeedAddNewConversation ?? chatBot.isNeedConversationAdd ?? ui.conversations?.isNeed ?? false,
    audio: chatBot.isNeedAudio ?? true,
    toolSteps: chatBot.isNeedFunctionCallMessage ?? true,
    quote: chatBot.isNeedQuote ?? false,
    conversations: ui.conversations?.isNeed ?? false,
    feedback: chatBot.feedback?.isNeedFeedback ?? false,
    feedbackPanel: chatBot.feedback?.feedbackPanel ?? {},
    onShow: chatBot.onShow ?? nothing,
    onHide: chatBot.onHide ?? nothing,
    onBeforeShow: chatBot.onBeforeShow ?? nothing,
    onBeforeHide: chatBot.onBeforeHide ?? nothing,
    footer: { show: footer.isShow ?? true, text: footer.expressionText ?? '', links: footer.linkvars ?? {} },
  };
}

/** Moves what stands under older names to where it belongs, unless something is there. */
export function withNewNames({ el, componentProps = {}, ...options }: ChatOptions): ChatOptions {
  const { icon, layout, lang, zIndex, title, width, uploadable } = componentProps;
  const { ui = {} } = options;
  return { ...options, ui: {
    ...ui,
    base: { ...defined({ icon, layout, lang, zIndex }), ...ui.base },
    chatBot: { ...defined({ title, width, uploadable, el }), ...ui.chatBot },
  } };
}

/** The fields that have a value. */
export function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function targetOf(config: NonNullable<ChatOptions['config']>): Settings['target'] {
  const { botInfo = {}, appInfo = {} } = config;
  if (config.type === 'app') {
    if (!appInfo.appId || !appInfo.workflowId) {
      throw new OptionError('config.appInfo needs appId and workflowId');
    }
    return {
      type: 'app', appId: appInfo.appId, workflowId: appInfo.workflowId, conversationName: appInfo.conversationName || 'Default',
      parameters: appInfo.parameters ?? {}, version: appInfo.version ?? '',
    };
  }
  const botId = botInfo.botId || config.botId || config.bot_id;
  if (!botId) {
    throw new OptionError('config.botInfo.botId is missing');
  }
  return { type: 'bot', botId, parameters: botInfo.parameters ?? {} };
}

function apiBase(given: string | undefined, around: Surroundings): string {
  const base = given ? new URL(given, around.pageUrl) : new URL('api', around.scriptUrl || around.pageUrl);
  return base.href.replace(/\/+$/, '');
}

function languageOf(lang: string | undefined): Language {
  return lang?.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}
