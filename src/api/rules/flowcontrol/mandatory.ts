import type { KubeObject } from 'nekube/apimachinery';
import { bootstrapFacts } from '../../facts.ts';

/** Objects without which flow control does not work. */
const names = ['exempt', 'catch-all'];

/** The objects of a resource without which flow control does not work, but for those that are known already. */
export function mandatoryFlowControl(
  resource: 'flowschemas' | 'prioritylevelconfigurations',
  known: ReadonlySet<string | undefined>,
): readonly KubeObject[] {
  const missing = names.filter((name) => !known.has(name));
  // nearly always none is, and then the facts need not be read
  if (missing.length === 0) return [];
  const objects = (bootstrapFacts()[resource] ?? []) as unknown as readonly KubeObject[];
  return objects.filter(({ metadata }) => missing.includes(metadata.name ?? ''));
}

/** The fixed spec of a mandatory object; undefined for all other names. */
export function mandatorySpec(
  resource: 'flowschemas' | 'prioritylevelconfigurations',
  name: string,
): KubeObject['spec'] {
  if (!names.includes(name)) return undefined;
  const objects = bootstrapFacts()[resource] as readonly KubeObject[] | undefined;
  return objects?.find(({ metadata }) => metadata.name === name)?.spec;
}
