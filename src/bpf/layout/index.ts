// Memory that programs and user space share: what C would write as structs, with values on our side.
export * from './addresses.ts';
export * from './contexts.ts';
export * from './packets.ts';
export * from './scalar.ts';
export * from './sequence.ts';
export * from './struct.ts';
