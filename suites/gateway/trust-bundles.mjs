// ClusterTrustBundles for a server that has none by its own: Kubernetes 1.36 serves them only where a feature gate says so. With their
// definition the suite's run is of a cluster in which all features can be asked for.
import { connect } from 'nekube/client';

const NAME = 'clustertrustbundles.certificates.k8s.io';
const schema = {
  type: 'object',
  properties: {
    spec: { type: 'object', properties: { signerName: { type: 'string' }, trustBundle: { type: 'string' } } },
  },
};
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: NAME, annotations: { 'api-approved.kubernetes.io': 'unapproved, as of a later server' } },
  spec: {
    group: 'certificates.k8s.io',
    scope: 'Cluster',
    names: { kind: 'ClusterTrustBundle', listKind: 'ClusterTrustBundleList', plural: 'clustertrustbundles' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
};

/** Adds the kind. `nekube gateway install` waits for kinds that are added after it, so that it is served by then. */
export async function addTrustBundles(kubeconfig) {
  const client = await connect({ kubeconfig, env: {} });
  await client.create(definition);
  await client.close();
}
