/** Resources of others as Gateway API: Ingress with the annotations of ingress-nginx, Contour's HTTPProxy, Envoy Gateway's policies. */
export { importObjects } from './import.ts';
export type { GatewayNames } from './gateway-of.ts';
export type { Imported, ImportFinding } from './result.ts';
