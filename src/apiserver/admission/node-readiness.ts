import type { AdmissionPlugin } from '../admission.ts';
import { isPod } from './is-pod.ts';

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
const TOLERATION_SECONDS = 300;

/** A pod tolerates nodes that are not ready or unreachable for five minutes, unless it says otherwise. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate(attributes) {
    if (!isPod(attributes) || attributes.operation === 'DELETE') return;
    const { spec } = attributes.object!;
    for (const key of [NOT_READY, UNREACHABLE]) {
      if ((spec.tolerations ?? []).some((toleration: Toleration) => tolerates(toleration, key))) continue;
      const added = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: TOLERATION_SECONDS };
      spec.tolerations = [...(spec.tolerations ?? []), added];
    }
  },
};

interface Toleration {
  readonly key?: string;
  readonly effect?: string;
}

function tolerates({ key = '', effect = '' }: Toleration, taint: string): boolean {
  return (key === taint || key === '') && (effect === 'NoExecute' || effect === '');
}

/** A new node is tainted until somebody says that it is ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  mutate({ operation, resource, subresource, object }) {
    if (operation !== 'CREATE' || subresource !== '' || resource.group !== '' || resource.resource !== 'nodes') return;
    const spec = (object!.spec ??= {});
    const taint = { key: NOT_READY, effect: 'NoSchedule' };
    if (
      !(spec.taints ?? []).some(
        (t: { key?: string; effect?: string }) => t.key === taint.key && t.effect === taint.effect,
      )
    )
      spec.taints = [...(spec.taints ?? []), taint];
  },
};
