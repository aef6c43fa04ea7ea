// The line at the bottom, with links in the place of {{names}}.

import { h } from '../dom.js';
import type { Settings } from '../options.js';

export function footerOf({ text, links, show }: Settings['footer']): HTMLElement | undefined {
  if (!show || text === '') {
    return undefined;
  }
  const line = h('p', { class: 'footer' });
  for (const [i, part] of text.split(/\{\{\s*([^{}]+?)\s*\}\}/).entries()) {
    if (i % 2 === 0) {
      line.append(part);
      continue;
    }
    const { text: label = part, link = '' } = links[part] ?? {};
    line.append(/^(https?:|mailto:|tel:|\/(?!\/))/i.test(link)
      ? h('a', { href: link, target: '_blank', rel: 'noopener noreferrer' }, label) : label);
  }
  return line;
}
