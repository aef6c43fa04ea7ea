// Markdown of answers.

import { Marked, type Token, type Tokens, type TokensList } from 'marked';

/** Tags that answers may use as HTML, without attributes. Everything else that looks like HTML is shown as text. */
const plainTag =
  /<\/?(?:b|blockquote|br|code|dd|del|details|div|dl|dt|em|h[1-6]|hr|i|ins|kbd|li|mark|ol|p|pre|q|s|small|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|u|ul)\s*\/?>/gi;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (c) => entities[c] ?? c);
}

/** HTML of an answer: tags that it may use stay, the others become text. Character references stay as they are. */
function safeHtml(html: string): string {
  let out = '';
  let from = 0;
  for (const tag of html.matchAll(plainTag)) {
    out += html.slice(from, tag.index).replace(/[<>]/g, (c) => entities[c] ?? c) + tag[0].toLowerCase();
    from = tag.index + tag[0].length;
  }
  return out + html.slice(from).replace(/[<>]/g, (c) => entities[c] ?? c);
}

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    html: ({ text }: Tokens.HTML | Tokens.Tag) => safeHtml(text),
    code: ({ text, lang }: Tokens.Code) => `<pre data-lang="${escape(/^\S*/.exec(lang ?? '')?.[0] ?? '')}"><code>${escape(text)}\n</code></pre>`,
    checkbox: ({ checked }: Tokens.Checkbox) => (checked ? '☑ ' : '☐ '),
  },
});

/** The HTML of a block. It still has to be sanitised: links and images are as the text gives them. */
export function htmlOf(block: Token): string {
  return marked.parser([block]);
}

/** Reads a text whose links are defined in it, or were before. */
export function lex(text: string, links: TokensList['links']): TokensList {
  const lexer = new marked.Lexer(marked.defaults);
  lexer.tokens.links = links;
  return lexer.lex(text);
}
