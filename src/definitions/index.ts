/**
 * CustomResourceDefinitions of our own kinds as data: the words that structural schemas are made of, and what is alike in every definition.
 * `bounded` has words of schemas whose every field has a description and a bound, as rules need them.
 *
 * What it does not do: it knows none of these kinds, and brings nothing to a cluster.
 */
export * as bounded from './bounded.ts';
export { column, type Definition, definitionOf } from './definition.ts';
export {
  CONDITIONS,
  flag,
  integer,
  list,
  listByKey,
  object,
  oneOf,
  reference,
  rules,
  text,
  time,
} from './schema.ts';
