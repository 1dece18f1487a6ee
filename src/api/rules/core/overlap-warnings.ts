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
      ...(projected?.sources ?? [])
        .filter((source: Loose) => Object.keys(source).length === 0)
        .map(() => `volume ${goQuote(name)} (Projected) has no sources provided`),
      ...overlaps((projected?.sources ?? []).flatMap(filesOfSource)).map(warn('Projected')),
    ];
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

function overlaps(files: readonly FilePath[]): string[] {
  const trimmed = files.map(({ path, source }) => ({ path: path.replace(/\/+$/, ''), source }));
  return trimmed.flatMap((file, i) =>
    trimmed
      .slice(0, i)
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
