import { isValidLabelValue, type Path } from 'nekube/apimachinery';
import { deprecatedNodeLabel } from '../node-labels.ts';
import type { Loose } from '../rule.ts';

/** Warnings about a term of a node selector; preferences also warn of values that no label can have. */
export function nodeSelectorTermWarnings(term: Loose, path: Path, checkValues: boolean): string[] {
  return (term?.matchExpressions ?? []).flatMap(({ key = '', values = [] }: Loose, i: number) => {
    const at = path.child('matchExpressions').index(i);
    const deprecated = deprecatedNodeLabel(key);
    const bad = (checkValues ? values : []).flatMap((value: string, j: number) =>
      isValidLabelValue(value).map((m) => `${at.child('values').index(j)}: ${value} is invalid, ${m}`),
    );
    return [...(deprecated ? [`${at.child('key')}: ${key} is ${deprecated}`] : []), ...bad];
  });
}
