// What the script leaves on the page: the element <coze-chat> and the global CozeWebSDK.

import { WebChatClient } from './client.js';
import { CozeChatElement } from './element.js';
import { setScriptUrl } from './script_url.js';

if (customElements.get('coze-chat') === undefined) {
  customElements.define('coze-chat', CozeChatElement);
  Object.assign(globalThis, { CozeWebSDK: { WebChatClient, CozeChatElement, setScriptUrl } });
}
