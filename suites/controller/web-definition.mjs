// The definition of Webs, for a controller that is tested and for one that is measured.
export const WEB = { apiVersion: 'example.com/v1', kind: 'Web' };

/** With these fields in its spec; with a status, that is a subresource. */
export function webDefinition(spec, { status } = {}) {
  const properties = { spec: { type: 'object', properties: spec }, ...(status && { status }) };
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    ...(status && { subresources: { status: {} } }),
    schema: { openAPIV3Schema: { type: 'object', properties } },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'webs.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Web', plural: 'webs', singular: 'web', listKind: 'WebList' },
      versions: [version],
    },
  };
}
