// BTF, the kernel's format of types.
export { KIND } from './kinds.ts';
export { type BtfType, findFunction, readTypes } from './reader.ts';
export { type ProgramInfo, programInfo } from './program-info.ts';
export { BtfWriter } from './writer.ts';
