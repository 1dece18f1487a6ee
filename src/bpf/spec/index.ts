// What is to be loaded, as data.
export type { MapStore, UpdateMode } from './map-store.ts';
export { type MapOptions, type MapSpec, mapSpec } from './map-spec.ts';
export { isPerCpu, MAP_FLAGS, MAP_TYPES, type MapFlag, type MapType } from './map-types.ts';
export { DEFAULT_LICENSE, type ProgramSpec, programSpec } from './program-spec.ts';
export {
  ATTACH_TYPES,
  type AttachType,
  PROGRAM_FLAGS,
  PROGRAM_TYPES,
  type ProgramFlag,
  type ProgramType,
  TC,
  TCX,
  XDP,
} from './program-types.ts';
