import type { OutgoingHttpHeaders } from 'node:http';
import type { UserInfo } from '../user.ts';

/** Who this server is when it asks for itself; that user may see everything. */
export const AGGREGATOR: UserInfo = { name: 'system:kube-aggregator', groups: ['system:masters'] };

/** Bytes that names of headers have; the others are escaped. */
const TOKEN = /[!#$%&'*+\-.^_`|~\dA-Za-z]/;

/** The headers by which a front proxy tells a server behind it who asks. */
export function userHeaders({ name, uid, groups, extra }: UserInfo): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = { 'x-remote-user': bytes(name) };
  if (uid) headers['x-remote-uid'] = bytes(uid);
  if (groups.length > 0) headers['x-remote-group'] = groups.map(bytes);
  for (const [key, values] of Object.entries(extra ?? {}))
    headers[`x-remote-extra-${escapeKey(key)}`] = values.map(bytes);
  return headers;
}

/** A key of an extra as the name of a header has it. */
export function escapeKey(key: string): string {
  const escaped = [...Buffer.from(key)].map((byte) => {
    const char = String.fromCharCode(byte);
    return char !== '%' && TOKEN.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return escaped.join('');
}

/** UTF-8 in a header: Node takes a character for a byte. */
function bytes(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replace(/[\r\n\0]/g, ' ');
}
