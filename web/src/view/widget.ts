// The widget as a whole, in the shadow tree of its host.

import { Api } from '../api.js';
import { append, h, icon, iconButton, setAttributes } from '../dom.js';
import type { ApiError } from '../errors.js';
import { wordsOf, type Words } from '../i18n.js';
import { trapTab } from '../keyboard.js';
import { Memory } from '../memory.js';
import type { Message } from '../messages.js';
import type { Settings } from '../options.js';
import { Platform } from '../platform.js';
import type { Sanitizer } from '../sanitize.js';
import { Session } from '../session.js';
import { noTokens, PageTokens } from '../tokens.js';
import { Announcer } from './announcer.js';
import { Composer } from './composer.js';
import { ConversationList } from './conversation_list.js';
import { Dialogs } from './dialogs.js';
import { footerOf } from './footer.js';
import { Header } from './header.js';
import { MessageList } from './message_list.js';
import { errorText, type Author, type MessageActions } from './message_view.js';

export class Widget {
  readonly session: Session;
  private readonly words: Words;
  private readonly tokens: PageTokens | undefined;
  private readonly announcer = new Announcer();
  private readonly panel: HTMLElement;
  private readonly launcher: HTMLButtonElement;
  private readonly toast = h('div', { class: 'toast', role: 'alert', hidden: true });
  private readonly dialogs: Dialogs;
  private readonly header: Header;
  private readonly composer: Composer;
  private readonly list: MessageList;
  private readonly conversations: ConversationList | undefined;
  private readonly root = h('div', { class: 'root' });
  private shown = false;
  private disposed = false;
  private focusBefore: HTMLElement | null = null;

  constructor(
    private readonly shadow: ShadowRoot,
    private readonly settings: Settings,
    private readonly floating: boolean,
    sanitize: Sanitizer,
  ) {
    this.words = wordsOf(settings.lang);
    const { words } = this;
    const { auth } = settings;
    this.tokens = auth && new PageTokens(auth.token, auth.refresh);
    const { target } = settings;
    const partner = target.type === 'bot' ? target.botId : `${target.workflowId}|${target.conversationName}`;
    const memory = new Memory(`${settings.apiBaseUrl}|${partner}|${settings.user.id}`);
    const api = new Api(settings.apiBaseUrl, this.tokens ?? noTokens, this.tokens ? 'same-origin' : 'include');
    const platform = new Platform(api, settings, settings.user.id || memory.visitor);
    const session = this.session = new Session(platform, settings, memory);
    this.panel = h('section', { class: 'panel', 'aria-labelledby': 'title', hidden: true });
    this.dialogs = new Dialogs(this.root, this.panel, words);
    this.header = new Header(session, settings, words, this.dialogs, {
      id: 'title', title: () => this.title, avatar: () => this.emblem(), close: () => void this.hide(),
      toggleConversations: () => this.toggleDrawer(),
    });
    const announce = (text: string): void => this.announcer.say(text);
    this.composer = new Composer(session, platform, settings, words, { announce, error: (e) => this.showError(e) });
    const tools = {
      sanitize, words, announce, preview: (url: string, name: string) => this.dialogs.picture(url, name),
    };
    this.list = new MessageList(session, tools, this.actions(), {
      user: this.visitor(), assistant: () => ({ name: this.title, avatar: () => this.emblem() }),
    }, (question) => void this.ask(question));
    this.conversations = settings.conversations
      ? new ConversationList(session, this.dialogs, words, () => this.closeDrawer(true)) : undefined;
    this.launcher = h('button', { type: 'button', class: 'launcher', 'aria-label': words.openChat, 'aria-expanded': 'false' });
    this.build();
    this.listen();
  }

  /** The token that calls would use; empty without one. */
  get token(): string {
    return this.tokens?.current ?? '';
  }

  async show(): Promise<void> {
    if (this.shown || (await this.settings.onBeforeShow()) === false || this.shown || this.disposed) {
      return; // while the page thought about it, it may have been shown, or destroyed
    }
    this.shown = true;
    this.focusBefore = (this.shadow.activeElement ?? document.activeElement) as HTMLElement | null;
    this.panel.hidden = false;
    this.updateLauncher();
    void this.session.start();
    this.list.follow();
    if (this.floating) {
      this.composer.focus();
    }
    this.settings.onShow();
  }

  async hide(): Promise<void> {
    if (!this.shown || (await this.settings.onBeforeHide()) === false || !this.shown || this.disposed) {
      return;
    }
    this.shown = false;
    const hadFocus = this.shadow.activeElement !== null;
    this.panel.hidden = true;
    this.updateLauncher();
    if (hadFocus) {
      (this.launcher.isConnected ? this.launcher : this.focusBefore)?.focus();
    }
    this.settings.onHide();
  }

  /** Ends everything. What is on the screen goes with the host. */
  dispose(): void {
    this.disposed = true;
    void this.session.stop();
    this.list.dispose();
    this.composer.dispose();
    this.announcer.stop();
    this.root.remove();
  }

  private get title(): string {
    return this.settings.title || this.session.profile.name || this.words.chat;
  }

  private emblem(): Node {
    const url = this.settings.icon || this.session.profile.icon;
    return url === '' ? icon('bot') : picture(url, () => icon('bot'));
  }

  private visitor(): Author {
    const { nickname, avatar } = this.settings.user;
    const name = nickname || this.words.you;
    const initial = (): Node => document.createTextNode([...name][0] ?? '');
    if (avatar === '' && nickname === '') {
      return { name, avatar: undefined };
    }
    return { name, avatar: () => (avatar === '' ? initial() : picture(avatar, initial)) };
  }

  private build(): void {
    const { settings, panel, root } = this;
    setAttributes(root, {
      'data-layout': settings.layout, 'data-theme': settings.theme, 'data-mode': this.floating ? 'floating' : 'inline',
      lang: settings.lang,
    });
    root.style.setProperty('--width', `${settings.width}px`);
    const main = h('div', { class: 'main' });
    append(main, [this.header.element, this.toast, this.list.element, this.composer.element, footerOf(settings.footer)]);
    const shade = h('div', { class: 'shade', onclick: () => this.closeDrawer(true) });
    append(panel, [this.conversations?.element, this.conversations && shade, main, this.announcer.element]);
    if (this.floating) {
      setAttributes(panel, { role: 'dialog', 'aria-modal': settings.layout === 'mobile' ? 'true' : undefined });
      if (settings.button) {
        root.append(this.launcher);
      }
    }
    root.append(panel);
    this.updateLauncher();
    this.shadow.append(root);
  }

  private listen(): void {
    const { panel, session } = this;
    this.launcher.addEventListener('click', () => void (this.shown ? this.hide() : this.show()));
    panel.addEventListener('keydown', (event) => this.key(event));
    session.on('error', (error) => this.showError(error));
    session.on('profile', () => this.updateLauncher());
    session.on('phase', (phase) => {
      if (phase === 'running') {
        this.toast.hidden = true;
        this.announcer.now(this.words.answering);
      }
    });
    session.on('changed', (message) => {
      if (message.status === 'stopped') {
        this.announcer.say(this.words.stopped);
      }
    });
    if (this.settings.uploads) {
      this.takeDrops();
    }
  }

  private takeDrops(): void {
    const { panel } = this;
    panel.addEventListener('dragover', (event) => {
      if (event.dataTransfer?.types.includes('Files')) {
        event.preventDefault();
        panel.dataset['drop'] = this.words.dropHere;
      }
    });
    panel.addEventListener('dragleave', (event) => {
      if (event.relatedTarget === null || !panel.contains(event.relatedTarget as Node)) {
        delete panel.dataset['drop'];
      }
    });
    panel.addEventListener('drop', (event) => {
      event.preventDefault();
      delete panel.dataset['drop'];
      this.composer.drop(event.dataTransfer?.files ?? []);
    });
  }

  private key(event: KeyboardEvent): void {
    if (event.key === 'Escape' && !event.isComposing) {
      if (this.panel.dataset['drawer'] === 'open') {
        event.stopPropagation();
        this.closeDrawer(true);
      } else if (this.floating) {
        event.stopPropagation();
        void this.hide();
      }
    } else if (this.floating) {
      trapTab(event, this.panel, this.shadow.activeElement);
    }
  }

  private toggleDrawer(): void {
    if (this.panel.dataset['drawer'] === 'open') {
      this.closeDrawer(true);
      return;
    }
    this.panel.dataset['drawer'] = 'open';
    this.header.conversations.setAttribute('aria-expanded', 'true');
    this.conversations?.focus();
  }

  private closeDrawer(focus: boolean): void {
    if (this.panel.dataset['drawer'] !== 'open') {
      return;
    }
    delete this.panel.dataset['drawer'];
    this.header.conversations.setAttribute('aria-expanded', 'false');
    if (focus) {
      this.header.conversations.focus();
    }
  }

  private async ask(question: string): Promise<void> {
    this.composer.focus(); // the chip goes
    await this.session.send(question);
  }

  private actions(): MessageActions {
    const { settings, session } = this;
    return {
      toolSteps: settings.toolSteps,
      retry: (message) => {
        this.composer.focus();
        void session.retry(message);
      },
      remove: (message, opener) => void this.remove(message, opener),
      quote: settings.quote ? (message) => this.composer.quote(message.text) : undefined,
      rate: settings.feedback ? (message, rating) => void this.rate(message, rating) : undefined,
    };
  }

  private async remove(message: Message, opener: HTMLElement): Promise<void> {
    const { words } = this;
    if (message.id === '' || (await this.dialogs.confirm(words.deleteMessageAsk, words.deleteMessageText, words.delete))) {
      opener.focus();
      await this.session.deleteMessage(message);
    }
  }

  private async rate(message: Message, rating: 'like' | 'unlike'): Promise<void> {
    if (message.rating === rating) {
      await this.session.rate(message, undefined);
      return;
    }
    const feedback = rating === 'like' ? { type: rating, reasons: [], comment: '' } : await this.dialogs.feedback(this.settings.feedbackPanel);
    if (feedback !== undefined) {
      await this.session.rate(message, feedback);
      this.announcer.say(this.words.thanks);
    }
  }

  private showError(error: ApiError): void {
    const close = iconButton('close', this.words.close, () => {
      this.toast.hidden = true;
      this.composer.focus();
    });
    this.toast.hidden = false;
    this.toast.replaceChildren(icon('alert'), h('div', {}, ...errorText(error, { words: this.words })), close);
  }

  private updateLauncher(): void {
    const { launcher, shown, words } = this;
    launcher.hidden = shown && this.settings.layout === 'mobile'; // the panel covers it
    setAttributes(launcher, { 'aria-label': shown ? words.closeChat : words.openChat, 'aria-expanded': String(shown) });
    const url = this.settings.icon;
    launcher.replaceChildren(shown ? icon('arrow') : url === '' ? icon('chat') : picture(url, () => icon('chat')));
  }
}

/** A picture that makes way for something else when it does not come. */
function picture(url: string, other: () => Node): Node {
  const image = h('img', { src: url, alt: '', referrerpolicy: 'no-referrer', onerror: () => image.replaceWith(other()) });
  return image;
}
