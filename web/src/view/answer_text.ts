// The text of an answer on the screen, while it grows and after.

import type { Token } from 'marked';
import { h, iconButton, setAttributes } from '../dom.js';
import type { Words } from '../i18n.js';
import { blocksOf, GrowingBlocks, htmlOf } from '../markdown.js';
import type { Sanitizer } from '../sanitize.js';
import { copyText } from './clipboard.js';

/** What the texts of a widget share. */
export interface TextTools {
  sanitize: Sanitizer;
  words: Words;
  preview: (url: string, name: string) => void;
  announce: (text: string) => void;
}

/** A frame that took this long, in milliseconds, is followed by a pause of restFactor times as long. */
const longFrame = 12;
const restFactor = 3;

/** Frames do not come while the page is hidden; then the text is brought up to date after this many milliseconds. */
const hiddenPause = 250;

/**
 * Shows Markdown. Pieces are collected until the next frame; finished blocks are made once, and only the open end is made again. Each
 * block is an element of its own, the open ones behind the finished ones.
 */
export class AnswerText {
  readonly element = h('div', { class: 'markdown', dir: 'auto' });
  /** Called after what is shown has changed. */
  onChange: () => void = () => undefined;
  private blocks = new GrowingBlocks();
  private open: { html: string; element: HTMLElement }[] = [];
  private frame = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private restUntil = 0;
  private text = '';

  constructor(private readonly tools: TextTools) {}

  append(piece: string): void {
    this.text += piece;
    this.blocks.push(piece);
    if (this.frame === 0) {
      this.schedule();
    }
  }

  /** Shows a whole text. Nothing is made anew if it is what has been appended. */
  finish(text: string): void {
    this.cancel();
    if (text === this.text && !this.blocks.hasDefinitions && this.text !== '') {
      this.grow();
      for (const { element } of this.open) {
        this.tools.announce(element.textContent ?? '');
      }
      this.open = [];
      this.blocks = new GrowingBlocks();
    } else {
      this.element.replaceChildren(...blocksOf(text).map((b) => this.make(htmlOf(b))));
    }
    this.text = text;
    this.onChange();
  }

  cancel(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.frame = 0;
  }

  private schedule(): void {
    const run = (): void => {
      this.cancel();
      if (performance.now() < this.restUntil) {
        this.schedule();
        return;
      }
      const start = performance.now();
      this.grow();
      this.onChange();
      const took = performance.now() - start;
      this.restUntil = took > longFrame ? start + took * restFactor : 0;
    };
    this.frame = requestAnimationFrame(run);
    this.timer = setTimeout(run, hiddenPause);
  }

  private grow(): void {
    const { finished, open } = this.blocks.look();
    const old = this.open.splice(0);
    for (const block of finished) {
      const element = this.reuse(htmlOf(block), old);
      this.tools.announce(element.textContent ?? '');
    }
    this.open = open.map((block: Token) => {
      const html = htmlOf(block);
      return { html, element: this.reuse(html, old) };
    });
    for (const { element } of old) {
      element.remove();
    }
  }

  /** Returns the element of the next block: that of the old open blocks if it has not changed, or a new one in its place. */
  private reuse(html: string, old: { html: string; element: HTMLElement }[]): HTMLElement {
    const before = old.shift();
    if (before?.html === html) {
      return before.element;
    }
    const element = this.make(html);
    if (before !== undefined) {
      before.element.replaceWith(element);
    } else {
      this.element.append(element);
    }
    return element;
  }

  private make(html: string): HTMLElement {
    const block = h('div', { class: 'block' });
    block.append(this.tools.sanitize(html));
    for (const link of block.querySelectorAll('a')) {
      setAttributes(link, { target: '_blank', rel: 'noopener noreferrer nofollow' });
    }
    for (const image of block.querySelectorAll('img')) {
      this.dressImage(image);
    }
    for (const table of block.querySelectorAll('table')) {
      const scroll = h('div', { class: 'table', tabindex: 0, role: 'group' });
      table.replaceWith(scroll);
      scroll.append(table);
    }
    for (const pre of block.querySelectorAll('pre')) {
      this.dressCode(pre);
    }
    return block;
  }

  private dressImage(image: HTMLImageElement): void {
    const { src, alt } = image;
    setAttributes(image, { loading: 'lazy', referrerpolicy: 'no-referrer' });
    if (src === '' || image.closest('a') !== null) {
      return;
    }
    const name = alt || this.tools.words.image;
    const button = h('button', {
      type: 'button', class: 'picture', 'aria-label': this.tools.words.preview(name), onclick: () => this.tools.preview(src, name),
    });
    image.replaceWith(button);
    button.append(image);
  }

  private dressCode(pre: HTMLPreElement): void {
    const { words } = this.tools;
    const language = pre.dataset['lang'] ?? '';
    const frame = h('div', { class: 'code' });
    const copy = iconButton('copy', words.copyCode, () => void copyText(pre.textContent ?? '', copy, words));
    pre.replaceWith(frame);
    setAttributes(pre, { tabindex: 0 });
    frame.append(h('div', { class: 'code-bar' }, h('span', {}, language), copy), pre);
  }
}
