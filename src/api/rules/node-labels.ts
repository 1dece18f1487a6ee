import type { Path } from 'nekube/apimachinery';
import type { Loose } from './rule.ts';

/** Labels of nodes that went out of use, and what is said of them. */
const deprecated: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
};

/** What is said of a node's label that went out of use; undefined for all others. */
export function deprecatedNodeLabel(key: string): string | undefined {
  return deprecated[key];
}

/** Warnings about labels out of use in a `metav1.LabelSelector` for nodes. */
export function nodeLabelSelectorWarnings(selector: Loose, path: Path): string[] {
  const inExpressions = ((selector?.matchExpressions ?? []) as Loose[]).flatMap(({ key }, i) => {
    const message = deprecatedNodeLabel(key);
    return message ? [`${path.child('matchExpressions').index(i).child('key')}: ${key} is ${message}`] : [];
  });
  const inLabels = Object.keys(selector?.matchLabels ?? {}).flatMap((key) => {
    const message = deprecatedNodeLabel(key);
    return message ? [`${path.child('matchLabels').child(key)}: ${message}`] : [];
  });
  return [...inExpressions, ...inLabels];
}
