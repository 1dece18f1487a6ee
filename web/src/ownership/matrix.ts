/** A manager as the console's server says it. */
export interface Manager {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
}

/** What managers own of a set of objects, alone and with whom. */
export interface Matrix {
  readonly objects: number;
  readonly managers: readonly (Manager & {
    readonly objects: number;
    readonly fields: number;
    readonly shared?: number;
    readonly alone?: number;
  })[];
  readonly pairs: readonly {
    readonly managers: readonly [Manager, Manager];
    readonly fields: number;
    readonly objects: number;
    readonly paths: readonly { readonly path: string; readonly objects: number }[];
  }[];
  readonly incomplete?: boolean;
  /** Kinds that the user may not list, so that what is of them is not counted. */
  readonly unread?: readonly { readonly apiVersion: string; readonly kind: string }[];
}

/** A name for a manager, equal for equal ones. */
export function keyOf({ manager, operation, subresource = '' }: Manager): string {
  return JSON.stringify([manager, operation, subresource]);
}

/** `kubelet (status)` */
export function nameOf({ manager, subresource = '' }: Manager): string {
  return subresource === '' ? manager : `${manager} (${subresource})`;
}

/** The pair of two managers, in either order. */
export function pairOf({ pairs }: Matrix, one: Manager, other: Manager): Matrix['pairs'][number] | undefined {
  const wanted = new Set([keyOf(one), keyOf(other)]);
  return pairs.find(({ managers }) => wanted.size === 2 && managers.every((manager) => wanted.has(keyOf(manager))));
}

/** How dark a cell is, from 0 to 4: by the order of magnitude, so that one large number does not hide all others. */
export function shadeOf(fields: number, most: number): number {
  if (fields === 0 || most === 0) return 0;
  return 1 + Math.round((Math.log(fields) / Math.log(Math.max(most, 2))) * 3);
}

/** Those who share something first, by how much; then the others by what they own. */
export function ordered({ managers, pairs }: Matrix): Matrix['managers'] {
  const shared = new Map<string, number>();
  for (const { managers: both, fields } of pairs)
    for (const manager of both) shared.set(keyOf(manager), (shared.get(keyOf(manager)) ?? 0) + fields);
  const sharedBy = (manager: Manager): number => shared.get(keyOf(manager)) ?? 0;
  return [...managers].sort((a, b) => sharedBy(b) - sharedBy(a) || b.fields - a.fields);
}
