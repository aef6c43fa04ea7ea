// The custom element <coze-chat>.

import { defined, resolveOptions, withNewNames, type ChatOptions, type Surroundings, type UiOptions } from './options.js';
import { newSanitizer, type Sanitizer } from './sanitize.js';
import { scriptUrl } from './script_url.js';
import { fetchToken } from './token_url.js';
import { Widget } from './view/widget.js';
import css from './widget.css';

/** A screen narrower than this, in pixels, is one of a phone. */
const phone = 600;

let sheet: CSSStyleSheet | undefined;
let sanitizer: Sanitizer | undefined;

/** The style sheet that all widgets share. Adopted sheets need no permission of a Content-Security-Policy. */
function styles(): CSSStyleSheet {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  return sheet;
}

export class CozeChatElement extends HTMLElement {
  static readonly observedAttributes = [
    'api-base', 'app-id', 'app-version', 'bot-id', 'connector-id', 'conversation-name', 'conversations', 'feedback', 'icon', 'inline',
    'lang', 'layout', 'no-button', 'open', 'quote', 'theme', 'title', 'token-url', 'uploads', 'user-avatar', 'user-id', 'user-name', 'voice',
    'width', 'workflow-id', 'z-index',
  ];

  private widget: Widget | undefined;
  private given: ChatOptions = {};
  private stale = false;
  private heading: string | undefined;

  constructor() {
    super();
    this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [styles()];
  }

  /** Options that go beyond attributes; where both say something, the attributes win. Setting them makes the widget anew. */
  get options(): ChatOptions {
    return this.given;
  }

  set options(options: ChatOptions) {
    this.given = options;
    this.refresh();
  }

  connectedCallback(): void {
    this.refresh();
  }

  disconnectedCallback(): void {
    this.widget?.dispose();
    this.widget = undefined;
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (name === 'title') {
      if (after === null) {
        return;
      }
      this.heading = after;
      this.removeAttribute('title'); // or browsers show it as a tip all over the widget
    }
    if (before !== after) {
      this.refresh();
    }
  }

  show(): Promise<void> {
    this.refreshNow();
    return this.widget?.show() ?? Promise.resolve();
  }

  hide(): Promise<void> {
    this.refreshNow();
    return this.widget?.hide() ?? Promise.resolve();
  }

  /** The token that calls would use; empty without one. */
  getToken(): string {
    this.refreshNow();
    return this.widget?.token ?? '';
  }

  private refresh(): void {
    if (!this.stale) {
      this.stale = true;
      queueMicrotask(() => this.refreshNow());
    }
  }

  private refreshNow(): void {
    if (!this.stale || !this.isConnected) {
      this.stale = false;
      return;
    }
    this.stale = false;
    this.widget?.dispose();
    this.widget = undefined;
    try {
      this.build();
    } catch (thrown) {
      console.error('coze-chat:', thrown instanceof Error ? thrown.message : thrown);
    }
  }

  private build(): void {
    const { shadowRoot } = this;
    if (shadowRoot === null) {
      return;
    }
    const settings = resolveOptions(withAttributes(withNewNames(this.given), this, this.heading), surroundings());
    const inline = settings.el !== undefined;
    this.dataset['mode'] = inline ? 'inline' : 'floating';
    if (settings.zIndex !== undefined) {
      this.style.setProperty('--coze-chat-z-index', String(settings.zIndex));
    }
    sanitizer ??= newSanitizer(window);
    this.widget = new Widget(shadowRoot, settings, !inline, sanitizer);
    if (inline || settings.open) {
      void this.widget.show();
    }
  }
}

export function surroundings(): Surroundings {
  return { scriptUrl: scriptUrl(), pageUrl: document.baseURI, mobile: matchMedia(`(max-width: ${phone}px)`).matches };
}

/** Lays the attributes over the options. */
function withAttributes(options: ChatOptions, element: CozeChatElement, title: string | undefined): ChatOptions {
  const text = (name: string): string | undefined => element.getAttribute(name) ?? undefined;
  const flag = (name: string): boolean | undefined => {
    const value = element.getAttribute(name);
    return value === null ? undefined : !['false', 'off', 'no'].includes(value);
  };
  const number = (name: string): number | undefined => (element.hasAttribute(name) ? Number(text(name)) : undefined);
  const { config = {}, ui = {} } = options;
  const tokenUrl = text('token-url');
  const auth = tokenUrl === undefined ? options.auth : { type: 'token', onRefreshToken: () => fetchToken(tokenUrl), ...options.auth };
  const connectorId = text('connector-id');
  const baseUi: UiOptions['base'] = defined({
    icon: text('icon'), lang: text('lang') ?? element.closest('[lang]')?.getAttribute('lang') ?? undefined,
    layout: text('layout') as 'pc' | undefined, theme: text('theme') as 'light' | undefined, zIndex: number('z-index'),
  });
  return {
    ...options,
    config: {
      ...config,
      ...defined({ type: element.hasAttribute('app-id') ? ('app' as const) : undefined, apiBaseUrl: text('api-base') }),
      botInfo: { ...config.botInfo, ...defined({ botId: text('bot-id') }) },
      appInfo: { ...config.appInfo, ...defined({
        appId: text('app-id'), workflowId: text('workflow-id'), conversationName: text('conversation-name'), version: text('app-version'),
      }) },
    },
    ...(auth || connectorId ? { auth: { ...(auth ?? { type: 'unauth' }), ...defined({ connectorId }) } } : {}),
    userInfo: { ...options.userInfo, ...defined({ id: text('user-id'), url: text('user-avatar'), nickname: text('user-name') }) },
    ui: {
      ...ui,
      base: { ...baseUi, ...ui.base, ...defined({ ...baseUi, lang: text('lang') }) },
      asstBtn: { ...ui.asstBtn, ...(flag('no-button') ? { isNeed: false } : {}) },
      conversations: { ...ui.conversations, ...defined({ isNeed: flag('conversations') }) },
      chatBot: {
        ...ui.chatBot,
        ...defined({
          title, width: number('width'), uploadable: flag('uploads'), isNeedAudio: flag('voice'),
          isNeedQuote: flag('quote'), isOpen: flag('open'), el: flag('inline') ? element : undefined,
          feedback: flag('feedback') === undefined ? undefined : { ...ui.chatBot?.feedback, isNeedFeedback: flag('feedback') ?? false },
        }),
      },
    },
  };
}
