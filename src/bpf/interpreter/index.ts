// Programs without a kernel.
export { checksumOf } from './helpers/checksums.ts';
export { Context } from './context.ts';
export { InterpreterFault } from './fault.ts';
export { Interpreter, type InterpretOptions } from './interpreter.ts';
export type { InterpretedRun, Redirect } from './machine.ts';
export { memoryMap } from './maps/index.ts';
export { MemoryMap } from './maps/memory-map.ts';
export { ObjectMemory } from './maps/objects.ts';
export { SequenceMemory } from './maps/sequence.ts';
export type { Route, RouteQuery, World } from './world.ts';
