// What screen readers are told.

import { h } from '../dom.js';

/** Parts of an answer are read out at most this often, in milliseconds. */
const pause = 1500;

/** More than this is not read out unasked, in characters; the answer itself can be read. */
const longest = 2000;

/** Reads out what happens, politely: parts of answers are gathered, so that they do not cut each other off. */
export class Announcer {
  readonly element = h('div', { class: 'away', role: 'status', 'aria-live': 'polite', 'aria-atomic': true });
  private waiting: string[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private flip = false;

  /** Says something soon, behind what waits. */
  say(text: string): void {
    const line = text.trim();
    if (line === '') {
      return;
    }
    this.waiting.push(line);
    this.timer ??= setTimeout(() => this.flush(), pause);
  }

  /** Says something at once, in place of what waits. */
  now(text: string): void {
    this.waiting = [text];
    this.flush();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const text = this.waiting.join('\n').slice(0, longest);
    this.waiting = [];
    this.flip = !this.flip; // the same words again are read again
    this.element.textContent = this.flip ? text : `${text}\u00a0`;
  }
}
