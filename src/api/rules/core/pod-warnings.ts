import type { Path } from 'nekube/apimachinery';
import type { Loose } from '../rule.ts';

/** Texts for `Warning` headers about a pod or a pod template at this path. */
export function podWarnings(_pod: Loose, _old: Loose, _path: Path): string[] {
  return [];
}
