/**
 * Gateways on Envoy: the routing model as Envoy's resources, which are the same where the model is, and the process that serves
 * them.
 */
export { EnvoyDataPlane, type EnvoyDataPlaneOptions } from './plane/envoy-data-plane.ts';
export { ResourceSet } from './plane/resource-set.ts';
export type { EnvoyLogLevel } from './process/log-file.ts';
export { type FoundEnvoy, findEnvoy } from './process/find-envoy.ts';
export { type EnvoyResources, ResourceBuilder, type ResourceOptions } from './resources/envoy-resources.ts';
export { staticBootstrap } from './validation/static-bootstrap.ts';
export { validate } from './validation/validate.ts';
