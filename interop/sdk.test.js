// The vendor's Node SDK, as it comes from its package, against the fake server: each call, and the values that come back.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';

process.env.NO_PROXY = '127.0.0.1'; // the fake is on this machine, whatever proxy is set

const { CozeAPI } = await import('@coze/api');
const { Counter } = await import('./support/counted.js');
const { startFake } = await import('./support/fake.js');

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const fake = await startFake(publicKey);
const counter = new Counter();
const api = counter.client(new CozeAPI({ baseURL: fake.url, token: fake.token }));

for (const name of ['chat', 'conversations', 'bots', 'workflows', 'knowledge', 'audio', 'platform', 'oauth', 'proxy']) {
  const { default: suite } = await import(`./suites/${name}.js`);
  suite({ api, fake, counter, privateKey });
}

// The ways in which the SDK strays from the documentation. A new one fails here: is it a mistake of the document, or of the SDK?
const deviations = [
  'AuthorizeOAuth /query/state',
  'AuthorizeOAuthForWorkspace /query/state',
  'GetDocumentProgress /header/Agw-Js-Conv',
  'ListDocuments /body/page_size',
  'ListMessages /body',
  'RetrieveChat /method',
  'SubmitToolOutputs /body/auto_save_history',
];

test('the contract was kept', async (t) => {
  const report = await fake.stop();
  const seen = report.deviations.map((d) => `${d.Count} x ${d.Operation} ${d.Pointer}: ${d.What}`);
  t.diagnostic(`${counter.calls.size} functions of the SDK in ${counter.total} calls, ${report.calls} requests`);
  t.diagnostic(`deviations: ${seen.join('; ')}`);
  assert.equal(report.code, 0);
  assert.deepEqual(report.violations, []);
  assert.deepEqual(report.deviations.map((d) => `${d.Operation} ${d.Pointer}`).sort(), deviations);
  assert.ok(counter.calls.size >= 45, `${counter.calls.size} functions of the SDK`);
});
