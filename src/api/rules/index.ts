import type { ResourceRules } from './resource-rules.ts';

/** The rules of the built-in resources, by group and resource. */
const rules: Readonly<Record<string, Readonly<Record<string, ResourceRules>>>> = {};

/** The rules of a group's resources, by plural name; empty for a group without rules. */
export function builtinRules(group: string): Readonly<Record<string, ResourceRules>> {
  return rules[group] ?? {};
}
