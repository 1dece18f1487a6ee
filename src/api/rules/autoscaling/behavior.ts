import type { Loose } from '../rule.ts';

/** How fast an autoscaler scales where its behavior does not say. */
const DEFAULT_RULES = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  },
  scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
};

/** A behavior with what it leaves open. */
export function completeBehavior(behavior: Loose): Loose {
  const rules = Object.entries(DEFAULT_RULES);
  return Object.fromEntries(rules.map(([name, rule]) => [name, { ...structuredClone(rule), ...behavior[name] }]));
}

/** A behavior with rules for both directions; rules that are there stay as they are. */
export function completeDirections(behavior: Loose): Loose {
  return { ...structuredClone(DEFAULT_RULES), ...behavior };
}
