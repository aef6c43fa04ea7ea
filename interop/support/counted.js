// Counts the calls of the SDK that a test makes.

export class Counter {
  /** Calls by name, such as chat.messages.list. */
  calls = new Map();

  add(name) {
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
  }

  get total() {
    return [...this.calls.values()].reduce((sum, n) => sum + n, 0);
  }

  /** Wraps a function, so that calls of it are counted. */
  wrap(name, f) {
    return (...args) => {
      this.add(name);
      return f(...args);
    };
  }

  /** Wraps a client, so that calls of its resources are counted. Calls that the SDK makes itself are not. */
  client(object, prefix = '') {
    return new Proxy(object, {
      get: (target, key) => {
        const value = Reflect.get(target, key);
        if (typeof key !== 'string' || key.startsWith('_')) {
          return value;
        }
        if (typeof value === 'function') {
          return this.wrap(prefix + key, value.bind(target));
        }
        return typeof value === 'object' && value !== null ? this.client(value, `${prefix}${key}.`) : value;
      },
    });
  }
}
