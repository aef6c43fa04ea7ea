// Errors of calls, and what they mean to the visitor.

/** What kind of failure an error is; each has words in both languages. */
export type ErrorKind =
  | 'network' | 'timeout' | 'interrupted' | 'login' | 'forbidden' | 'rate' | 'busy' | 'balance' | 'unpublished' | 'missing'
  | 'tooLarge' | 'format' | 'tooLong' | 'blocked' | 'action' | 'microphone' | 'server' | 'other';

const kinds: ReadonlyMap<number, ErrorKind> = new Map<number, ErrorKind>([
  [401, 'login'], [403, 'forbidden'], [404, 'missing'], [408, 'timeout'], [413, 'tooLarge'], [429, 'rate'], [504, 'timeout'],
  [4001, 'missing'], [4002, 'missing'], [4005, 'missing'], [4006, 'missing'], [4008, 'rate'], [4009, 'rate'], [4010, 'tooLong'],
  [4011, 'balance'], [4013, 'rate'], [4014, 'blocked'], [4015, 'unpublished'], [4016, 'busy'], [4019, 'balance'], [4020, 'rate'],
  [4027, 'balance'], [4028, 'balance'], [4100, 'login'], [4101, 'forbidden'], [4200, 'missing'],
  [4300, 'format'], [4301, 'format'], [4302, 'tooLarge'], [4303, 'format'], [4304, 'format'], [5000, 'server'],
  [6031, 'unpublished'], [700012006, 'login'], [700012014, 'blocked'], [702082020, 'balance'], [702095072, 'balance'],
  [717995023, 'balance'], [717995024, 'balance'], [788788103, 'balance'], [777777776, 'timeout'],
]);

const authCodes: ReadonlySet<number> = new Set([401, 4100, 4101, 700012006]);

/** An error of a call: what the server said, or what kept it from saying anything. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly kind: ErrorKind,
    message: string,
    readonly code = 0,
    readonly logId = '',
  ) {
    super(message);
  }

  /** Tells whether a new token can help, as the platform's own widget sees it. */
  get wantsToken(): boolean {
    return authCodes.has(this.code);
  }
}

/** Makes an error of a code of the platform; without one the HTTP status counts. */
export function errorOf(code: number, message: string, logId: string, status = 200): ApiError {
  const number = code !== 0 ? code : status;
  const kind = kinds.get(number) ?? kinds.get(status) ?? (number >= 500 && number < 600 ? 'server' : 'other');
  return new ApiError(kind, message, status === 401 && !authCodes.has(number) ? 401 : number, logId);
}

/** Turns whatever was thrown into an ApiError. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) {
    return thrown;
  }
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    return new ApiError('timeout', thrown.message);
  }
  if (thrown instanceof TypeError) {
    return new ApiError('network', thrown.message); // fetch says so when it gets no answer
  }
  return new ApiError('other', thrown instanceof Error ? thrown.message : String(thrown));
}
