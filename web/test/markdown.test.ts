import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrowingBlocks } from '../src/growing_blocks.js';
import { htmlOf } from '../src/markdown.js';
import { blocksOf } from './blocks.js';

const texts: Record<string, string> = {
  paragraphs: 'One.\n\nTwo *and* **more**\nwith a break.\n\n\n\nThree.',
  headings: '# A\ntext\n## B\n\nSetext\n======\n\nAnother\n---\nend',
  lists: '- a\n- b\n\n- c\n\n  more of c\n\n      code of c\n\nend\n\n1. x\n\n2. y\n   - z\n\n3) other\n\n- [x] done\n- [ ] open',
  'a list after a number': '1. a\n\n2. b\n\n10. c\n\nand 10\n\n11',
  code: 'See:\n\n```go\nfunc main() {\n\n\n\tprintln("<b>")\n}\n```\n\nafter\n\n    indented\n\n    more\n\n~~~\nopen',
  table: 'A table:\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n| 3 | `x` |\n\nend',
  quote: '> a\n> b\n\n> c\nlazy\n\n>\n> d\n\nend',
  html: 'a <b>bold</b> <script>x</script>\n\n<div>\n\n**in**\n\n</div>\n\n<!-- note\n\nmore -->\n\nend <br> x',
  rules: 'a\n\n---\n\n***\n\nb\n\n- - -\n\nc',
  chinese: '你好！\n\n1. 第一\n2. 第二\n\n**粗体**和`代码`。\n\n> 引用',
  'line ends': 'a\r\n\r\n- b\r\n- c\r\rd\r\n\r\n```\r\nx\r\n\r\ny\r\n```\r\n',
  links: '[a](https://a.example) <https://b.example> https://c.example\n\n![i](https://a.example/i.png "t")',
  'unfinished': '**bold and `code\n\n[link](https://\n\n| a |\n|--',
};

function grow(text: string, step: number): string[] {
  const blocks = new GrowingBlocks();
  const html: string[] = [];
  let open: string[] = [];
  for (let i = 0; i < text.length; i += step) {
    blocks.push(text.slice(i, i + step));
    const growth = blocks.look();
    html.push(...growth.finished.map((b) => htmlOf(b.token)));
    open = growth.open.map((b) => htmlOf(b.token));
  }
  return [...html, ...open];
}

for (const [name, text] of Object.entries(texts)) {
  test(`markdown: growing equals whole: ${name}`, () => {
    const want = blocksOf(text).map(htmlOf);
    for (const step of [1, 2, 3, 5, 7, 64]) {
      assert.deepEqual(grow(text, step), want, `in pieces of ${step}`);
    }
  });
}

test('markdown: growing equals whole for all texts together', () => {
  const text = Object.values(texts).filter((t) => !t.includes('open')).join('\n\nNext.\n\n');
  assert.deepEqual(grow(text, 1), blocksOf(text).map(htmlOf));
});

test('markdown: finished blocks leave the tail', () => {
  const blocks = new GrowingBlocks();
  let finished = 0;
  for (let i = 0; i < 500; i++) {
    blocks.push(`Paragraph ${i}.\n\n`);
    const growth = blocks.look();
    finished += growth.finished.length;
    assert.ok(growth.open.length <= 2);
  }
  assert.equal(finished, 498);
});

// A long block comes in parts; laid together, without the tags at the seams, they are the whole.
const seams: Record<string, RegExp> = {
  list: /<\/ul>\n<ul>\n/g,
  table: /<\/tbody><\/table>\n<table>\n<thead>\n<tr>\n<th>a<\/th>\n<th>b<\/th>\n<\/tr>\n<\/thead>\n<tbody>/g,
  code: /<\/code><\/pre><pre data-lang="go"><code>/g,
  paragraph: /<\/p>\n<p>/g,
};
const long: Record<string, string> = {
  list: Array.from({ length: 800 }, (_, i) => `- item *${i}* of many`).join('\n'),
  table: `| a | b |\n|---|---|\n${Array.from({ length: 800 }, (_, i) => `| ${i} | *x* |`).join('\n')}`,
  code: `\`\`\`go\n${Array.from({ length: 800 }, (_, i) => `line(${i})`).join('\n')}\n\`\`\``,
  paragraph: Array.from({ length: 3000 }, (_, i) => `word${i}`).join(' '),
};
for (const [name, text] of Object.entries(long)) {
  test(`markdown: a long ${name} is finished in parts`, () => {
    const blocks = new GrowingBlocks();
    const parts: string[] = [];
    let open: string[] = [];
    const whole = `Before.\n\n${text}\n\nAfter.\n\nEnd.`;
    for (let i = 0; i < whole.length; i += 37) {
      blocks.push(whole.slice(i, i + 37));
      const growth = blocks.look();
      parts.push(...growth.finished.map((b) => htmlOf(b.token)));
      open = growth.open.map((b) => htmlOf(b.token));
      assert.ok(open.join('').length < 16384, `${open.join('').length} characters are open`);
    }
    assert.ok(parts.length > 2, `${parts.length} parts`);
    const want = blocksOf(whole).map(htmlOf).join('');
    const got = [...parts, ...open].join('').replace(seams[name] as RegExp, name === 'paragraph' ? ' ' : '');
    assert.equal(name === 'paragraph' ? got.replace('<p>Before. ', '<p>Before.</p>\n<p>').replace(' After. End.', '</p>\n<p>After.</p>\n<p>End.') : got, want);
  });
}

test('markdown: definitions of links are noticed', () => {
  const blocks = new GrowingBlocks();
  blocks.push('[a]\n\nx\n\ny\n\n[a]: https://a.example\n\nz\n');
  blocks.look();
  assert.deepEqual(Object.keys(blocks.definitions), ['a']);
  assert.match(blocksOf('[a]\n\n[a]: https://a.example').map(htmlOf).join(''), /href="https:\/\/a\.example"/);
});

test('markdown: html with attributes is text', () => {
  const html = blocksOf('<img src=x onerror=alert(1)>\n\n<b onclick="x">b</b> <B>c</B><br/>').map(htmlOf).join('');
  assert.doesNotMatch(html, /<img|<b onclick/);
  assert.match(html, /&lt;img src=x/);
  assert.match(html, /<b>c<\/b><br\/>/);
});
