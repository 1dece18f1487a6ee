// The kernel: maps, programs, links and what it tells of them. koffi is loaded when the first of these is used.
export { deleteBatch, getAll, setBatch } from './batch.ts';
export { kernelFunctionId } from './btf.ts';
export { type Collection, type CollectionOptions, loadCollection } from './collection.ts';
export { Descriptor, openDescriptors } from './descriptor.ts';
export { createMap, KernelMap, possibleCpus } from './map.ts';
export { KernelProgram, type LoadOptions, loadProgram } from './program.ts';
export type { TestRun, TestRunOptions } from './test-run.ts';
