/**
 * Gateways on Envoy: the routing model as Envoy's resources, which are the same where the model is, and the process that serves
 * them.
 */
export { type EnvoyResources, ResourceBuilder, type ResourceOptions } from './resources/envoy-resources.ts';
