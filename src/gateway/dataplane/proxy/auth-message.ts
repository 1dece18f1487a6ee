import { decode, encode, enumNumber, type Message } from 'nekube/xds';
import { offWire, onWire } from '../http/wire-text.ts';
import type { Incoming } from './incoming.ts';

/** What a service of authorization decided. */
export type AuthVerdict =
  | {
      readonly allowed: true;
      /** That the backend gets. */
      readonly headers: readonly (readonly [string, string])[];
      readonly remove: readonly string[];
    }
  | {
      readonly allowed: false;
      readonly status: number;
      readonly body: string;
      readonly headers: readonly (readonly [string, string])[];
    };

/** The bytes of an `envoy.service.auth.v3.CheckRequest`. */
export function encodeCheckRequest(incoming: Incoming, body: Buffer): Buffer {
  const { method, path, query, host, scheme, client } = incoming;
  const http = {
    method,
    headers: headersOf(incoming),
    path: offWire(query === '' ? path : `${path}?${query}`),
    host,
    scheme,
    query: offWire(query),
    protocol: 'HTTP/1.1',
    body: body.toString('utf8'),
  };
  return encode('envoy.service.auth.v3.CheckRequest', {
    attributes: { source: { address: { socket_address: { address: client } } }, request: { http } },
  });
}

/** By name, with those of HTTP/2 that say the rest; of several values one line is made. */
function headersOf({ method, path, query, authority, scheme, headers }: Incoming): Record<string, string> {
  const found: Record<string, string> = Object.create(null) as Record<string, string>;
  for (let i = 0; i < headers.flat.length; i += 2) found[headers.flat[i]!] ??= offWire(headers.get(headers.flat[i]!)!);
  const target = offWire(query === '' ? path : `${path}?${query}`);
  return Object.assign(found, { ':method': method, ':path': target, ':authority': authority, ':scheme': scheme });
}

/** Reads a `CheckResponse`; undefined if it is none. */
export function decodeCheckResponse(message: Buffer): AuthVerdict | undefined {
  let response: Message<'envoy.service.auth.v3.CheckResponse'>;
  try {
    response = decode('envoy.service.auth.v3.CheckResponse', message);
  } catch {
    return undefined;
  }
  const { status, ok_response: ok, denied_response: denied } = response;
  if ((status?.code ?? 0) === 0) {
    const remove = (ok?.headers_to_remove ?? []).map((name) => name.toLowerCase());
    return { allowed: true, headers: headersIn(ok?.headers, FOR_REQUESTS), remove };
  }
  return {
    allowed: false,
    status: enumNumber('envoy.type.v3.StatusCode', denied?.status?.code) || 403,
    body: denied?.body ?? '',
    headers: headersIn(denied?.headers, NAME),
  };
}

type HeaderOptions = readonly Message<'envoy.config.core.v3.HeaderValueOption'>[];

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** A request may be sent to another path, too. */
const FOR_REQUESTS = /^(?::path|[!#$%&'*+\-.^_`|~0-9a-z]+)$/;

/** Values as messages have texts; what no header can be is left out. */
function headersIn(options: HeaderOptions = [], names: RegExp): [string, string][] {
  return options
    .map(({ header }): [string, string] => {
      const raw = Buffer.from(header?.raw_value ?? '', 'base64').toString('latin1');
      return [(header?.key ?? '').toLowerCase(), onWire(header?.value ?? '') || raw];
    })
    .filter(([name, value]) => names.test(name) && !/[\r\n\0]/.test(value));
}
