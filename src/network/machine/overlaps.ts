import { contains, parseAddress, parseRange, sizeOf } from '../pods/ranges.ts';
import { ipJson } from './run.ts';

/** A route of the machine, as `ip -json route` tells it. */
export interface MachineRoute {
  readonly dst: string;
  readonly dev?: string;
  readonly type?: string;
  readonly protocol?: string;
}

/** All routes of IPv4 of this namespace. */
export function machineRoutes(): Promise<readonly MachineRoute[]> {
  return ipJson<MachineRoute>(['-4', 'route', 'show', 'table', 'all']);
}

/** The first route that leads elsewhere with addresses of a range; the default route is none. */
export function overlapOf(text: string, routes: readonly MachineRoute[]): MachineRoute | undefined {
  const range = parseRange(text);
  return routes.find(({ dst }) => {
    const [start = '', prefix = '32'] = dst.split('/');
    const first = parseAddress(start);
    if (first === undefined || prefix === '0') return false;
    const other = { first, prefix: Number(prefix) };
    return contains(range, first) || (range.first >= first && range.first < first + sizeOf(other));
  });
}

/** @throws Error a range is in use on this machine */
export function assertFree(ranges: readonly string[], routes: readonly MachineRoute[]): void {
  for (const range of ranges) {
    const other = overlapOf(range, routes);
    if (other === undefined) continue;
    const where = other.dev === undefined ? '' : ` by ${other.dev}`;
    throw new Error(
      `Cannot give ${range} to the cluster: this machine reaches ${other.dst}${where}; choose another range`,
    );
  }
}
