// Where the visitor writes.

import { append, h, icon, iconButton, setAttributes } from '../dom.js';
import type { ApiError } from '../errors.js';
import type { Words } from '../i18n.js';
import { roving } from '../keyboard.js';
import type { Settings } from '../options.js';
import type { Platform } from '../platform.js';
import type { Session } from '../session.js';
import { canRecord } from '../voice.js';
import { Attachments } from './attachments.js';
import { VoiceButton } from './voice_button.js';

export class Composer {
  readonly element: HTMLElement;
  private readonly input: HTMLTextAreaElement;
  private readonly sendButton: HTMLButtonElement;
  private readonly attachments: Attachments;
  private readonly hint = h('p', { class: 'hint', role: 'status' });
  private readonly shortcuts = h('div', { class: 'chips shortcuts', role: 'group', hidden: true });
  private readonly quoteBox = h('div', { class: 'quoted', hidden: true });
  private readonly voice: VoiceButton | undefined;
  private quoted = '';

  constructor(
    private readonly session: Session,
    platform: Platform,
    private readonly settings: Settings,
    private readonly words: Words,
    events: { announce: (text: string) => void; error: (error: ApiError) => void },
  ) {
    this.attachments = new Attachments(platform, words, events.announce, () => this.update());
    this.input = h('textarea', {
      rows: 1, placeholder: words.placeholder, 'aria-label': words.message, dir: 'auto', enterkeyhint: 'send',
      oninput: () => this.typed(), onkeydown: (event: KeyboardEvent) => this.key(event), onpaste: (event: ClipboardEvent) => this.pasted(event),
    });
    this.sendButton = iconButton('send', words.send, () => this.pressSend(), { class: 'send' });
    if (settings.audio && canRecord()) {
      this.voice = new VoiceButton(platform, words, { ...events, text: (text) => this.insert(text) });
    }
    this.shortcuts.setAttribute('aria-label', words.shortcuts);
    const tools = h('div', { class: 'tools' });
    append(tools, [settings.uploads && this.fileButton(), this.voice?.button, this.voice?.status, h('span', { class: 'gap' }), this.sendButton]);
    this.element = h('div', { class: 'composer' }, this.shortcuts,
      h('div', { class: 'field' }, this.quoteBox, this.attachments.element, this.input, tools), this.hint);
    session.on('phase', () => this.update());
    session.on('profile', () => this.showShortcuts());
    this.update();
  }

  focus(): void {
    this.input.focus();
  }

  /** Takes files that were dropped on the panel. */
  drop(files: Iterable<File>): void {
    this.attachments.add(files);
  }

  /** Puts a text that the next question is about above the field. */
  quote(text: string): void {
    this.quoted = text;
    this.quoteBox.hidden = text === '';
    this.quoteBox.replaceChildren();
    if (text !== '') {
      append(this.quoteBox, [icon('quote'), h('span', {}, text), iconButton('close', this.words.removeQuote, () => this.quote(''))]);
    }
    this.focus();
  }

  dispose(): void {
    this.attachments.dispose();
    this.voice?.dispose();
  }

  private fileButton(): HTMLElement {
    const files = h('input', { type: 'file', multiple: true, hidden: true, tabindex: -1, onchange: () => {
      this.attachments.add(files.files ?? []);
      files.value = '';
      this.focus();
    } });
    const span = h('span', { class: 'files-button' }, files, iconButton('clip', this.words.attach, () => files.click()));
    return span;
  }

  private key(event: KeyboardEvent): void {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (this.session.phase !== 'running') {
        this.pressSend();
      }
    }
  }

  private pasted(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])];
    if (this.settings.uploads && files.length > 0) {
      event.preventDefault();
      this.attachments.add(files);
    }
  }

  private insert(text: string): void {
    const { value } = this.input;
    this.input.value = value === '' || value.endsWith(' ') ? value + text : `${value} ${text}`;
    this.typed();
    this.focus();
  }

  private typed(): void {
    this.hint.textContent = '';
    fitHeight(this.input);
    this.update();
  }

  private pressSend(): void {
    const { session, words } = this;
    const text = this.input.value.trim();
    if (session.phase === 'running') {
      void session.stop();
      this.focus();
    } else if (this.attachments.busy) {
      this.hint.textContent = words.waitForUploads;
    } else if (text === '' && this.attachments.count > 0) {
      this.hint.textContent = words.askAboutFiles; // the platform wants a text beside files
      this.focus();
    } else if (text !== '' && session.phase === 'ready') {
      const quote = this.quoted === '' ? '' : `> ${this.quoted.split('\n').join('\n> ')}\n\n`;
      const attachments = this.attachments.take();
      this.input.value = '';
      this.quote('');
      this.typed();
      void session.send(quote + text, attachments);
    }
  }

  private update(): void {
    const { phase } = this.session;
    const running = phase === 'running';
    const label = running ? this.words.stop : this.words.send;
    setAttributes(this.sendButton, { 'aria-label': label, title: label, 'data-action': running ? 'stop' : 'send' });
    this.sendButton.replaceChildren(icon(running ? 'stop' : 'send'));
    const empty = this.input.value.trim() === '' && this.attachments.count === 0;
    this.sendButton.setAttribute('aria-disabled', String(!running && (empty || phase !== 'ready')));
  }

  private showShortcuts(): void {
    const { shortcuts } = this.session.profile;
    this.shortcuts.hidden = shortcuts.length === 0;
    this.shortcuts.replaceChildren(...shortcuts.map(({ name, query }) =>
      h('button', { type: 'button', class: 'chip', onclick: () => void this.session.send(query) }, name)));
    roving(this.shortcuts, 'button');
  }
}

/** Makes a field as high as its text, for browsers that do not do so by themselves. The style sheet bounds it. */
function fitHeight(field: HTMLTextAreaElement): void {
  if (!CSS.supports('field-sizing', 'content')) {
    field.style.setProperty('height', 'auto');
    field.style.setProperty('height', `${field.scrollHeight}px`);
  }
}
