import { type ServedGroup, storageVersionHash } from 'nekube/api';
import { compareVersions, type Definition, hasCondition } from './definition.ts';

/** A group as discovery shows it: versions by stability, resources by name. */
export function discoveryOf(group: string, definitions: readonly Definition[]): ServedGroup {
  const served = definitions.flatMap((d) => d.spec.versions.filter((v) => v.served).map((v) => v.name));
  const versions = [...new Set(served)].sort(compareVersions);
  return {
    group,
    versions: versions.map((version) => ({
      version,
      resources: definitions
        .filter((d) => d.spec.versions.some((v) => v.name === version && v.served))
        .sort((a, b) => (a.spec.names.plural < b.spec.names.plural ? -1 : 1))
        .map((definition) => discoveredResource(definition, version)),
    })),
  };
}

function discoveredResource(
  definition: Definition,
  version: string,
): ServedGroup['versions'][number]['resources'][number] {
  const { group, names, scope, versions } = definition.spec;
  const { status, scale } = versions.find((v) => v.name === version)?.subresources ?? {};
  const storage = versions.find((v) => v.storage)?.name ?? version;
  const responseKind = { group, version, kind: names.kind };
  const verbs = ['get', 'patch', 'update'];
  const subresources = [
    ...(status ? [{ subresource: 'status', responseKind, verbs }] : []),
    ...(scale
      ? [{ subresource: 'scale', responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, verbs }]
      : []),
  ];
  return {
    resource: names.plural,
    responseKind,
    scope,
    singularResource: names.singular ?? names.kind.toLowerCase(),
    verbs: hasCondition(definition, 'Terminating')
      ? ['delete', 'deletecollection', 'get', 'list', 'watch']
      : ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
    ...(names.shortNames?.length && { shortNames: names.shortNames }),
    ...(names.categories?.length && { categories: names.categories }),
    ...(subresources.length > 0 && { subresources }),
    storageVersionHash: storageVersionHash({ group, version: storage, kind: names.kind }),
  };
}
