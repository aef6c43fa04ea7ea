// Copying, with a sign that it worked.

import { icon } from '../dom.js';
import type { Words } from '../i18n.js';

/** How long the sign stays, in milliseconds. */
const signTime = 1600;

/** Copies a text and shows so on the button. */
export async function copyText(text: string, button: HTMLButtonElement, words: Words): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copyBySelection(text, button)) {
      return;
    }
  }
  const label = button.getAttribute('aria-label') ?? '';
  button.replaceChildren(icon('check'));
  button.setAttribute('aria-label', words.copied);
  setTimeout(() => {
    button.replaceChildren(icon('copy'));
    button.setAttribute('aria-label', label);
  }, signTime);
}

/** For pages without https, where the clipboard cannot be written otherwise. */
function copyBySelection(text: string, button: HTMLButtonElement): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.readOnly = true;
  area.className = 'away';
  button.after(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  button.focus();
  return copied;
}
