// Calls to the platform, or to the server in front of it.

import { ApiError, asApiError, errorOf } from './errors.js';
import { SseDecoder, type SseEvent } from './sse.js';
import { postForm } from './upload.js';
import type { Tokens } from './tokens.js';
import type { Envelope } from './wire.js';

export type Query = Record<string, string | number | undefined>;

/** A call. Paths begin with a slash and are below the base address. */
export interface Request {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
}

/** The longest that a call may take, in milliseconds. */
const timeout = 10 * 60 * 1000;

/** The longest that events are handled without a pause in which the browser can paint and take input, in milliseconds. */
const slice = 8;

export class Api {
  constructor(
    private readonly base: string,
    private readonly tokens: Tokens,
    private readonly credentials: RequestCredentials,
  ) {}

  /** Makes a call and returns the whole body of its answer. */
  call<T extends object>(request: Request): Promise<T> {
    return this.authorized(async (token) => {
      const response = await this.send(request, token);
      return (await envelopeOf(response)) as T;
    });
  }

  /** Makes a call and hands the events of its answer to take, in order, until it returns false or the stream ends. */
  stream(request: Request, take: (event: SseEvent) => boolean): Promise<void> {
    return this.authorized(async (token) => {
      const response = await this.send(request, token);
      if (!response.headers.get('content-type')?.includes('event-stream') || response.body === null) {
        await envelopeOf(response);
        return;
      }
      await readEvents(response.body, take);
    });
  }

  /** Uploads a file as the part "file"; progress goes from 0 to 1. */
  upload<T extends object>(path: string, file: Blob, name: string, progress: (part: number) => void, signal: AbortSignal): Promise<T> {
    return this.authorized(async (token) => {
      const answer = await postForm(this.base + path, file, name, { token, credentials: this.credentials, progress, signal });
      return checked(answer.text, answer.status, answer.logId) as T;
    });
  }

  private async authorized<T>(call: (token: string) => Promise<T>): Promise<T> {
    try {
      const token = await this.tokens.get();
      try {
        return await call(token);
      } catch (thrown) {
        const fresh = thrown instanceof ApiError && thrown.wantsToken ? await this.tokens.renew(token) : undefined;
        if (fresh === undefined) {
          throw thrown;
        }
        return await call(fresh);
      }
    } catch (thrown) {
      if (isAbort(thrown)) {
        throw thrown;
      }
      throw asApiError(thrown);
    }
  }

  private send({ method, path, query = {}, body, signal }: Request, token: string): Promise<Response> {
    const headers: Record<string, string> = {};
    if (token !== '') {
      headers['Authorization'] = `Bearer ${token}`;
    }
    if (body !== undefined) {
      headers['Content-Type'] = 'application/json';
    }
    const limit = AbortSignal.timeout(timeout);
    return fetch(this.base + path + queryText(query), {
      method, headers, credentials: this.credentials, cache: 'no-store',
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  }
}

/** Tells whether the widget itself has ended a call. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError';
}

function queryText(query: Query): string {
  const values = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') {
      values.set(name, String(value));
    }
  }
  const text = values.toString();
  return text === '' ? '' : `?${text}`;
}

async function envelopeOf(response: Response): Promise<Envelope> {
  return checked(await response.text(), response.status, response.headers.get('x-tt-logid') ?? '');
}

/** Decodes an answer, and throws if it is an error. */
function checked(text: string, status: number, headerLogId: string): Envelope {
  let body: Envelope = {};
  try {
    body = JSON.parse(text) as Envelope;
  } catch {
    throw errorOf(0, status >= 400 ? `HTTP ${status}` : 'the answer is not JSON', headerLogId, status >= 400 ? status : 502);
  }
  const code = Number(body.code ?? 0) || 0;
  if (code !== 0 || status >= 400) {
    const logId = body.detail?.logid || body.error?.logid || headerLogId;
    throw errorOf(code, body.msg || body.message || `HTTP ${status}`, logId, status);
  }
  return body;
}

async function readEvents(body: ReadableStream<Uint8Array>, take: (event: SseEvent) => boolean): Promise<void> {
  const reader = body.getReader();
  const decoder = new SseDecoder();
  let since = performance.now();
  const handle = async (events: SseEvent[]): Promise<boolean> => {
    for (const event of events) {
      if (!take(event)) {
        return false;
      }
      if (performance.now() - since > slice) {
        await nextTask();
        since = performance.now();
      }
    }
    return true;
  };
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(brokenOff);
      if (done) {
        await handle(decoder.finish());
        return;
      }
      if (!(await handle(decoder.feed(value)))) {
        return;
      }
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** Makes one kind of error of the ways in which a connection breaks in the middle of an answer. */
function brokenOff(thrown: unknown): never {
  throw isAbort(thrown) ? thrown : new ApiError('interrupted', thrown instanceof Error ? thrown.message : '');
}

/** Lets the browser do something else first. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
