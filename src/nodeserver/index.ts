/**
 * What a node serves over HTTPS, as the kubelet does: logs of containers, exec, attach and port-forward, its pods, and what
 * they use of processors and memory. Who asks is known by a certificate or a token, and what they may is for the API to say.
 *
 * What it does not do: it runs no pod. The pods are those of a `NodeHost`, which the node is.
 */
export type { CommandLine, NodeHost, ServedContainer, ServedPod } from './host.ts';
export { type NodeServer, type NodeServerOptions, startNodeServer } from './server.ts';
export { type Usage, usageOfProcesses } from './usage.ts';
