import type { Impersonation } from './client.ts';

/** The headers that say as whom a request is made; values are bytes. */
export function impersonationHeaders(as: Impersonation | undefined): Record<string, string | readonly string[]> {
  if (as === undefined) return {};
  const headers: Record<string, string | readonly string[]> = { 'impersonate-user': bytesOf(as.user) };
  if (as.uid !== undefined) headers['impersonate-uid'] = bytesOf(as.uid);
  if (as.groups !== undefined && as.groups.length > 0) headers['impersonate-group'] = as.groups.map(bytesOf);
  for (const [key, values] of Object.entries(as.extra ?? {})) {
    if (values.length > 0) headers[`impersonate-extra-${escapeKey(key)}`] = values.map(bytesOf);
  }
  return headers;
}

/** A header's text as Node takes it, a character for each byte of its UTF-8. */
function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** What may not stand in a header's name is escaped as in a URL. */
function escapeKey(key: string): string {
  return [...Buffer.from(key.toLowerCase(), 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[a-z0-9!#$&'*+.^_`|~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
