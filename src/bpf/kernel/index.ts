// The kernel: maps, programs, links and what it tells of them. koffi is loaded when the first of these is used.
export { type AttachedProgram, attachedPrograms } from './attached.ts';
export {
  allBytes,
  type ByteElements,
  deleteBatch,
  getAll,
  setAllBytes,
  setBatch,
  setBatchBytes,
} from './batch.ts';
export {
  addClassifierQueue,
  attachClassifier,
  Classifier,
  type ClassifierPlace,
  removeClassifierQueue,
} from './classifier.ts';
export { type AttachedFilter, attachedFilters } from './filters.ts';
export { kernelFunctionId } from './btf.ts';
export { withCgroupRoot } from './cgroup.ts';
export { type Collection, type CollectionOptions, loadCollection } from './collection.ts';
export { Descriptor, openDescriptors } from './descriptor.ts';
export { deviceDriver } from './device-driver.ts';
export { enableStatistics, type LinkInfo, type MapInfo, type ProgramInfo } from './info.ts';
export { jiffiesPerSecond } from './jiffies.ts';
export {
  attachCgroup,
  attachNamespace,
  attachNetkit,
  attachTcx,
  attachXdp,
  type Device,
  deviceIndex,
  inNamespace,
  KernelLink,
  namespaceCookie,
  type XdpMode,
} from './link.ts';
export { createMap, KernelMap, possibleCpus } from './map.ts';
export { MappedArray } from './mapped-array.ts';
export { KernelProgram, type LoadOptions, loadProgram } from './program.ts';
export {
  ensureBpffs,
  isBpffs,
  openOrCreateMap,
  openPinnedLink,
  openPinnedMap,
  openPinnedMapOfAnySize,
  openPinnedProgram,
  pin,
  unmountBpffs,
} from './pin.ts';
export {
  hasDeviceAttach,
  hasHelper,
  hasInstructions,
  hasKernelFunction,
  hasMapType,
  hasMayGoto,
  hasProgramType,
} from './probes.ts';
export { RingBufferReader } from './ring-buffer.ts';
export { lockFolder } from './lock.ts';
export { PacketSocket } from './packet-socket.ts';
export { RawSocket } from './raw-socket.ts';
export { setSocketOption } from './socket-option.ts';
export { type ConnectedSocket, connectedUdpSockets } from './socket-diag.ts';
export type { TestRun, TestRunOptions } from './test-run.ts';
