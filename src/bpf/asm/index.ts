// The assembler: instructions as data, made by functions that read as assembly, and what turns them into bytes and text.
export * from './alu.ts';
export { type Assembled, assemble, flatten, type ProgramFunction, type Reference } from './assemble.ts';
export { decode, encode } from './encode.ts';
export { type HelperName, helperId, helperName } from './helpers.ts';
export { type Code, type FunctionSignature, type Instruction, isLabel, type Label } from './instruction.ts';
export * from './jump.ts';
export { listing, type ListingOptions } from './listing.ts';
export * from './memory.ts';
export { print } from './print.ts';
export * from './register.ts';
export { callerPosition, type SourceLine, sourceLine, type SourcePosition } from './source.ts';
