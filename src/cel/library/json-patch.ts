import { defineFunction, type FunctionDeclaration, globalOverload } from '../function.ts';
import { STRING } from '../type.ts';

/** `jsonpatch.escapeKey()`, which mutating policies have. */
export const JSON_PATCH_LIBRARY: readonly FunctionDeclaration[] = [
  defineFunction('jsonpatch.escapeKey', [
    globalOverload('string_jsonpatch_escapeKey_string', [STRING], STRING, (key) =>
      (key as string).replace(/[~/]/g, (char) => (char === '~' ? '~0' : '~1')),
    ),
  ]),
];
