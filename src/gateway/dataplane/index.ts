/** The embedded data plane: a routing model served by this process, without Envoy. */
export { EmbeddedDataPlane, type EmbeddedDataPlaneOptions } from './embedded-data-plane.ts';
