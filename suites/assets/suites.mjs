// Suites of controllers in Go that start kube-apiserver and etcd by envtest, and how many of their specs pass on the real ones
// (1.36.3, 3.6.16). `version` is one that the module proxy has; `specs` are those of the sources that the counts were taken
// from: main of August 2026.

const CONTROLLER_RUNTIME = {
  folder: 'controller-runtime',
  module: 'sigs.k8s.io/controller-runtime',
  version: 'v0.24.1',
};
const ACCURATE = { folder: 'accurate', module: 'github.com/cybozu-go/accurate', env: { TEST_CONFIG: '1' } };
const RABBITMQ = { folder: 'cluster-operator', module: 'github.com/rabbitmq/cluster-operator/v2' };

/** By name: a folder of sources, a package in it, and the specs that pass. */
export const SUITES = {
  envtest: { ...CONTROLLER_RUNTIME, package: 'pkg/envtest', specs: 28 },
  controlplane: { ...CONTROLLER_RUNTIME, package: 'pkg/internal/testing/controlplane', specs: 41 },
  client: { ...CONTROLLER_RUNTIME, package: 'pkg/client', specs: 296 },
  webhook: { ...CONTROLLER_RUNTIME, package: 'pkg/webhook', specs: 8 },
  cache: { ...CONTROLLER_RUNTIME, package: 'pkg/cache', specs: 276 },
  'accurate-hooks': { ...ACCURATE, package: 'hooks', specs: 46 },
  'accurate-allow-cascade-delete': { ...ACCURATE, package: 'hooks/allow-cascade-delete', specs: 4 },
  'accurate-config': { ...ACCURATE, package: 'pkg/config', specs: 11 },
  'nyamber-hooks': { folder: 'nyamber', module: 'github.com/cybozu-go/nyamber', package: 'hooks', specs: 13 },
  'pvc-autoresizer-runners': {
    folder: 'pvc-autoresizer',
    module: 'github.com/topolvm/pvc-autoresizer',
    package: 'internal/runners',
    specs: 16,
  },
  'rabbitmq-api': { ...RABBITMQ, package: 'api/v1beta1', specs: 34 },
  'rabbitmq-webhook': { ...RABBITMQ, package: 'internal/webhook/v1beta1', specs: 43 },
  // tests without ginkgo, in a module of their own that is not served alone
  'gateway-api-crd': { folder: 'gateway-api', package: 'crd', in: 'tests', tests: 37 },
};
