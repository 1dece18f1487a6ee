import type { RouteSettings } from '../../model/index.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { ResponseMessage } from '../http/message.ts';

/** A coding that we can do. */
export type Coding = 'br' | 'gzip';

const CODINGS = { Brotli: 'br', Gzip: 'gzip', Zstd: undefined } as const;

/** As Envoy's own: shorter ones are not worth it. */
const LEAST_BYTES = 30;
const TYPES = new Set([
  'application/javascript',
  'application/json',
  'application/xhtml+xml',
  'image/svg+xml',
  'text/css',
  'text/html',
  'text/plain',
  'text/xml',
]);

/** The coding for a client: what it likes best, and of equals what is preferred here. Undefined: none. */
export function codingFor(
  preferred: NonNullable<RouteSettings['compression']>,
  accepted: string | undefined,
): Coding | undefined {
  if (accepted === undefined) return undefined;
  const weights = weightsOf(accepted);
  let best: Coding | undefined;
  let most = weights.get('identity') ?? 0;
  for (const kind of preferred) {
    const coding = CODINGS[kind];
    if (coding === undefined) continue;
    const weight = weights.get(coding) ?? weights.get('*') ?? 0;
    if (weight > most || (weight === most && weight > 0 && best === undefined)) {
      best = coding;
      most = weight;
    }
  }
  return best;
}

function weightsOf(accepted: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const one of accepted.split(',')) {
    const [name = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((part) => part.startsWith('q='))?.slice(2);
    const number = weight === undefined ? 1 : Number(weight);
    if (name !== '' && number >= 0 && number <= 1) weights.set(name, number);
  }
  return weights;
}

/** Whether an answer may be compressed at all, as Envoy decides it. */
export function isCompressible({ status, headers }: ResponseMessage): boolean {
  if (status < 200 || status === 204 || status === 206 || status === 304) return false;
  const length = headers.first('content-length');
  if (length !== undefined && Number(length) < LEAST_BYTES) return false;
  if (headers.has('content-encoding')) return false;
  if (/(?:^|,)\s*no-transform\s*(?:,|$)/i.test(headers.get('cache-control') ?? '')) return false;
  const type = headers.first('content-type');
  return type === undefined || TYPES.has(type.split(';')[0]!.trim().toLowerCase());
}

/** Tells caches that the answer depends on what is accepted. */
export function addVary(headers: HeaderList): void {
  const vary = headers.get('vary');
  if (vary === undefined) headers.append('vary', 'Accept-Encoding');
  else if (!/(?:^|,)\s*(?:accept-encoding|\*)\s*(?:,|$)/i.test(vary)) headers.set('vary', `${vary}, Accept-Encoding`);
}

/** What is said of a body is said of the compressed one: a strong tag would be wrong. */
export function markCompressed(headers: HeaderList, coding: Coding): void {
  headers.delete('content-length');
  headers.set('content-encoding', coding);
  if (headers.first('etag')?.startsWith('W/') === false) headers.delete('etag');
}
