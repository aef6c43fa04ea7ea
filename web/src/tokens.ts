// The token of the visitor, for pages that use one.

export interface Tokens {
  /** The present token; empty if calls need none. */
  get(): Promise<string>;
  /** A newer token than old, or undefined if there is no way to get one. */
  renew(old: string): Promise<string | undefined>;
}

/** For servers that know the visitor by a cookie. */
export const noTokens: Tokens = {
  get: () => Promise.resolve(''),
  renew: () => Promise.resolve(undefined),
};

/** A token of the page, which is fetched when it is missing or refused. Callers that ask at the same time share one fetch. */
export class PageTokens implements Tokens {
  private running: Promise<string> | undefined;

  constructor(
    private token: string,
    private readonly refresh: ((old: string) => string | Promise<string>) | undefined,
  ) {}

  /** The token that calls would use now; may be empty. */
  get current(): string {
    return this.token;
  }

  async get(): Promise<string> {
    return this.token !== '' ? this.token : (await this.renew('')) ?? '';
  }

  async renew(old: string): Promise<string | undefined> {
    if (this.token !== old) {
      return this.token; // another call has renewed it
    }
    const refresh = this.refresh;
    if (refresh === undefined) {
      return undefined;
    }
    this.running ??= Promise.resolve(refresh(old)).finally(() => {
      this.running = undefined;
    });
    this.token = await this.running;
    return this.token;
  }
}
