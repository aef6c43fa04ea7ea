import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JSDOM } from 'jsdom';
import { htmlOf } from '../src/markdown.js';
import { newSanitizer } from '../src/sanitize.js';
import { attacks } from './attacks.js';
import { blocksOf } from './blocks.js';

const { window } = new JSDOM('<!doctype html>', { url: 'https://page.example/' });
const sanitize = newSanitizer(window as unknown as Parameters<typeof newSanitizer>[0]);

function check(fragment: DocumentFragment, attack: string): void {
  for (const element of fragment.querySelectorAll('*')) {
    assert.doesNotMatch(element.localName, /^(script|style|iframe|object|embed|svg|math|form|input|button|link|meta|base|template|video|audio)$/, attack);
    for (const { name, value } of element.attributes) {
      assert.match(name, /^(href|src|alt|title|start|align|data-lang)$/, `${attack}: attribute ${name}`);
      if (name === 'href') {
        assert.match(value, /^(https?:|mailto:|tel:)/i, attack);
      }
      if (name === 'src') {
        assert.match(value, /^(https?:|data:image\/)/i, attack);
      }
    }
  }
}

for (const attack of attacks) {
  test(`sanitize: ${JSON.stringify(attack).slice(0, 70)}`, () => {
    check(sanitize(attack), `as HTML: ${attack}`);
    for (const block of blocksOf(attack)) {
      check(sanitize(htmlOf(block)), `as Markdown: ${attack}`);
    }
  });
}

test('sanitize: what is harmless stays', () => {
  const html = sanitize(htmlOf(blocksOf('[a](https://a.example) ![b](https://b.example/c.png) **d** `e`')[0]!));
  assert.equal(html.querySelector('a')?.getAttribute('href'), 'https://a.example');
  assert.equal(html.querySelector('img')?.getAttribute('src'), 'https://b.example/c.png');
  const more = sanitize(blocksOf('```go\nx\n```\n\n3. c\n\n| a |\n|--:|\n| b |').map(htmlOf).join(''));
  assert.equal(more.querySelector('pre')?.getAttribute('data-lang'), 'go');
  assert.equal(more.querySelector('ol')?.getAttribute('start'), '3');
  assert.equal(more.querySelector('th')?.getAttribute('align'), 'right');
  assert.equal(html.querySelector('strong')?.textContent, 'd');
});
