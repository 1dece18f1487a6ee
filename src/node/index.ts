/**
 * The process node: a kubelet without containers. It registers nodes, and runs the pods that are bound to them, each container
 * of a known image as a process of this machine, or as none.
 *
 * What it does not do: it pulls nothing, and confines nothing: what a process may do, a container may. It binds no pod
 * (`nekube/scheduler`), and routes no service (`nekube/network`).
 */
export { type Image, type ImageMap, FAKE_IMAGES, imageMap } from './images/image-map.ts';
export { openImageFile } from './images/open-image-file.ts';
export { ImageFileError, parseImageFile } from './images/image-file.ts';
export { startNodes, type NodesOptions, type RunningNodes } from './start-nodes.ts';
export type { NodeUsage, PodUsage } from './server/node-usage.ts';
export type { NodeServing } from './server/serve-agent.ts';
export { NodeAgent } from './nodes/node-agent.ts';
