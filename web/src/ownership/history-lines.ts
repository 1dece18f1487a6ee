import type { Manager } from './matrix.ts';

/** A line of a history, as the console's server says it: docs/ownership-history.md has the form. */
export interface HistoryLine {
  readonly type: 'found' | 'created' | 'changed' | 'deleted' | 'left' | 'owners' | 'gap';
  readonly object?: ObjectName;
  readonly path?: string;
  readonly value?: unknown;
  readonly removed?: boolean;
  readonly hidden?: 'secret' | 'long';
  readonly by?: readonly Manager[];
  readonly owners?: readonly Manager[];
  readonly time?: string;
  readonly before?: string;
  readonly after?: string;
  readonly from?: string;
  readonly to?: string;
  readonly user?: string;
  readonly resourceVersion?: string;
}

export interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Managers that take a field from each other. */
export interface War {
  readonly type: 'war' | 'warEnded';
  readonly object: ObjectName;
  readonly path: string;
  readonly sides: readonly {
    readonly manager: string;
    readonly value?: unknown;
    readonly removed?: boolean;
    readonly hidden?: string;
  }[];
  readonly since: string;
  readonly last: string;
  readonly returns: number;
  readonly writes: number;
  readonly writesPerHour: number;
  readonly dependents: { readonly replicaSetsCreated: number; readonly podsCreated: number };
}

export interface FieldHistory {
  readonly since: string;
  readonly synced: boolean;
  readonly lines: readonly HistoryLine[];
  readonly wars: readonly War[];
}

/** When a change was made, as well as it is known. */
export function timeOf({ time, before, from }: HistoryLine): string | undefined {
  return time ?? before ?? from;
}

/** Lines about the fields that contain a text, and those that are about no field. */
export function about(lines: readonly HistoryLine[], wanted: string): HistoryLine[] {
  const lower = wanted.toLowerCase();
  return lines.filter(({ path }) => path === undefined || path.toLowerCase().includes(lower));
}

/** The console's address of an object, by the path of its kind. */
export function hrefOfObject({ metadata: { name, namespace } }: ObjectName, kindPath: string): string {
  const within = namespace === undefined ? '' : `/ns/${encodeURIComponent(namespace)}`;
  return `/r/${kindPath}${within}/${encodeURIComponent(name)}`;
}
