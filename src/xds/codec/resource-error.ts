/** What is wrong with a message that is to be written, or with bytes that are to be read. */
export class ResourceError extends Error {
  /** Where in the message: `virtual_hosts[0].routes[3].match`; empty for the message itself. */
  readonly path: string;
  /** What is wrong there. */
  readonly reason: string;

  constructor(reason: string, path = '') {
    super(path === '' ? reason : `${path}: ${reason}`);
    this.name = 'ResourceError';
    this.reason = reason;
    this.path = path;
  }
}

/** The same error, seen from the message around: `segment` is a field's name, or `[3]` or `["key"]` within one. */
export function within(segment: string, error: unknown): unknown {
  if (!(error instanceof ResourceError)) return error;
  const joint = error.path === '' || error.path.startsWith('[') ? '' : '.';
  return new ResourceError(error.reason, `${segment}${joint}${error.path}`);
}

/** How a value is shown in an error: what it is, short. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
