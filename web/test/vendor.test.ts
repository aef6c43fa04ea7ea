import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

// The files that the script is bundled from are those of the packages in the lock file, unmodified.
const files: Record<string, Record<string, string>> = {
  dompurify: { 'purify.es.mjs': 'dist/purify.es.mjs', LICENSE: 'LICENSE' },
  marked: { 'marked.esm.js': 'lib/marked.esm.js', LICENSE: 'LICENSE' },
};

interface Lock {
  packages: Record<string, { version: string; integrity: string }>;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;

for (const [name, copies] of Object.entries(files)) {
  test(`vendor: ${name}`, () => {
    for (const [copy, original] of Object.entries(copies)) {
      assert.ok(readFileSync(`vendor/${name}/${copy}`).equals(readFileSync(`node_modules/${name}/${original}`)), `${copy} differs`);
    }
    assert.deepEqual(readdirSync(`vendor/${name}`).sort(), [...Object.keys(copies), 'README.md'].sort());
    const { version, integrity } = lock.packages[`node_modules/${name}`] ?? { version: '?', integrity: '?' };
    const readme = readFileSync(`vendor/${name}/README.md`, 'utf8');
    assert.ok(readme.includes(version) && readme.includes(integrity), `README.md does not name ${version} and ${integrity}`);
  });
}

test('vendor: the lock file names no registry', () => {
  assert.doesNotMatch(readFileSync('package-lock.json', 'utf8'), /"resolved"/);
});
