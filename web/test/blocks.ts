import type { Token } from 'marked';
import { lex } from '../src/markdown.js';

/** All blocks of a whole text. */
export function blocksOf(text: string): Token[] {
  return lex(text, {}).filter((t) => t.type !== 'space' && t.type !== 'def');
}
