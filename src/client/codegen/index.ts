/**
 * TypeScript of definitions of custom resources: what `nekube codegen crd` writes, for other programs.
 *
 * What it does not do: it reads and writes no file. It stands below the door of `client` since it reads definitions as the
 * API server does, which costs more to load than a client.
 */
export { type DefinedVersion, type Definition, isDefinition, readDefinition } from './definition.ts';
export { definitionModules } from './definition-modules.ts';
export type { Schema } from './schema.ts';
