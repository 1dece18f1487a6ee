import { invalid } from 'nekube/apimachinery';
import { type Check, invalidIf } from '../rule.ts';

/** A path without `..` among its parts. */
export const checkNoBacksteps: Check = invalidIf(
  (path: string) => path.split('/').includes('..'),
  "must not contain '..'",
);

/** A relative path that stays below where it starts. */
export const checkDescendingPath: Check = (value: string, path, context) => {
  if (value.startsWith('/')) context.errors.push(invalid(path, value, 'must be a relative path'));
  checkNoBacksteps(value, path, context);
};

/** A descending path that does not begin with `..`, which atomic writers of volumes use for themselves. */
export const checkFilePath: Check = (value: string | undefined, path, context) => {
  const text = value ?? '';
  checkDescendingPath(text, path, context);
  if (text.startsWith('..') && !text.startsWith('../')) {
    context.errors.push(invalid(path, text, "must not start with '..'"));
  }
};
