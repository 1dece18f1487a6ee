import type { Path } from 'nekube/apimachinery';
import type { Loose } from '../rule.ts';
import { fractionWarnings } from './resources.ts';

/** Warnings about the spec of a claim: storage is counted in whole bytes. */
export function claimSpecWarnings({ resources }: Loose, path: Path): string[] {
  return ['requests', 'limits'].flatMap((list) =>
    fractionWarnings(resources?.[list], ['storage'], path.child('resources', list)),
  );
}
