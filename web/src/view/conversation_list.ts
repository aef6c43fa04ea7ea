// The conversations of the visitor, at the side of the panel or over it.

import { append, h, iconButton } from '../dom.js';
import type { Words } from '../i18n.js';
import { roving } from '../keyboard.js';
import type { Session } from '../session.js';
import type { WireConversation } from '../wire.js';
import type { Dialogs } from './dialogs.js';

export class ConversationList {
  readonly element: HTMLElement;
  private readonly list = h('ul', {});
  private readonly empty: HTMLElement;

  constructor(
    private readonly session: Session,
    private readonly dialogs: Dialogs,
    private readonly words: Words,
    private readonly chosen: () => void,
  ) {
    const fresh = iconButton('plus', words.newConversation, () => {
      session.fresh();
      chosen();
    });
    this.empty = h('p', { class: 'muted' }, words.noConversations);
    this.element = h('nav', { class: 'conversations', 'aria-label': words.conversations },
      h('header', {}, h('h3', {}, words.conversations), fresh), this.empty, this.list);
    session.on('conversations', () => this.show());
    this.show();
  }

  /** Puts the focus on the conversation that is shown. */
  focus(): void {
    (this.element.querySelector<HTMLElement>('[aria-current="true"]') ?? this.element.querySelector<HTMLElement>('button'))?.focus();
  }

  private show(): void {
    const focused = (this.list.getRootNode() as ShadowRoot | Document).activeElement;
    const index = [...this.list.querySelectorAll('button')].indexOf(focused as HTMLButtonElement);
    this.list.replaceChildren(...this.session.conversations.map((c) => this.item(c)));
    this.empty.hidden = this.session.conversations.length > 0;
    roving(this.list, 'button');
    if (index >= 0) {
      const buttons = this.list.querySelectorAll('button');
      (buttons[Math.min(index, buttons.length - 1)] ?? this.element.querySelector('button'))?.focus();
    }
  }

  private item(conversation: WireConversation): HTMLElement {
    const { words, session } = this;
    const name = conversation.name || words.untitled;
    const current = conversation.id === session.conversationId;
    const item = h('li', { class: current ? 'current' : '' });
    const open = h('button', { type: 'button', class: 'open', dir: 'auto', 'aria-current': current ? 'true' : undefined, onclick: () => {
      if (!current) {
        void session.open(conversation.id);
      }
      this.chosen();
    } }, name);
    const rename = iconButton('pen', words.renameOf(name), () => void this.rename(conversation, name));
    const remove = iconButton('trash', words.deleteOf(name), () => void this.remove(conversation));
    append(item, [open, rename, remove]);
    return item;
  }

  private async rename({ id }: WireConversation, name: string): Promise<void> {
    const fresh = await this.dialogs.name(this.words.rename, name);
    if (fresh !== undefined && fresh !== name) {
      await this.session.renameConversation(id, fresh);
    }
  }

  private async remove({ id }: WireConversation): Promise<void> {
    const { words } = this;
    if (await this.dialogs.confirm(words.deleteConversation, words.deleteConversationText, words.delete)) {
      await this.session.deleteConversation(id);
    }
  }
}
