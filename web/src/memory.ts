// What the browser remembers of the visitor between visits. Where storage is forbidden, it is forgotten with the page.

export class Memory {
  private readonly fallback = new Map<string, string>();

  /** The scope keeps bots and servers apart. */
  constructor(private readonly scope: string) {}

  /** Id of the conversation that was open last; empty if it was a new one. */
  get conversation(): string {
    return this.read(`conversation:${this.scope}`);
  }

  set conversation(id: string) {
    this.write(`conversation:${this.scope}`, id);
  }

  /** A made-up id for visitors whom the page does not name. */
  get visitor(): string {
    let id = this.read('visitor');
    if (id === '') {
      id = `visitor-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
      this.write('visitor', id);
    }
    return id;
  }

  private read(name: string): string {
    try {
      return localStorage.getItem(`coze-chat:${name}`) ?? '';
    } catch {
      return this.fallback.get(name) ?? '';
    }
  }

  private write(name: string, value: string): void {
    this.fallback.set(name, value);
    try {
      localStorage.setItem(`coze-chat:${name}`, value);
    } catch {
      // the fallback has it
    }
  }
}
