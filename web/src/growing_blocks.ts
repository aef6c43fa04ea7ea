// The blocks of a Markdown text that is still growing.

import type { Token, Tokens, TokensList } from 'marked';
import { lex } from './markdown.js';

/** A block, or a part of a long one. */
export interface Block {
  token: Token;
  /** Whether it goes on with the block before it, which is of the same kind. */
  joins: boolean;
}

/** What a look at the text has found since the last one. */
export interface Growth {
  /** Follow the finished ones of before and will not change. */
  finished: Block[];
  /** Follow these, and may change with the next piece. */
  open: Block[];
}

/** A block that has more characters than this is finished in parts. */
const longBlock = 4096;

/**
 * Cuts a growing text into blocks. Only what follows the finished blocks is read again when a piece comes.
 *
 * The last two blocks stay open: what comes can still belong to the last one, and as long as that is a line without an end, such as
 * "2" before ". more", to the list before it. Lists, tables, code and paragraphs that grow long are finished in parts.
 */
export class GrowingBlocks {
  private tail = '';
  private endsInCR = false;
  private joins = false;

  /** The links are those that the text defines, if they are known from an earlier pass. */
  constructor(private links: TokensList['links'] = {}) {}

  /** What the text has defined so far, for links anywhere in it. */
  get definitions(): TokensList['links'] {
    return this.links;
  }

  push(piece: string): void {
    const text = this.endsInCR && piece.startsWith('\n') ? piece.slice(1) : piece;
    this.endsInCR = piece.endsWith('\r');
    this.tail += text.replace(/\r\n?/g, '\n');
  }

  look(): Growth {
    const tokens = lex(this.tail, this.links);
    this.links = tokens.links;
    const last = tokens.findLastIndex((t) => t.type !== 'space');
    const split = last < 0 ? undefined : splitLong(tokens[last] as Token);
    if (split !== undefined && last === tokens.length - 1) {
      const finished = this.blocks([...tokens.slice(0, last), split.part]);
      this.tail = split.rest;
      this.joins = true;
      return { finished, open: this.blocks(lex(this.tail, this.links)) };
    }
    const first = firstOpen(tokens);
    const finished = this.blocks(tokens.slice(0, first));
    this.tail = this.tail.slice(tokens.slice(0, first).reduce((n, t) => n + t.raw.length, 0));
    this.joins &&= finished.length === 0;
    return { finished, open: this.blocks(tokens.slice(first)) };
  }

  private blocks(tokens: readonly Token[]): Block[] {
    return tokens
      .filter((t) => t.type !== 'space' && t.type !== 'def')
      .map((token, i) => ({ token, joins: this.joins && i === 0 }))
      .filter(({ token, joins }) => !(joins && token.type === 'code' && token['text'] === ''));
  }
}

/** The index of the second last block that shows something; white space between does not count. */
function firstOpen(tokens: readonly Token[]): number {
  let keep = 2;
  let first = tokens.length;
  while (first > 0 && keep > 0) {
    first--;
    if (tokens[first]?.type !== 'space') {
      keep--;
    }
  }
  return first;
}

interface Split {
  part: Token;
  /** What is left of the text, as a block of the same kind. */
  rest: string;
}

function splitLong(token: Token): Split | undefined {
  if (token.raw.length <= longBlock) {
    return undefined;
  }
  switch (token.type) {
    case 'list':
      return splitList(token as Tokens.List);
    case 'table':
      return splitTable(token as Tokens.Table);
    case 'code':
      return splitCode(token as Tokens.Code);
    case 'paragraph':
      return splitParagraph(token as Tokens.Paragraph);
    default:
      return undefined;
  }
}

/** Before the last item. */
function splitList(list: Tokens.List): Split | undefined {
  const rest = list.items.at(-1)?.raw ?? '';
  if (list.items.length < 2 || rest === '' || !list.raw.endsWith(rest)) {
    return undefined;
  }
  return { part: { ...list, items: list.items.slice(0, -1) }, rest };
}

/** Before the last row, which keeps the head of the table. */
function splitTable(table: Tokens.Table): Split | undefined {
  const lines = table.raw.replace(/\n+$/, '').split('\n');
  if (table.rows.length < 2 || lines.length !== table.rows.length + 2) {
    return undefined;
  }
  const rest = table.raw.slice(lines.slice(0, -1).join('\n').length + 1);
  return { part: { ...table, rows: table.rows.slice(0, -1) }, rest: `${lines[0] ?? ''}\n${lines[1] ?? ''}\n${rest}` };
}

/** Behind the last whole line, if the fence is still open. */
function splitCode(code: Tokens.Code): Split | undefined {
  const fence = /^ {0,3}(`{3,}|~{3,})[^\n]*\n/.exec(code.raw);
  if (fence === null) {
    return undefined;
  }
  const body = code.raw.slice(fence[0].length);
  const end = body.lastIndexOf('\n');
  const marker = fence[1] ?? '';
  const closing = new RegExp(`(^|\\n) {0,3}${marker}`);
  if (end <= 0 || closing.test(body)) {
    return undefined;
  }
  return { part: { ...code, text: body.slice(0, end) }, rest: fence[0] + body.slice(end + 1) };
}

/** At the last space. Marks that begin before it and end behind it are lost, which hardly ever matters in texts that long. */
function splitParagraph(paragraph: Tokens.Paragraph): Split | undefined {
  const end = paragraph.raw.lastIndexOf(' ');
  const part = lex(paragraph.raw.slice(0, end), {})[0];
  if (end <= 0 || part?.type !== 'paragraph' || paragraph.raw.slice(end + 1).trim() === '') {
    return undefined;
  }
  return { part, rest: paragraph.raw.slice(end + 1) };
}
