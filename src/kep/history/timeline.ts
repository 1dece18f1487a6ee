import { readKep } from '../document/read-kep.ts';
import { type Kep, STAGES } from '../model/kep.ts';
import type { Commit } from './read-log.ts';

/** A value of a KEP that a commit changed. */
export interface KepChange {
  readonly commit: string;
  /** `2021-11-02T10:11:12Z`. */
  readonly time: string;
  readonly pullRequest?: number;
  /** One of `HISTORY_FIELDS`. */
  readonly field: string;
  readonly from?: string;
  readonly to?: string;
}

/** A version of a kep.yaml. */
export interface Version {
  readonly commit: Commit;
  /** The object that it is; absent: it was deleted. */
  readonly oid?: string;
}

/** What became of the folder of a KEP. */
export interface FolderHistory {
  /** Its kep.yaml, the oldest first; through all places where it was. */
  readonly versions: readonly Version[];
  /** The last commit that changed a file below it. */
  readonly last: Commit;
}

/** The values whose changes are of interest, and `kep` for the beginning and end of a KEP: what `KepChange.field` may be. */
export const HISTORY_FIELDS: readonly string[] = [
  'kep',
  'title',
  'kep-number',
  'owning-sig',
  'status',
  'stage',
  'latest-milestone',
  ...STAGES.map((stage) => `milestone.${stage}`),
];

const FILE = '/kep.yaml';

/** Follows each kep.yaml through the commits, the oldest first; by the folder where it is in the end. */
export function folderHistories(commits: readonly Commit[]): ReadonlyMap<string, FolderHistory> {
  const versions = new Map<string, Version[]>();
  const last = new Map<string, Commit>();
  for (const commit of commits) {
    for (const { path, from, kind, oid } of commit.files) {
      if (!path.endsWith(FILE) || !path.startsWith('keps/')) continue;
      const folder = path.slice(0, -FILE.length);
      const before = from?.endsWith(FILE) ? take(versions, from.slice(0, -FILE.length)) : versions.get(folder);
      versions.set(folder, [...(before ?? []), { commit, ...(kind !== 'D' && { oid }) }]);
    }
    for (const { path } of commit.files) {
      const folder = folderAbove(path, versions);
      if (folder !== undefined) last.set(folder, commit);
    }
  }
  return new Map([...versions].map(([folder, own]) => [folder, { versions: own, last: last.get(folder)! }]));
}

function take<V>(map: Map<string, V>, key: string): V | undefined {
  const value = map.get(key);
  map.delete(key);
  return value;
}

function folderAbove(path: string, folders: ReadonlyMap<string, unknown>): string | undefined {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    if (folders.has(path.slice(0, end))) return path.slice(0, end);
  return undefined;
}

/** What changed from version to version of a KEP, the oldest first. */
export function changesOf(
  folder: string,
  versions: readonly Version[],
  texts: ReadonlyMap<string, string>,
): readonly KepChange[] {
  let before: Readonly<Record<string, string>> | undefined;
  return versions.flatMap(({ commit: { name, time, pullRequest }, oid }) => {
    const now = oid === undefined ? undefined : watched(readKep(folder, texts.get(oid) ?? '').kep);
    const place = { commit: name, time, ...(pullRequest !== undefined && { pullRequest }) };
    const found = differences(before, now).map((change) => ({ ...place, ...change }));
    before = now;
    return found;
  });
}

function differences(
  before: Readonly<Record<string, string>> | undefined,
  now: Readonly<Record<string, string>> | undefined,
): readonly Pick<KepChange, 'field' | 'from' | 'to'>[] {
  const found: Pick<KepChange, 'field' | 'from' | 'to'>[] = [];
  if (before === undefined && now !== undefined) found.push({ field: 'kep', to: 'proposed' });
  if (before !== undefined && now === undefined) found.push({ field: 'kep', from: 'proposed' });
  for (const field of now === undefined ? [] : new Set([...Object.keys(before ?? {}), ...Object.keys(now)])) {
    const from = before?.[field];
    const to = now?.[field];
    if (from !== to) found.push({ field, ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
  }
  return found;
}

/** The values of a KEP whose changes are of interest, as they were written. */
function watched(kep: Kep): Readonly<Record<string, string>> {
  const { status, stage, latestMilestone, milestones, title, owningSig, number, written } = kep;
  const values: Record<string, string | undefined> = {
    title,
    'kep-number': number?.toString(),
    'owning-sig': owningSig,
    status: status ?? written['status'],
    stage: stage ?? written['stage'],
    'latest-milestone': latestMilestone,
  };
  for (const one of STAGES) values[`milestone.${one}`] = milestones[one];
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value)) as Readonly<Record<string, string>>;
}
