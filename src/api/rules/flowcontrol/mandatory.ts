import type { KubeObject } from 'nekube/apimachinery';
import { bootstrapFacts } from '../../facts.ts';

/** Objects without which flow control does not work. */
const names = ['exempt', 'catch-all'];

/** The objects of a resource without which flow control does not work. */
export function mandatoryFlowControl(resource: 'flowschemas' | 'prioritylevelconfigurations'): readonly KubeObject[] {
  const objects = (bootstrapFacts()[resource] ?? []) as unknown as readonly KubeObject[];
  return objects.filter(({ metadata }) => names.includes(metadata.name ?? ''));
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
