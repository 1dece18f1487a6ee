import type { FunctionDeclaration } from '../function.ts';
import type { CelType } from '../type.ts';
import { CIDR_LIBRARY, CIDR_TYPE, IP_LIBRARY, IP_TYPE } from './addresses.ts';
import { AUTHORIZER_LIBRARY } from './authorizer.ts';
import { FORMAT_LIBRARY } from './formats.ts';
import { LISTS_LIBRARY } from './lists.ts';
import { MORE_LISTS_LIBRARY } from './more-lists.ts';
import { QUANTITY_LIBRARY } from './quantity.ts';
import { REGEX_LIBRARY } from './regex.ts';
import { SEMVER_LIBRARY } from './semver.ts';
import { SETS_LIBRARY } from './sets.ts';
import { STRINGS_LIBRARY } from './strings.ts';
import { URL_LIBRARY } from './urls.ts';

export {
  type AskAuthorizer,
  AUTHORIZER_TYPE,
  type AuthorizationAnswer,
  type AuthorizationQuestion,
  authorizerValue,
  PendingAnswers,
  RESOURCE_CHECK_TYPE,
  requestResourceValue,
} from './authorizer.ts';
export { FUNCTION_COSTS } from './costs.ts';
export { JSON_PATCH_LIBRARY } from './json-patch.ts';
export {
  JSON_PATCH_TYPE,
  JsonPatchValue,
  makeMutationObject,
  misnamedObjects,
  mutationType,
  ObjectLiteral,
} from './mutation.ts';
export { PATTERN_FUNCTIONS, patternFault } from './regex.ts';
export { CLAUSE_FAULTS, type Clause, parseFormat } from './text-format.ts';

/** The functions that all of Kubernetes' expressions have, beside those of the language. */
export const KUBERNETES_LIBRARIES: readonly FunctionDeclaration[] = [
  ...URL_LIBRARY,
  ...REGEX_LIBRARY,
  ...LISTS_LIBRARY,
  ...AUTHORIZER_LIBRARY,
  ...QUANTITY_LIBRARY,
  ...STRINGS_LIBRARY,
  ...SETS_LIBRARY,
  ...IP_LIBRARY,
  ...CIDR_LIBRARY,
  ...FORMAT_LIBRARY,
  ...SEMVER_LIBRARY,
  ...MORE_LISTS_LIBRARY,
];

/** The types of these libraries that expressions can name. */
export const LIBRARY_TYPES: readonly CelType[] = [IP_TYPE, CIDR_TYPE];
