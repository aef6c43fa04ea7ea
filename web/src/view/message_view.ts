// A message on the screen.

import { append, h, icon, iconButton } from '../dom.js';
import type { ApiError } from '../errors.js';
import { roving } from '../keyboard.js';
import type { Attachment, Message, ToolStep } from '../messages.js';
import { AnswerText, type TextTools } from './answer_text.js';
import { copyText } from './clipboard.js';

/** What the visitor can do with a message. */
export interface MessageActions {
  retry: (message: Message) => void;
  remove: (message: Message, opener: HTMLElement) => void;
  quote: ((message: Message) => void) | undefined;
  rate: ((message: Message, rating: 'like' | 'unlike', opener: HTMLElement) => void) | undefined;
  /** Whether steps of tools are shown. */
  toolSteps: boolean;
}

/** Whose message it is. */
export interface Author {
  name: string;
  /** Picture, or a sign in its place. */
  avatar: (() => Node) | undefined;
}

export class MessageView {
  readonly element: HTMLElement;
  private readonly text: AnswerText;
  private readonly thoughts = h('p', { class: 'thoughts-text' });
  private readonly thoughtsTitle = h('span', {});
  private readonly thoughtsBox: HTMLDetailsElement;
  private readonly steps = h('div', { class: 'steps' });
  private readonly files = h('div', { class: 'files' });
  private readonly bubble = h('div', { class: 'bubble' });
  private readonly footer = h('div', { class: 'message-footer' });
  private thoughtsShown = 0;

  constructor(
    readonly message: Message,
    { name: author, avatar }: Author,
    private readonly tools: TextTools,
    private readonly actions: MessageActions,
    onChange: () => void,
  ) {
    this.text = new AnswerText(tools);
    this.text.onChange = () => {
      this.showThoughts();
      onChange();
    };
    this.thoughtsBox = h('details', { class: 'thoughts', hidden: true }, h('summary', {}, icon('bot'), this.thoughtsTitle), this.thoughts);
    const { role } = message;
    this.element = h('div', { class: `message ${role}`, role: 'article', 'aria-label': author },
      avatar && h('div', { class: 'avatar', 'aria-hidden': true }, avatar()),
      h('div', { class: 'body' }, this.thoughtsBox, this.steps, this.files, this.bubble, this.footer));
    if (role === 'user') {
      this.bubble.append(message.text);
      this.bubble.dir = 'auto';
      this.bubble.hidden = message.text === '';
    } else {
      this.bubble.append(this.text.element, h('div', { class: 'dots', 'aria-hidden': true }, h('i'), h('i'), h('i')));
      if (message.text !== '' && (message.status === 'waiting' || message.status === 'streaming')) {
        this.text.append(message.text);
      }
    }
    this.update();
  }

  delta(text: string): void {
    this.text.append(text);
  }

  /** Brings everything but the growing text up to date. */
  update(): void {
    const { message } = this;
    const running = message.status === 'waiting' || message.status === 'streaming';
    this.element.dataset['status'] = message.status;
    this.element.setAttribute('aria-busy', String(running));
    if (message.role === 'assistant' && !running) {
      this.text.finish(message.text);
      this.bubble.hidden = message.text === '' && (message.attachments.length > 0 || message.status !== 'done');
      if (message.text === '' && message.status === 'done') {
        this.text.element.replaceChildren(h('p', { class: 'muted' }, this.tools.words.noAnswer));
      }
    }
    this.showThoughts();
    this.steps.replaceChildren(...(this.actions.toolSteps ? message.tools.map((s) => this.step(s, running)) : []));
    this.files.replaceChildren(...message.attachments.map((a) => this.file(a)));
    this.footer.replaceChildren();
    if (!running) {
      append(this.footer, [this.notice(), this.toolbar()]);
    }
  }

  dispose(): void {
    this.text.cancel();
  }

  private showThoughts(): void {
    const { reasoning, text, status } = this.message;
    if (reasoning.length === this.thoughtsShown && this.thoughtsShown === 0) {
      return;
    }
    const { words } = this.tools;
    this.thoughtsBox.hidden = false;
    this.thoughtsTitle.textContent = text === '' && status === 'streaming' ? words.thinking : words.thought;
    if (reasoning.length !== this.thoughtsShown) {
      this.thoughtsShown = reasoning.length;
      this.thoughts.textContent = reasoning;
    }
  }

  private step({ name, input, output }: ToolStep, running: boolean): HTMLElement {
    const { words } = this.tools;
    const title = running && output === '' ? words.usingTool(name) : words.usedTool(name);
    return h('details', { class: 'step' }, h('summary', {}, icon('tool'), title),
      h('pre', { tabindex: 0 }, input), output !== '' && h('pre', { tabindex: 0 }, output));
  }

  private file({ kind, name, url }: Attachment): HTMLElement {
    const { words, preview } = this.tools;
    const label = name || (kind === 'image' ? words.image : words.file);
    if (kind === 'image' && url !== '') {
      return h('button', { type: 'button', class: 'picture', 'aria-label': words.preview(label), onclick: () => preview(url, label) },
        h('img', { src: url, alt: label, referrerpolicy: 'no-referrer' }));
    }
    return h('span', { class: 'file' }, icon('file'), h('span', { class: 'file-name' }, label));
  }

  private notice(): HTMLElement | undefined {
    const { message } = this;
    const { words } = this.tools;
    if (message.status === 'stopped') {
      return h('p', { class: 'notice' }, words.stopped);
    }
    if (message.status !== 'failed' || message.error === undefined) {
      return undefined;
    }
    const retry = h('button', { type: 'button', class: 'text-button', onclick: () => this.actions.retry(message) }, icon('redo'), words.retry);
    return h('div', { class: 'failure', role: 'alert' }, icon('alert'), h('div', {}, ...errorText(message.error, this.tools), retry));
  }

  private toolbar(): HTMLElement | undefined {
    const { message, actions } = this;
    const { words } = this.tools;
    const assistant = message.role === 'assistant';
    const bar = h('div', { class: 'actions', role: 'toolbar', 'aria-label': words.actions });
    if (message.text !== '') {
      const copy = iconButton('copy', words.copy, () => void copyText(message.text, copy, words));
      append(bar, [copy]);
      append(bar, [actions.quote && iconButton('quote', words.quote, () => actions.quote?.(message))]);
    }
    if (assistant && message.status !== 'failed') {
      append(bar, [iconButton('redo', words.regenerate, () => actions.retry(message), { class: 'icon-button again' })]);
    }
    if (assistant && message.id !== '' && message.text !== '' && actions.rate !== undefined) {
      append(bar, [this.rating('like'), this.rating('unlike')]);
    }
    if (message.id !== '' || message.status === 'failed') {
      const remove = iconButton('trash', words.deleteMessage, () => actions.remove(message, remove));
      append(bar, [remove]);
    }
    if (bar.childElementCount === 0) {
      return undefined;
    }
    roving(bar, 'button');
    return bar;
  }

  private rating(rating: 'like' | 'unlike'): HTMLElement {
    const { message, actions } = this;
    const button = iconButton(rating === 'like' ? 'up' : 'down', this.tools.words[rating], () => actions.rate?.(message, rating, button), {
      'aria-pressed': String(message.rating === rating),
    });
    return button;
  }
}

/** An error in words, with what the support needs. */
export function errorText(error: ApiError, { words }: Pick<TextTools, 'words'>): HTMLElement[] {
  const parts = [h('p', {}, words.error[error.kind])];
  if (error.kind === 'other' && error.message !== '') {
    parts.push(h('p', { class: 'small' }, error.message));
  }
  if (error.logId !== '') {
    parts.push(h('p', { class: 'small log-id' }, `${words.logId}: ${error.logId}`));
  }
  return parts;
}
