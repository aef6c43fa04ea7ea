// The text of an answer on the screen, while it grows and after.

import { h } from '../dom.js';
import { GrowingBlocks, type Block } from '../growing_blocks.js';
import type { Words } from '../i18n.js';
import { htmlOf } from '../markdown.js';
import type { Sanitizer } from '../sanitize.js';
import { dress } from './dress.js';

/** What the texts of a widget share. */
export interface TextTools {
  sanitize: Sanitizer;
  words: Words;
  preview: (url: string, name: string) => void;
  announce: (text: string) => void;
}

/** A frame does at most about this much work on a text, in milliseconds; what is left waits for the next one. */
const budget = 8;

/** So many characters are read at a time. Texts that are not longer are shown at once when they are complete. */
const chunk = 1024;
const shortText = 4096;

/** A frame that took longer than this, in milliseconds, is followed by a pause of restFactor times as long. */
const longFrame = 12;
const restFactor = 2;

/** Frames do not come while the page is hidden; then the text is brought up to date after this many milliseconds. */
const hiddenPause = 250;

/** So many blocks share a group, which browsers leave out of their work while it is off the screen. */
const groupSize = 24;

/** A block on the screen: an element, or nodes in that of the block which it goes on with. */
interface Part {
  html: string;
  joins: boolean;
  nodes: ChildNode[];
}

/**
 * Shows Markdown. Pieces are collected until the next frame; finished blocks are made once, and only the open end is made again. However
 * much comes at once, a frame makes a part of it and leaves the rest to the next.
 */
export class AnswerText {
  readonly element = h('div', { class: 'markdown', dir: 'auto' });
  /** Called after what is shown has changed. */
  onChange: () => void = () => undefined;
  private blocks = new GrowingBlocks();
  private text = ''; // all of it
  private incoming = ''; // the part that has not been read
  private open: Part[] = [];
  private finishing = false;
  private quiet = true; // nothing of the text is read out
  private frame = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private restUntil = 0;

  constructor(private readonly tools: TextTools) {}

  append(piece: string): void {
    this.quiet = false;
    this.text += piece;
    this.incoming += piece;
    if (this.frame === 0) {
      this.schedule();
    }
  }

  /** Shows a whole text, if it is short at once. Nothing is made anew if it is what has been appended. */
  finish(text: string): void {
    if (this.finishing && text === this.text) {
      return;
    }
    if (text !== this.text) {
      this.restart(text, new GrowingBlocks());
    }
    this.finishing = true;
    if (this.incoming.length <= shortText) {
      this.cancel();
      this.work(Infinity);
    } else if (this.frame === 0) {
      this.schedule();
    }
  }

  cancel(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.frame = 0;
  }

  private restart(text: string, blocks: GrowingBlocks): void {
    this.blocks = blocks;
    this.text = text;
    this.incoming = text;
    this.open = [];
    this.element.replaceChildren();
  }

  private schedule(): void {
    const run = (): void => {
      this.cancel();
      const start = performance.now();
      if (start < this.restUntil) {
        this.schedule();
        return;
      }
      this.work(budget);
      const took = performance.now() - start;
      this.restUntil = took > longFrame ? start + took * (1 + restFactor) : 0;
      if (this.incoming !== '') {
        this.schedule();
      }
    };
    this.frame = requestAnimationFrame(run);
    this.timer = setTimeout(run, hiddenPause);
  }

  private work(limit: number): void {
    const start = performance.now();
    let open: Block[] | undefined;
    while (this.incoming !== '' && performance.now() - start < limit) {
      this.blocks.push(this.incoming.slice(0, chunk));
      this.incoming = this.incoming.slice(chunk);
      const growth = this.blocks.look();
      if (growth.finished.length > 0) {
        this.replaceOpen(growth.finished);
        this.announce(this.open);
        this.open = [];
      }
      open = growth.open;
    }
    if (open !== undefined) {
      this.replaceOpen(open);
    }
    if (this.finishing && this.incoming === '') {
      this.end();
    }
    this.onChange();
  }

  private end(): void {
    const links = this.blocks.definitions;
    if (Object.keys(links).length > 0 && !this.quiet) {
      // Links may be defined behind their use: the whole text is read again.
      this.quiet = true;
      this.restart(this.text, new GrowingBlocks(links));
      this.work(Infinity);
      return;
    }
    this.announce(this.open);
    this.open = [];
  }

  private announce(parts: readonly Part[]): void {
    if (!this.quiet) {
      this.tools.announce(parts.flatMap((p) => p.nodes.map((n) => n.textContent ?? '')).join('\n'));
    }
  }

  /** Puts blocks in the place of the open ones. What has not changed stays. */
  private replaceOpen(blocks: readonly Block[]): void {
    const parts = blocks.map(({ token, joins }) => ({ html: htmlOf(token), joins, nodes: [] }));
    let same = 0;
    while (same < parts.length && this.open[same]?.html === parts[same]?.html && this.open[same]?.joins === parts[same]?.joins) {
      same++;
    }
    for (const node of this.open.slice(same).flatMap((p) => p.nodes)) {
      node.remove();
    }
    const kept = this.open.slice(0, same);
    this.open = [...kept, ...parts.slice(same).map((p) => this.show(p))];
  }

  /** The group that the next block goes into. */
  private group(): Element {
    let group = this.element.lastElementChild;
    if (group === null || group.childElementCount >= groupSize) {
      group = h('div', { class: 'group' });
      this.element.append(group);
    }
    return group;
  }

  private show(part: Part): Part {
    const block = h('div', { class: 'block' });
    block.append(this.tools.sanitize(part.html));
    const last = this.element.lastElementChild?.lastElementChild;
    const inner = '.code > pre, table > tbody, :scope > p';
    const before = part.joins ? last?.querySelector(inner) : null;
    const source = block.querySelector(':scope > pre, :scope > table > tbody, :scope > p');
    dress(block, this.tools);
    if (!before || source === null) {
      block.classList.toggle('goes-on', part.joins); // long lists are several, so that each is laid out alone
      this.group().append(block);
      return { ...part, nodes: [block] };
    }
    const nodes = [...source.childNodes];
    if (before.localName === 'p') {
      nodes.unshift(document.createTextNode(' '));
    }
    before.append(...nodes);
    return { ...part, nodes };
  }
}
