// The messages of a conversation, with what is before and behind them.

import { append, h, iconButton } from '../dom.js';
import { roving } from '../keyboard.js';
import type { Message } from '../messages.js';
import type { Session } from '../session.js';
import type { TextTools } from './answer_text.js';
import { AnswerText } from './answer_text.js';
import { MessageView, type Author, type MessageActions } from './message_view.js';

/** Closer to the end than this, in pixels, the list follows what comes. */
const nearEnd = 60;

export class MessageList {
  readonly element: HTMLElement;
  private readonly scroller: HTMLElement;
  private readonly list = h('div', { class: 'list' });
  private readonly welcome = h('div', { class: 'welcome' });
  private readonly older: HTMLButtonElement;
  private readonly chips = h('div', { class: 'chips', role: 'group' });
  private readonly toBottom: HTMLButtonElement;
  private readonly views = new Map<Message, MessageView>();
  private following = true;

  constructor(
    private readonly session: Session,
    private readonly tools: TextTools,
    private readonly actions: MessageActions,
    private readonly authors: { user: Author; assistant: () => Author },
    private readonly ask: (question: string) => void,
  ) {
    const { words } = tools;
    this.older = h('button', { type: 'button', class: 'text-button older', hidden: true, onclick: () => void session.loadOlder() }, words.older);
    this.chips.setAttribute('aria-label', words.suggestions);
    this.scroller = h('div', { class: 'scroller', tabindex: 0, role: 'log', 'aria-live': 'off', 'aria-label': words.messages },
      this.older, this.welcome, this.list, this.chips);
    this.toBottom = iconButton('arrow', words.toBottom, () => this.follow(), { class: 'icon-button to-bottom', hidden: true });
    this.element = h('div', { class: 'messages' }, this.scroller, this.toBottom);
    this.scroller.addEventListener('scroll', () => this.noteScroll(), { passive: true });
    this.listen();
    this.showWelcome();
  }

  private listen(): void {
    const { session } = this;
    session.on('profile', () => this.showWelcome());
    session.on('messages', () => this.showAll());
    session.on('older', (messages) => this.showOlder(messages));
    session.on('added', (message) => {
      this.add(message);
      this.showWelcome();
      if (message.role === 'user') {
        this.follow();
      }
      this.settle();
    });
    session.on('changed', (message) => {
      this.views.get(message)?.update();
      this.settle();
    });
    session.on('delta', ({ message, text }) => this.views.get(message)?.delta(text));
    session.on('removed', (message) => this.remove(message));
    session.on('suggestions', () => this.showChips());
    session.on('phase', (phase) => {
      this.element.dataset['phase'] = phase;
      this.showWelcome();
      this.showChips();
    });
  }

  /** Goes to the end and stays there. */
  follow(): void {
    this.following = true;
    this.settle();
  }

  dispose(): void {
    for (const view of this.views.values()) {
      view.dispose();
    }
  }

  private readonly settle = (): void => {
    if (this.following) {
      this.scroller.scrollTop = this.scroller.scrollHeight;
    }
  };

  private noteScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.following = scrollHeight - scrollTop - clientHeight < nearEnd;
    this.toBottom.hidden = this.following;
  }

  private add(message: Message): void {
    const at = this.session.messages.indexOf(message);
    const before = this.session.messages[at - 1];
    if (before !== undefined && before.sectionId !== '' && message.sectionId !== '' && before.sectionId !== message.sectionId) {
      if (!this.list.lastElementChild?.classList.contains('divider')) {
        this.list.append(this.divider());
      }
    }
    const view = this.view(message);
    this.list.append(view.element);
  }

  private view(message: Message): MessageView {
    const author = message.role === 'user' ? this.authors.user : this.authors.assistant();
    const view = new MessageView(message, author, this.tools, this.actions, this.settle);
    this.views.set(message, view);
    return view;
  }

  private showAll(): void {
    this.dispose();
    this.views.clear();
    this.list.replaceChildren();
    for (const message of this.session.messages) {
      this.add(message);
    }
    const last = this.session.messages.at(-1);
    if (last !== undefined && last.sectionId !== '' && last.sectionId !== this.session.nextSection) {
      this.list.append(this.divider());
    }
    this.older.hidden = !this.session.hasOlder;
    this.showWelcome();
    this.follow();
  }

  private showOlder(messages: readonly Message[]): void {
    const height = this.scroller.scrollHeight;
    this.list.prepend(...messages.map((m) => this.view(m).element));
    this.older.hidden = !this.session.hasOlder;
    this.scroller.scrollTop += this.scroller.scrollHeight - height;
  }

  private remove(message: Message): void {
    const view = this.views.get(message);
    const hadFocus = view?.element.matches(':focus-within') ?? false;
    view?.dispose();
    view?.element.remove();
    this.views.delete(message);
    if (hadFocus) {
      this.scroller.focus();
    }
    this.showWelcome();
  }

  private divider(): HTMLElement {
    return h('div', { class: 'divider', role: 'separator', 'aria-label': this.tools.words.contextCleared },
      h('span', {}, this.tools.words.contextCleared));
  }

  private showWelcome(): void {
    const { profile, messages, phase } = this.session;
    const { words } = this.tools;
    this.welcome.hidden = messages.length > 0;
    if (messages.length > 0) {
      return;
    }
    if (phase === 'loading' || phase === 'idle') {
      this.welcome.replaceChildren(h('div', { class: 'spinner', role: 'img', 'aria-label': words.loading }));
      return;
    }
    const author = this.authors.assistant();
    const greeting = new AnswerText({ ...this.tools, announce: () => undefined });
    greeting.finish(profile.prologue || words.greeting);
    this.welcome.replaceChildren();
    append(this.welcome, [
      author.avatar && h('div', { class: 'emblem' }, author.avatar()), h('h3', {}, author.name),
      profile.description !== '' && h('p', { class: 'muted' }, profile.description), greeting.element,
      this.questions(profile.questions),
    ]);
  }

  private questions(questions: readonly string[]): HTMLElement | undefined {
    if (questions.length === 0) {
      return undefined;
    }
    const group = h('div', { class: 'chips', role: 'group', 'aria-label': this.tools.words.suggestions });
    this.fill(group, questions);
    return group;
  }

  private showChips(): void {
    const questions = this.session.phase === 'ready' ? this.session.suggestions : [];
    this.chips.hidden = questions.length === 0;
    this.chips.replaceChildren();
    this.fill(this.chips, questions);
    this.settle();
  }

  private fill(group: HTMLElement, questions: readonly string[]): void {
    for (const question of questions) {
      group.append(h('button', { type: 'button', class: 'chip', dir: 'auto', onclick: () => this.ask(question) }, question));
    }
    roving(group, 'button');
  }
}
