import type { SchemaChecks } from 'nekube/api';
import { defaultErrors } from './default-validation.ts';

/** What is checked of definitions with the means by which their objects are served. */
export const schemaChecks: SchemaChecks = {
  defaults: (schema, path, pruned) => defaultErrors(schema, path, pruned),
  rules: () => [],
};
