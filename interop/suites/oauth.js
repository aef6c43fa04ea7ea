import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as sdk from '@coze/api';

/** Does what the user does in a browser: opens the address, allows, and is sent to the app. Returns the parameters that it got. */
async function consent(fake, address) {
  const first = await fetch(address, { redirect: 'manual' });
  assert.equal(first.status, 302);
  const page = new URL(first.headers.get('location'));
  assert.match(await (await fetch(page)).text(), /<form/);
  const second = await fetch(page, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ authorize_key: page.searchParams.get('authorize_key'), decision: 'allow' }),
  });
  assert.equal(second.status, 302);
  const back = new URL(second.headers.get('location'));
  assert.equal(back.origin + back.pathname, fake.redirectUrl);
  return back.searchParams;
}

export default function oauthSuite({ fake, counter, privateKey }) {
  const oauth = Object.fromEntries(
    Object.entries(sdk)
      .filter(([name, value]) => typeof value === 'function' && /^(get|refresh)/.test(name))
      .map(([name, value]) => [name, counter.wrap(name, value)]),
  );
  const baseURL = fake.url;
  const redirectUrl = fake.redirectUrl;

  /** Asserts that a token is one, and that it works. */
  async function assertToken(answer, withRefresh = true) {
    assert.ok(answer.access_token.length > 20);
    assert.ok(answer.expires_in > Date.now() / 1000, 'expires_in is a time in Unix seconds');
    assert.equal(Boolean(answer.refresh_token), withRefresh);
    const client = counter.client(new sdk.CozeAPI({ baseURL, token: async () => answer.access_token }));
    assert.equal((await client.users.me()).user_id, fake.userId);
  }

  test('authorization code of a web app: getWebAuthenticationUrl, getWebOAuthToken, refreshOAuthToken', async () => {
    const clientId = fake.apps.web;
    const { clientSecret } = fake;
    const url = oauth.getWebAuthenticationUrl({ baseURL, clientId, redirectUrl, state: 'a b&c' });
    const got = await consent(fake, url);
    assert.equal(got.get('state'), 'a b&c');
    const config = { baseURL, clientId, redirectUrl, clientSecret, code: got.get('code') };
    const token = await oauth.getWebOAuthToken(config);
    await assertToken(token);
    await assert.rejects(oauth.getWebOAuthToken(config), sdk.BadRequestError); // a code works once

    const next = await oauth.refreshOAuthToken({ baseURL, clientId, clientSecret, refreshToken: token.refresh_token });
    await assertToken(next);
    assert.notEqual(next.access_token, token.access_token);
    await assert.rejects(
      oauth.refreshOAuthToken({ baseURL, clientId, clientSecret: 'wrong', refreshToken: next.refresh_token }),
      (error) => error instanceof sdk.AuthenticationError && error.rawError.error_code === 'invalid_client',
    );
  });

  test('PKCE: getPKCEAuthenticationUrl, getPKCEOAuthToken, refreshOAuthToken', async () => {
    const clientId = fake.apps.pkce;
    // Without a state the SDK sends an empty one.
    const { url, codeVerifier } = await oauth.getPKCEAuthenticationUrl({ baseURL, clientId, redirectUrl });
    const got = await consent(fake, url);
    const config = { baseURL, clientId, redirectUrl, code: got.get('code') };
    await assert.rejects(oauth.getPKCEOAuthToken({ ...config, codeVerifier: 'x'.repeat(64) }), sdk.BadRequestError);
    const token = await oauth.getPKCEOAuthToken({ ...config, codeVerifier });
    await assertToken(token);
    await assertToken(await oauth.refreshOAuthToken({ baseURL, clientId, refreshToken: token.refresh_token }));
  });

  test('PKCE for one workspace', async () => {
    const clientId = fake.apps.pkce;
    const { url, codeVerifier } = await oauth.getPKCEAuthenticationUrl({
      baseURL,
      clientId,
      redirectUrl,
      workspaceId: fake.workspaceId,
    });
    assert.match(url, new RegExp(`/workspace_id/${fake.workspaceId}/authorize`));
    const got = await consent(fake, url);
    const token = await oauth.getPKCEOAuthToken({ baseURL, clientId, redirectUrl, code: got.get('code'), codeVerifier });
    const client = counter.client(new sdk.CozeAPI({ baseURL, token: token.access_token }));
    assert.deepEqual((await client.workspaces.list()).workspaces.map((w) => w.id), [fake.workspaceId]);
  });

  test('device code: getDeviceCode, getDeviceToken', async () => {
    const clientId = fake.apps.device;
    const device = await oauth.getDeviceCode({ baseURL, clientId });
    assert.match(device.user_code, /^[A-Z]{4}-[A-Z]{4}$/);
    assert.equal(device.interval, 5);
    assert.ok(device.expires_in > 0);
    await assert.rejects(oauth.getDeviceToken({ baseURL, clientId, deviceCode: device.device_code }), (error) => {
      assert.ok(error instanceof sdk.APIError);
      assert.equal(error.rawError.error, sdk.PKCEAuthErrorType.AUTHORIZATION_PENDING);
      return true;
    });
    const allowed = await fetch(device.verification_uri, {
      method: 'POST',
      body: new URLSearchParams({ user_code: device.user_code, decision: 'allow' }),
    });
    assert.equal(allowed.status, 200);
    await assertToken(await oauth.getDeviceToken({ baseURL, clientId, deviceCode: device.device_code, poll: true }));
  });

  test('JWT: getJWTToken', async () => {
    const config = { baseURL, appId: fake.apps.jwt, aud: new URL(baseURL).host, keyid: fake.keyId, privateKey };
    await assertToken(await oauth.getJWTToken({ ...config, durationSeconds: 600 }), false);

    // Tokens of two sessions do not see each other's conversations.
    const clients = [];
    for (const sessionName of ['ann', 'bob']) {
      const { access_token: token } = await oauth.getJWTToken({ ...config, sessionName });
      clients.push(counter.client(new sdk.CozeAPI({ baseURL, token })));
    }
    const { id } = await clients[0].conversations.create({ bot_id: fake.bots.echo });
    assert.equal((await clients[0].conversations.retrieve(id)).id, id);
    await assert.rejects(clients[1].conversations.retrieve(id), sdk.NotFoundError);

    await assert.rejects(oauth.getJWTToken({ ...config, aud: 'api.example.com' }), sdk.AuthenticationError);
  });
}
