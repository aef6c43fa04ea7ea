// Dialogs over the panel: questions, a name, feedback, a picture. The browser keeps the focus inside and gives it back.

import { append, h, iconButton } from '../dom.js';
import type { Words } from '../i18n.js';
import type { FeedbackPanel } from '../options.js';
import type { Feedback } from '../platform.js';

export class Dialogs {
  private lastId = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly panel: HTMLElement,
    private readonly words: Words,
  ) {}

  /** Asks whether to do something that cannot be undone. */
  confirm(title: string, text: string, action: string): Promise<boolean> {
    return new Promise((resolve) => {
      const dialog = this.open('question', title, () => resolve(false));
      const yes = h('button', { type: 'button', class: 'button danger', onclick: () => {
        resolve(true);
        dialog.close();
      } }, action);
      append(dialog, [text !== '' && h('p', {}, text), this.buttons(dialog, yes)]);
      this.show(dialog);
      dialog.querySelector<HTMLElement>('.button.plain')?.focus();
    });
  }

  /** Asks for a name; undefined if the visitor thinks better of it. */
  name(title: string, value: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const dialog = this.open('question', title, () => resolve(undefined));
      const input = h('input', { type: 'text', maxlength: 100, 'aria-label': this.words.newName, autocomplete: 'off' });
      input.value = value;
      const save = (event: Event): void => {
        event.preventDefault();
        const name = input.value.trim();
        resolve(name === '' ? undefined : name);
        dialog.close();
      };
      const yes = h('button', { type: 'submit', class: 'button' }, this.words.save);
      append(dialog, [h('form', { onsubmit: save }, input, this.buttons(dialog, yes))]);
      this.show(dialog);
      input.select();
    });
  }

  /** Asks what was wrong with an answer; undefined if the visitor does not say. */
  feedback(panel: FeedbackPanel): Promise<Feedback | undefined> {
    return new Promise((resolve) => {
      const { words } = this;
      const dialog = this.open('question', panel.title || words.feedbackTitle, () => resolve(undefined));
      const tags = panel.tags ?? [];
      const details = h('textarea', { rows: 3, maxlength: 250, placeholder: panel.placeholder || words.feedbackPlaceholder });
      details.setAttribute('aria-label', panel.placeholder || words.feedbackPlaceholder);
      details.hidden = tags.length > 0 && tags.some((t) => t.isNeedDetail);
      const chosen = new Set<string>();
      const chips = tags.map((tag) => {
        const chip = h('button', { type: 'button', class: 'chip', 'aria-pressed': 'false', onclick: () => {
          const on = !chosen.delete(tag.label);
          if (on) {
            chosen.add(tag.label);
          }
          chip.setAttribute('aria-pressed', String(on));
          details.hidden = tags.some((t) => t.isNeedDetail) && !tags.some((t) => t.isNeedDetail && chosen.has(t.label));
        } }, tag.label);
        return chip;
      });
      const send = (event: Event): void => {
        event.preventDefault();
        resolve({ type: 'unlike', reasons: [...chosen], comment: details.hidden ? '' : details.value.trim() });
        dialog.close();
      };
      const yes = h('button', { type: 'submit', class: 'button' }, words.submit);
      append(dialog, [h('form', { onsubmit: send }, h('div', { class: 'chips' }, ...chips), details, this.buttons(dialog, yes))]);
      this.show(dialog);
      (chips[0] ?? details).focus();
    });
  }

  /** Shows a picture as large as it fits. */
  picture(url: string, name: string): void {
    const dialog = this.open('lightbox', name, () => undefined);
    const close = iconButton('close', this.words.close, () => dialog.close());
    dialog.replaceChildren(h('img', { src: url, alt: name, referrerpolicy: 'no-referrer' }), close);
    dialog.setAttribute('aria-label', name);
    dialog.removeAttribute('aria-labelledby');
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) {
        dialog.close();
      }
    });
    dialog.showModal();
  }

  private open(kind: string, title: string, dismissed: () => void): HTMLDialogElement {
    this.lastId++;
    const id = `title-${this.lastId}`;
    const dialog = h('dialog', { class: kind, 'aria-labelledby': id }, h('h3', { id }, title));
    dialog.addEventListener('close', () => {
      dismissed();
      dialog.remove();
    });
    dialog.addEventListener('keydown', (event) => event.stopPropagation()); // Escape is for the dialog alone
    this.root.append(dialog);
    return dialog;
  }

  private buttons(dialog: HTMLDialogElement, yes: HTMLElement): HTMLElement {
    const no = h('button', { type: 'button', class: 'button plain', onclick: () => dialog.close() }, this.words.cancel);
    return h('div', { class: 'buttons' }, no, yes);
  }

  /** Shows a dialog in the middle of the panel. */
  private show(dialog: HTMLDialogElement): void {
    dialog.showModal();
    const { left, top, width, height } = this.panel.getBoundingClientRect();
    dialog.style.setProperty('left', `${left + (width - dialog.offsetWidth) / 2}px`);
    dialog.style.setProperty('top', `${top + (height - dialog.offsetHeight) / 2}px`);
  }
}
