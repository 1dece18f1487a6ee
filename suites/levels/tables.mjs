// All behaviours, by what they are about.
import { access } from './behaviours/access.mjs';
import { admission } from './behaviours/admission.mjs';
import { apply } from './behaviours/apply.mjs';
import { crud } from './behaviours/crud.mjs';
import { definitions } from './behaviours/definitions.mjs';
import { endings } from './behaviours/endings.mjs';
import { fields } from './behaviours/fields.mjs';
import { limits } from './behaviours/limits.mjs';
import { lists } from './behaviours/lists.mjs';
import { patches } from './behaviours/patches.mjs';
import { runtime } from './behaviours/runtime.mjs';
import { watches } from './behaviours/watches.mjs';

export const tables = {
  crud,
  apply,
  patches,
  fields,
  lists,
  watches,
  endings,
  definitions,
  admission,
  access,
  limits,
  runtime,
};
