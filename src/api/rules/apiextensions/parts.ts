import { byteLength, type FieldError, invalid, type Path, required as requiredError } from 'nekube/apimachinery';
import { each, type Loose, type RuleContext } from '../rule.ts';

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const maxWarningBytes = 256;

/** Checks where replicas and selector of `/scale` are. */
export function checkSubresources(subresources: Loose, path: Path, { errors }: RuleContext): void {
  const scale = subresources?.scale;
  if (!scale) return;
  const check = (field: string, parents: readonly string[], detail: string, needed: boolean) => {
    const text: string = scale[field] ?? '';
    const at = path.child(`scale.${field}`);
    if (text === '') {
      if (needed) errors.push(requiredError(at));
    } else if (checkSimplePath(text, at, errors) && !parents.some((parent) => text.startsWith(parent))) {
      errors.push(invalid(at, text, detail));
    }
  };
  check('specReplicasPath', ['.spec.'], 'should be a json path under .spec', true);
  check('statusReplicasPath', ['.status.'], 'should be a json path under .status', true);
  const either = 'should be a json path under either .spec or .status';
  check('labelSelectorPath', ['.spec.', '.status.'], either, false);
}

function checkSimplePath(text: string, path: Path, errors: FieldError[]): boolean {
  if (text.startsWith('.')) return true;
  errors.push(invalid(path, text, 'must be a simple json path starting with .'));
  return false;
}

/** Checks columns that kubectl shows. The path has another case than the field. */
export const checkColumns = each((column, path, { errors }) => {
  const { name = '', type = '', format = '', jsonPath = '' } = column;
  const typeDetail = `must be one of ${columnTypes.join(',')}`;
  if (name === '') errors.push(requiredError(path.child('name')));
  if (type === '') errors.push(requiredError(path.child('type'), typeDetail));
  else if (!columnTypes.includes(type)) errors.push(invalid(path.child('type'), type, typeDetail));
  if (format !== '' && !columnFormats.includes(format)) {
    errors.push(invalid(path.child('format'), format, `must be one of ${columnFormats.join(',')}`));
  }
  if (jsonPath === '') errors.push(requiredError(path.child('JSONPath')));
  else checkSimplePath(jsonPath, path.child('JSONPath'), errors);
});

/** Checks what clients of a deprecated version are told. */
export function checkDeprecation(version: Loose, path: Path, { errors }: RuleContext): void {
  const warning: string | undefined = version.deprecationWarning ?? undefined;
  if (warning === undefined) return;
  for (const fault of warningFaults(version.deprecated === true, warning)) errors.push(invalid(path, warning, fault));
}

function warningFaults(deprecated: boolean, warning: string): string[] {
  if (!deprecated) return ['can only be set for deprecated versions'];
  const faults: string[] = [];
  if (byteLength(warning) > maxWarningBytes) faults.push(`must be <= ${maxWarningBytes} characters long`);
  if (warning === '') faults.push('must not be an empty string');
  const bad = /[^ \p{L}\p{M}\p{N}\p{P}\p{S}]/u.exec(warning);
  if (bad) {
    const index = byteLength(warning.slice(0, bad.index));
    const what = 'must only contain printable UTF-8 characters';
    faults.push(`${what}; non-printable character found at index ${index}`);
  }
  return faults;
}
