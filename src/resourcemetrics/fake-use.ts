import { parseQuantity, type Quantity } from 'nekube/apimachinery';
import type { Use } from './sample.ts';

/** kwok's names for what a pod without processes is said to use, in each of its containers. */
const ANNOTATIONS = { cpu: 'kwok.x-k8s.io/usage-cpu', memory: 'kwok.x-k8s.io/usage-memory' } as const;
/** What kwok takes where nothing is said. */
const DEFAULTS = { cpu: '1m', memory: '1Mi' } as const;

/** What a container of a pod without processes uses: what annotations of the pod say, as kwok's `metrics-usage` has it. */
export function fakeUse(annotations: Readonly<Record<string, string>> = {}): Use {
  const of = (resource: 'cpu' | 'memory') => quantityOf(annotations[ANNOTATIONS[resource]], DEFAULTS[resource]);
  return { nanocores: Number(of('cpu').scaledValue(-9)), memoryBytes: Number(of('memory').value()) };
}

/** What is no quantity says nothing. */
function quantityOf(text: string | undefined, standard: string): Quantity {
  try {
    return parseQuantity(text ?? standard);
  } catch {
    return parseQuantity(standard);
  }
}
