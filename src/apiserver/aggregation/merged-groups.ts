import type { ServedGroup, ServedVersion } from 'nekube/api';
import { type ApiService, isRemote, sortedGroups } from './api-service.ts';

/** The group of APIServices themselves, which is always the first. */
const OWN_GROUP = 'apiregistration.k8s.io';
/** Of what no APIService tells of yet: a custom resource, as its APIService is made after it. */
const CUSTOM = { groupPriorityMinimum: 1000, versionPriority: 100 };

/**
 * All groups as discovery lists them, those of other servers among them: by the priorities that APIServices give.
 *
 * @param own the groups of this server
 * @param versionOf what a remote APIService has
 */
export function mergedGroups(
  own: readonly ServedGroup[],
  services: readonly ApiService[],
  versionOf: (service: ApiService) => ServedVersion | undefined,
): readonly ServedGroup[] {
  const isFirst = ({ group }: ServedGroup): boolean => group === '' || group === OWN_GROUP;
  const local = new Map(own.flatMap(({ group, versions }) => versions.map((v) => [nameOf(group, v.version), v])));
  const known = new Set(services.map(({ metadata }) => metadata.name));
  const missing = own.flatMap(({ group, versions }) =>
    versions
      .filter(({ version }) => !known.has(nameOf(group, version)))
      .map(({ version }) => apiServiceOf(group, version)),
  );
  const groups = sortedGroups([...services, ...missing]).flatMap((members): ServedGroup[] => {
    const { group = '' } = members[0]!.spec;
    const versions = members
      .map((service) => (isRemote(service) ? versionOf(service) : local.get(service.metadata.name!)))
      .filter((version) => version !== undefined);
    return versions.length === 0 ? [] : [{ group, versions }];
  });
  return [...own.filter(isFirst), ...groups.filter((group) => !isFirst(group))];
}

function nameOf(group: string, version: string): string {
  return `${version}.${group}`;
}

function apiServiceOf(group: string, version: string): ApiService {
  const kind = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService' };
  return { ...kind, metadata: { name: nameOf(group, version) }, spec: { group, version, ...CUSTOM } };
}
