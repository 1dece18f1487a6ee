/**
 * Load balancing of Services.
 */
export { DEFAULT_SEED, type HashSeed } from './maglev/hash.ts';
export { type MaglevBackend, maglevTable } from './maglev/maglev.ts';
export { DEFAULT_SLOTS_PER_BACKEND, TABLE_SIZES, tableSize } from './maglev/table-size.ts';
