// The constructor that the vendor's Chat SDK has.

import type { CozeChatElement } from './element.js';
import { surroundings } from './element.js';
import { resolveOptions, type ChatOptions } from './options.js';

export class WebChatClient {
  /** Those that have not been destroyed. */
  static readonly clients: WebChatClient[] = [];

  /** The element that shows the chat. */
  readonly element: CozeChatElement;

  /**
   * Puts a chat on the page: a floating button, or what `ui.chatBot.el` is filled with.
   *
   * @throws OptionError if the options name no bot and no app
   */
  constructor(options: ChatOptions) {
    const { el } = resolveOptions(options, surroundings());
    this.element = document.createElement('coze-chat') as CozeChatElement;
    this.element.options = options;
    (el ?? document.body ?? document.documentElement).append(this.element);
    WebChatClient.clients.push(this);
  }

  showChatBot(): void {
    void this.element.show();
  }

  hideChatBot(): void {
    void this.element.hide();
  }

  /** The token that calls would use; empty without one. */
  getToken(): string {
    return this.element.getToken();
  }

  /** Takes the chat off the page and ends what it does. */
  destroy(): void {
    this.element.remove();
    const { clients } = WebChatClient;
    const at = clients.indexOf(this);
    if (at >= 0) {
      clients.splice(at, 1);
    }
  }
}
