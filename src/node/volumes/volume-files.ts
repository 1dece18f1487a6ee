import { StartError } from '../agent/start-error.ts';
import type { KeyToPath } from '../pod/volume.ts';
import type { VolumeFile } from './atomic-folder.ts';

/** Which keys of an object become files of a volume, and how. */
export interface KeysOptions {
  /** Of messages: `configmap`, `secret`. */
  readonly what: string;
  readonly items?: readonly KeyToPath[] | undefined;
  readonly optional?: boolean | undefined;
  readonly defaultMode: number;
}

/** The files that values become: all by their keys, or those that items name. @throws StartError for a key that there is not */
export function filesOfKeys(values: ReadonlyMap<string, Buffer>, options: KeysOptions): Map<string, VolumeFile> {
  const { items, optional = false, defaultMode, what } = options;
  if (items === undefined || items.length === 0) {
    return new Map([...values].map(([key, data]) => [key, { data, mode: defaultMode }]));
  }
  const files = new Map<string, VolumeFile>();
  for (const { key, path, mode = defaultMode } of items) {
    const data = values.get(key);
    if (data !== undefined) files.set(path, { data, mode });
    else if (!optional) throw new StartError('FailedMount', `${what} references non-existent ${what} key: ${key}`);
  }
  return files;
}
