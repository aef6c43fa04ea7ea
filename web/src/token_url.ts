// Tokens from a server that gives one to each visitor.

import { ApiError } from './errors.js';

/** Fetches a token of the visitor, whom the server knows by a cookie. */
export async function fetchToken(url: string): Promise<string> {
  const response = await fetch(new URL(url, document.baseURI), { method: 'POST', credentials: 'same-origin', cache: 'no-store' });
  if (!response.ok) {
    throw new ApiError(response.status === 429 ? 'rate' : 'login', `HTTP ${response.status}`, response.status);
  }
  const { token } = (await response.json()) as { token?: unknown };
  if (typeof token !== 'string' || token === '') {
    throw new ApiError('login', 'the server gave no token');
  }
  return token;
}
