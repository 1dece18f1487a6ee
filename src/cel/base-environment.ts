import { Environment } from './environment.ts';
import { FUNCTION_COSTS, KUBERNETES_LIBRARIES, LIBRARY_TYPES } from './library/index.ts';
import { WELL_KNOWN_MESSAGES } from './standard/messages.ts';
import { STANDARD_LIBRARY } from './standard/library.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  INT,
  listType,
  mapType,
  NULL,
  opaqueType,
  STRING,
  TIMESTAMP,
  TYPE,
  typeParam,
  UINT,
} from './type.ts';

/** The types that every expression can name. */
const TYPES = [
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  INT,
  listType(typeParam('A')),
  mapType(typeParam('A'), typeParam('B')),
  NULL,
  opaqueType('optional_type'),
  STRING,
  TIMESTAMP,
  TYPE,
  UINT,
];

let made: Environment | undefined;

/** What all expressions of Kubernetes 1.36 can use; variables and their types are added by who knows them. */
export function baseEnvironment(): Environment {
  made ??= new Environment({
    functions: [...STANDARD_LIBRARY, ...KUBERNETES_LIBRARIES],
    types: [...TYPES, ...LIBRARY_TYPES],
    objectType: (name) => WELL_KNOWN_MESSAGES.get(name)?.type,
    functionCosts: FUNCTION_COSTS,
  });
  return made;
}
