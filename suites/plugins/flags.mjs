import { fileURLToPath } from 'node:url';

/** Flags, of `nekube up` and of kube-apiserver alike, by the group of scenarios that they are for. */
export const flags = {
  /** Turns on what is off by default. */
  'opt-in': [
    `--enable-admission-plugins=${[
      'AlwaysPullImages',
      'DenyServiceExternalIPs',
      'ExtendedResourceToleration',
      'LimitPodHardAntiAffinityTopology',
      'NamespaceAutoProvision',
      'NamespaceExists',
      'NodeRestriction',
      'OwnerReferencesPermissionEnforcement',
      'PodNodeSelector',
      'PodTolerationRestriction',
      'ServiceAccount',
    ].join(',')}`,
  ],
  configured: [
    '--enable-admission-plugins=EventRateLimit,PodNodeSelector,PodTolerationRestriction',
    `--admission-control-config-file=${fileURLToPath(new URL('admission.yaml', import.meta.url))}`,
  ],
};
