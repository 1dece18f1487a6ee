import { type BackendView, type FrontendView, placeText } from 'nekube/loadbalancer';

/** A frontend as it is printed; what is not known is left out. */
export interface ShownFrontend extends Omit<FrontendView, 'key'> {
  /** `NAMESPACE/SERVICE:PORT`. */
  readonly name?: string;
  readonly traffic?: { readonly packets: number; readonly bytes: number };
}

/** Backends that are shown of a frontend, unless all are to be. */
const SHOWN_BACKENDS = 3;

/** A table of frontends, its titles first. */
export function frontendRows(
  frontends: readonly ShownFrontend[],
  { isWide }: { readonly isWide: boolean },
): readonly (readonly string[])[] {
  const titles = ['FRONTEND', 'FOR', 'MODE', 'PACKETS', 'BYTES', 'BACKENDS', 'SERVICE'];
  const wide = ['PICK', 'AFFINITY', 'WHEN EMPTY'];
  return [isWide ? [...titles, ...wide] : titles, ...frontends.map((one) => row(one, isWide))];
}

function row(one: ShownFrontend, isWide: boolean): readonly string[] {
  const { mode, scope, traffic, name = '', algorithm, affinitySeconds, whenEmpty } = one;
  return [
    ...[placeOf(one), scope, mode, `${traffic?.packets ?? ''}`, `${traffic?.bytes ?? ''}`],
    ...[backendsText(one.backends, isWide ? Number.POSITIVE_INFINITY : SHOWN_BACKENDS), name],
    ...(isWide ? [algorithm, affinitySeconds === 0 ? '' : `${affinitySeconds}s`, whenEmpty] : []),
  ];
}

/** `tcp 10.96.0.10:80`, `udp [fd00:96::a]:53`. */
export function placeOf({ address, port, protocol }: Pick<FrontendView, 'address' | 'port' | 'protocol'>): string {
  return `${protocol.toLowerCase()} ${placeText(address, port)}`;
}

function backendsText(backends: readonly BackendView[], most: number): string {
  if (backends.length === 0) return 'none';
  const texts = backends
    .map(({ address, port, isLocal }) => `${placeText(address, port)}${isLocal ? ' (here)' : ''}`)
    .sort();
  const more = texts.length > most ? `, and ${texts.length - most} more` : '';
  return `${texts.slice(0, most).join(', ')}${more}`;
}
