const TOKEN = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}$/;

/** Whether it can be the name of a header. */
export function isHeaderName(text: unknown): text is string {
  return typeof text === 'string' && TOKEN.test(text);
}

/** Whether it can be the value of a header: no control characters but tabs. */
export function isHeaderValue(text: unknown): text is string {
  // oxlint-disable-next-line no-control-regex
  return typeof text === 'string' && !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text);
}
