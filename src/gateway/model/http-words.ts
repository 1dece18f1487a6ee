const TOKEN = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}$/;

/** Whether it can be the name of a header. */
export function isHeaderName(text: unknown): text is string {
  return typeof text === 'string' && TOKEN.test(text);
}

/** What says how long a message is, or what becomes of its connection. */
const OF_CONNECTIONS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Whether a header is the data plane's own to write. Where others could give it a value, a backend would take the beginning of the
 * next request, which may be somebody else's, for a part of this one.
 */
export function isOfConnection(name: string): boolean {
  return OF_CONNECTIONS.has(name.toLowerCase());
}

/** Whether it can be the value of a header: no control characters but tabs. */
export function isHeaderValue(text: unknown): text is string {
  // oxlint-disable-next-line no-control-regex
  return typeof text === 'string' && !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text);
}
