// Requests in protobuf, sent as they stand, and answers brought into a form that is the same in every run.
import { request } from 'node:https';

/** Sends one of requests.json; gives `{code, type, warning?, body}`, normalised. */
export async function exchange(server, { method = 'GET', path, headers = {}, body, bodyBase64 }) {
  const bytes = bodyBase64 === undefined ? Buffer.from(body ?? '') : Buffer.from(bodyBase64, 'base64');
  const answer = await send(server, method, path, headers, bytes);
  const { 'content-type': type = '', warning } = answer.headers;
  const isProtobuf = type.includes('protobuf');
  return {
    code: answer.code,
    type,
    ...(warning && { warning }),
    body: isProtobuf ? skeleton(answer.body) : varying(answer.body.toString().trimEnd()),
  };
}

function send(server, method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const length = body.length > 0 || method === 'POST' ? { 'content-length': body.length } : {};
    const options = {
      method,
      headers: { authorization: `Bearer ${server.token}`, ...headers, ...length },
      rejectUnauthorized: false,
      agent: false,
    };
    const sent = request(`${server.url}${path}`, options, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ code: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Without identities, times, versions and addresses. */
function varying(text) {
  return text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uid>')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/"resourceVersion": ?"\d+"/g, '"resourceVersion":"<rv>"')
    .replace(/127\.0\.0\.1:\d+/g, '<address>');
}

/**
 * The fields of protobuf bytes: `number:text`, `number=integer`, `number{fields}` where bytes read as a message. Times
 * and versions are left out by what they look like, since their lengths vary too.
 */
function skeleton(bytes) {
  if (bytes.subarray(0, 4).equals(PREFIX)) return `k8s ${fieldsOf(bytes.subarray(4)) ?? bytes.toString('hex')}`;
  const frames = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    frames.push(fieldsOf(bytes.subarray(at + 4, at + 4 + length)) ?? 'unreadable');
    at += 4 + length;
  }
  return frames.join('\n');
}

const PREFIX = Buffer.from('k8s\0');

/** Undefined for what is no message. */
function fieldsOf(bytes) {
  const parts = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      if (at >= bytes.length || scale > 2 ** 56) return undefined;
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    if (key === undefined || key < 8) return undefined;
    const [number, wire] = [Math.floor(key / 8), key % 8];
    const value = varint();
    if (value === undefined) return undefined;
    if (wire === 0) {
      // seconds since 1970 of our days
      parts.push(`${number}=${value > 1.7e9 && value < 3e9 ? '<seconds>' : value}`);
    } else if (wire === 2) {
      if (at + value > bytes.length) return undefined;
      parts.push(shown(number, bytes.subarray(at, at + value)));
      at += value;
    } else return undefined;
  }
  return parts.join(' ');
}

function shown(number, bytes) {
  const text = bytes.toString();
  if (bytes.length === 0) return `${number}:`;
  if (bytes.subarray(0, 4).equals(PREFIX)) return `${number}{${skeleton(bytes)}}`;
  const printable = /^[\x20-\x7e\n]*$/.test(text);
  const inner = printable ? undefined : fieldsOf(bytes);
  if (inner !== undefined) return `${number}{${inner}}`;
  if (!printable) return `${number}:0x${bytes.toString('hex')}`;
  return `${number}:${/^\d+$/.test(text) ? '<number>' : varying(text)}`;
}
