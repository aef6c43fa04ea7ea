// The top of the panel: whom one talks to, and what can be done with the conversation.

import { append, h, iconButton } from '../dom.js';
import type { Words } from '../i18n.js';
import type { Settings } from '../options.js';
import type { Session } from '../session.js';
import type { Dialogs } from './dialogs.js';

export interface HeaderParts {
  id: string;
  title: () => string;
  avatar: () => Node;
  close: () => void;
  toggleConversations: () => void;
}

export class Header {
  readonly element: HTMLElement;
  /** Opens the list of conversations. */
  readonly conversations: HTMLButtonElement;

  constructor(session: Session, settings: Settings, words: Words, dialogs: Dialogs, parts: HeaderParts) {
    const title = h('h2', { id: parts.id, dir: 'auto' }, parts.title());
    const avatar = h('span', { class: 'avatar', 'aria-hidden': true }, parts.avatar());
    session.on('profile', () => {
      title.textContent = parts.title();
      avatar.replaceChildren(parts.avatar());
    });
    this.conversations = iconButton('menu', words.showConversations, parts.toggleConversations, { 'aria-expanded': 'false' });
    this.conversations.classList.add('drawer-button');
    const clear = iconButton('broom', words.clearContext, () => void session.clearContext());
    const wipe = iconButton('trash', words.clearMessages, () => {
      void dialogs.confirm(words.clearMessagesAsk, words.deleteConversationText, words.delete).then((yes) => {
        return yes ? session.clearMessages() : undefined;
      });
    });
    const update = (): void => {
      clear.disabled = wipe.disabled = session.conversationId === '' || session.messages.length === 0 || session.phase === 'loading';
    };
    session.on('phase', update);
    session.on('messages', update);
    session.on('added', update);
    session.on('removed', update);
    update();
    const { extra } = settings.header;
    this.element = h('header', { class: 'header', hidden: !settings.header.show });
    append(this.element, [
      settings.conversations && this.conversations, avatar, title, typeof extra === 'function' ? extra() : extra,
      settings.newConversation && iconButton('plus', words.newConversation, () => session.fresh(), { class: 'icon-button new' }),
      settings.clearContext && clear, settings.clearMessages && wipe,
      settings.header.close && iconButton('close', words.closeChat, parts.close),
    ]);
  }
}
