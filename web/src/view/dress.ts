// What the widget adds to the HTML of an answer.

import { h, iconButton, setAttributes } from '../dom.js';
import { copyText } from './clipboard.js';
import type { TextTools } from './answer_text.js';

/** Makes links open elsewhere, tables scroll, pictures open large, and code easy to copy. */
export function dress(block: HTMLElement, tools: TextTools): void {
  for (const link of block.querySelectorAll('a')) {
    setAttributes(link, { target: '_blank', rel: 'noopener noreferrer nofollow' });
  }
  for (const image of block.querySelectorAll('img')) {
    dressImage(image, tools);
  }
  for (const table of block.querySelectorAll('table')) {
    const scroll = h('div', { class: 'table', tabindex: 0, role: 'group' });
    table.replaceWith(scroll);
    scroll.append(table);
  }
  for (const pre of block.querySelectorAll('pre')) {
    dressCode(pre, tools);
  }
}

function dressImage(image: HTMLImageElement, { words, preview }: TextTools): void {
  const { src, alt } = image;
  setAttributes(image, { loading: 'lazy', referrerpolicy: 'no-referrer' });
  if (src === '' || image.closest('a') !== null) {
    return;
  }
  const name = alt || words.image;
  const button = h('button', { type: 'button', class: 'picture', 'aria-label': words.preview(name), onclick: () => preview(src, name) });
  image.replaceWith(button);
  button.append(image);
}

function dressCode(pre: HTMLPreElement, { words }: TextTools): void {
  const frame = h('div', { class: 'code' });
  const copy = iconButton('copy', words.copyCode, () => void copyText(pre.textContent ?? '', copy, words));
  const language = h('span', {}, pre.dataset['lang'] ?? '');
  pre.replaceWith(frame);
  setAttributes(pre, { tabindex: 0 });
  frame.append(h('div', { class: 'code-bar' }, language, copy), pre);
}
