import {
  duplicate,
  type FieldError,
  invalid,
  type Path,
  required as requiredError,
  tooMany,
} from 'nekube/apimachinery';
import type { Loose } from '../rule.ts';
import { findField } from './field-path.ts';

const most = 8;
const selectable = ['string', 'boolean', 'integer'];

/** Checks fields by which custom resources can be selected; stored ones that are too many may stay. */
export function selectableFieldErrors(fields: Loose[], schema: Loose, path: Path, keepsCount: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  fields.forEach(({ jsonPath = '' }, i) => {
    const at = path.index(i).child('jsonPath');
    const found = jsonPath === '' ? undefined : findField(jsonPath, schema, false);
    if (found === undefined) errors.push(requiredError(at));
    else if ('fault' in found) errors.push(invalid(at, jsonPath, `is an invalid path: ${found.fault}`));
    else checkField(jsonPath, found.schema, seen, at, errors);
  });
  if (seen.size > most && !keepsCount) errors.push(tooMany(path, seen.size, most));
  return errors;
}

function checkField(jsonPath: string, schema: Loose, seen: Set<string>, path: Path, errors: FieldError[]): void {
  if (jsonPath.split('.')[1] === 'metadata')
    errors.push(invalid(path, jsonPath, 'must not point to fields in metadata'));
  if (!selectable.includes(schema?.type)) {
    const detail =
      'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
    errors.push(invalid(path, jsonPath, detail));
  }
  if (seen.has(jsonPath)) errors.push(duplicate(path, jsonPath));
  seen.add(jsonPath);
}
