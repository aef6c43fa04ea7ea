// The chat widget as an ES module. The script is loaded from the same folder.
import './coze-chat.js';

const { WebChatClient, CozeChatElement, setScriptUrl } = globalThis.CozeWebSDK;
setScriptUrl(new URL('coze-chat.js', import.meta.url).href);

export { CozeChatElement, WebChatClient };
