import type { JsonObject } from 'nekube/apimachinery';
import { configurationOf, type PluginConfigurations } from '../configuration.ts';
import { PREFIX, type Policy, policyOf } from './policy.ts';

const VERSIONS = ['v1', 'v1beta1', 'v1alpha1'].map((version) => `pod-security.admission.config.k8s.io/${version}`);

/** What holds where no labels say otherwise, and for whom nothing holds. */
export interface PodSecurityConfiguration {
  readonly defaults: Policy;
  readonly exempt: {
    readonly users: ReadonlySet<string>;
    readonly namespaces: ReadonlySet<string>;
    readonly runtimeClasses: ReadonlySet<string>;
  };
}

/** Reads it; without one all is privileged, and nobody exempt. @throws Error that says what is wrong */
export function podSecurityConfiguration(configurations: PluginConfigurations | undefined): PodSecurityConfiguration {
  const found = configurationOf(configurations, 'PodSecurity', 'PodSecurityConfiguration', VERSIONS);
  const defaults = (found?.defaults ?? {}) as Readonly<Record<string, string>>;
  const labels = Object.entries(defaults).flatMap(([key, value]) => (value === '' ? [] : [[PREFIX + key, value]]));
  const modes = ['enforce', 'audit', 'warn'];
  // levels of the defaults do not follow from each other
  const all = {
    ...Object.fromEntries(modes.map((mode) => [PREFIX + mode, 'privileged'])),
    ...Object.fromEntries(labels),
  };
  const { policy, errors } = policyOf(all);
  if (errors.length > 0) throw new Error(`the defaults of PodSecurity are not valid: ${errors[0]!.message}`);
  const { usernames, namespaces, runtimeClasses } = (found?.exemptions ?? {}) as JsonObject;
  const set = (names: unknown): ReadonlySet<string> => new Set(Array.isArray(names) ? names.map(String) : []);
  return {
    defaults: policy,
    exempt: { users: set(usernames), namespaces: set(namespaces), runtimeClasses: set(runtimeClasses) },
  };
}
