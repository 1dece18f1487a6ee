/** Flags, of `nekube up` and of kube-apiserver alike, that turn on what is off by default. */
export const flags = [
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
];
