// Markdown of answers: HTML of blocks, and the blocks of a text that is still growing.

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

/** Blocks of a text that were found since the last look at it. */
export interface Growth {
  /** Follow the finished ones of before and will not change. */
  finished: Token[];
  /** Follow these, and may change with the next piece. */
  open: Token[];
}

/**
 * Cuts a growing text into blocks. Only what follows the finished blocks is read again when a piece comes.
 *
 * The last two blocks stay open: what comes can still belong to the last one, and as long as that is a line without an end, such as
 * "2" before ". more", to the list before it.
 */
export class GrowingBlocks {
  private tail = '';
  private endsInCR = false;
  private links: TokensList['links'] = {};

  push(piece: string): void {
    const text = this.endsInCR && piece.startsWith('\n') ? piece.slice(1) : piece;
    this.endsInCR = piece.endsWith('\r');
    this.tail += text.replace(/\r\n?/g, '\n');
  }

  /** True when a link that is used can be defined in a later block; then only the whole text tells what earlier blocks look like. */
  get hasDefinitions(): boolean {
    return Object.keys(this.links).length > 0;
  }

  look(): Growth {
    const lexer = new marked.Lexer(marked.defaults);
    lexer.tokens.links = this.links;
    const tokens = lexer.lex(this.tail);
    this.links = tokens.links;
    let keep = 2;
    let first = tokens.length;
    while (first > 0 && keep > 0) {
      first--;
      if (tokens[first]?.type !== 'space') {
        keep--;
      }
    }
    const finished = tokens.slice(0, first);
    const length = finished.reduce((n, t) => n + t.raw.length, 0);
    this.tail = this.tail.slice(length);
    return { finished: finished.filter(shows), open: tokens.slice(first).filter(shows) };
  }
}

/** All blocks of a whole text. */
export function blocksOf(text: string): Token[] {
  return marked.lexer(text).filter(shows);
}

function shows(block: Token): boolean {
  return block.type !== 'space' && block.type !== 'def';
}
