import type { SchemaChecks } from 'nekube/api';
import { defaultErrors } from './default-validation.ts';
import { ruleDefinitionErrors } from './rule-definition.ts';
import { ruleTreeOf } from './rule-tree.ts';

/** What is checked of definitions with the means by which their objects are served. */
export const schemaChecks: SchemaChecks = {
  defaults: (schema, path, pruned) =>
    defaultErrors(schema, path, pruned, (value, part, at, isRoot) => {
      const tree = ruleTreeOf(part, isRoot);
      const errors = tree?.validate(value, { at, old: value }) ?? [];
      return errors.length > 0 ? errors : (tree?.validate(value, { at }) ?? []);
    }),
  rules: ruleDefinitionErrors,
};
