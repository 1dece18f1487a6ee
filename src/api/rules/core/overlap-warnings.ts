import { goQuote } from 'nekube/apimachinery';
import type { Loose } from '../rule.ts';

/** A file that a volume writes, and which of its sources writes it. */
interface FilePath {
  readonly path: string;
  /** '' where the volume has only one source. */
  readonly source: string;
}

/** Warnings about files of one volume that lie in each other's way. */
export function overlapWarnings(volumes: Loose[]): string[] {
  return volumes.flatMap((volume) => {
    const { name = '', configMap, secret, downwardAPI, projected } = volume;
    const warn = (description: string) => (overlap: string) =>
      `volume ${goQuote(name)} (${description}): overlapping paths: ${overlap}`;
    return [
      ...overlaps(filesOf(configMap?.items, '')).map(warn(`ConfigMap ${goQuote(configMap?.name ?? '')}`)),
      ...overlaps(filesOf(secret?.items, '')).map(warn(`Secret ${goQuote(secret?.secretName ?? '')}`)),
      ...overlaps(filesOf(downwardAPI?.items, '')).map(warn('DownwardAPI')),
      ...projectedWarnings(name, projected?.sources ?? [], warn('Projected')),
    ];
  });
}

/** Each source is compared with those before it, and must be one. */
function projectedWarnings(name: string, sources: Loose[], warn: (overlap: string) => string): string[] {
  const files: FilePath[] = [];
  return sources.flatMap((source) => {
    if (Object.keys(source).length === 0) return [`volume ${goQuote(name)} (Projected) has no sources provided`];
    const known = files.length;
    files.push(...filesOfSource(source));
    return overlaps(files, known).map(warn);
  });
}

function filesOf(items: Loose[] | undefined, source: string): FilePath[] {
  return (items ?? []).map(({ path = '' }) => ({ path, source }));
}

function filesOfSource({ configMap, secret, downwardAPI, serviceAccountToken: token }: Loose): FilePath[] {
  if (configMap?.items) return filesOf(configMap.items, `ConfigMap ${goQuote(configMap.name ?? '')}`);
  if (secret?.items) return filesOf(secret.items, `Secret ${goQuote(secret.name ?? '')}`);
  if (downwardAPI?.items) return filesOf(downwardAPI.items, 'DownwardAPI');
  return token ? [{ path: token.path ?? '', source: 'ServiceAccountToken' }] : [];
}

/** The overlaps of files, from the one at `start`, with those before them. */
function overlaps(files: readonly FilePath[], start = 0): string[] {
  const trimmed = files.map(({ path, source }) => ({ path: path.replace(/\/+$/, ''), source }));
  return trimmed.slice(start).flatMap((file, i) =>
    trimmed
      .slice(0, start + i)
      .filter((other) => isSameOrWithin(file.path, other.path))
      .map((other) => `${shown(file)} with ${shown(other)}`),
  );
}

function isSameOrWithin(a: string, b: string): boolean {
  if (a === '' || b === '') return false;
  return `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`);
}

function shown({ path, source }: FilePath): string {
  return source === '' ? goQuote(path) : `${goQuote(path)} (${source})`;
}
