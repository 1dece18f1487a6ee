import type { PluginConfigurations } from './configuration.ts';
import { pluginNames } from './order.ts';

/** Which plugins are on beside those that are by default, which of these are not, and how they are configured. */
export interface PluginSelection {
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
  /** What plugins are configured with, by their names. */
  readonly configurations?: PluginConfigurations;
}

/**
 * Those that are off unless they are enabled. ServiceAccount is one of them, unlike in kube-apiserver: it refuses pods
 * where no controller makes the default accounts.
 */
const DEFAULT_OFF: ReadonlySet<string> = new Set([
  'AlwaysAdmit',
  'AlwaysDeny',
  'AlwaysPullImages',
  'DenyServiceExternalIPs',
  'EventRateLimit',
  'ExtendedResourceToleration',
  'ImagePolicyWebhook',
  'LimitPodHardAntiAffinityTopology',
  'NamespaceAutoProvision',
  'NamespaceExists',
  'NodeRestriction',
  'OwnerReferencesPermissionEnforcement',
  'PodNodeSelector',
  'PodTolerationRestriction',
  'ServiceAccount',
]);

/** Kubernetes has them, and this server does not. */
const MISSING: ReadonlySet<string> = new Set(['ImagePolicyWebhook']);

/** Whether a plugin runs. */
export function isEnabled(name: string, { enable = [], disable = [] }: PluginSelection): boolean {
  return enable.includes(name) || (!DEFAULT_OFF.has(name) && !disable.includes(name));
}

/** What is wrong with a selection, in the words of kube-apiserver where it has some; nothing if it holds. */
export function selectionProblems({ enable = [], disable = [] }: PluginSelection): string[] {
  const problems: string[] = [];
  for (const [flag, names] of [
    ['enable', enable],
    ['disable', disable],
  ] as const)
    for (const name of names)
      if (!pluginNames.includes(name)) problems.push(`${flag}-admission-plugins plugin "${name}" is unknown`);
  for (const name of enable) if (MISSING.has(name)) problems.push(`admission plugin "${name}" is not supported`);
  const both = [...new Set(enable.filter((name) => disable.includes(name)))].sort();
  if (both.length > 0)
    problems.push(`[${both.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`);
  return problems;
}
