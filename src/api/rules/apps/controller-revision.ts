import { Path, required as requiredError } from 'nekube/apimachinery';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, checkImmutable, nonNegative, validateWith } from '../rule.ts';

const checkRevision: Check = ({ revision }, _, context) => nonNegative(revision, Path.of('revision'), context);

const checkData: Check = ({ data }, _, { errors }) => {
  if (data === undefined || data === null) errors.push(requiredError(Path.of('data'), 'data is mandatory'));
  else if (typeof data !== 'object' || Array.isArray(data))
    errors.push(requiredError(Path.of('data'), 'data must be a valid JSON object'));
};

const checkDataUnchanged: Check = ({ data }, _, { errors, old }) =>
  checkImmutable(data, old.data, Path.of('data'), errors);

/** The rules of controller revisions. */
export const controllerRevisionRules: ResourceRules = {
  validate: (revision) => validateWith([checkRevision, checkData], revision),
  validateUpdate: (revision, old) => validateWith([checkRevision, checkDataUnchanged], revision, old),
};
