import {
  type FieldSelector,
  isDns1123Label,
  type LabelSelector,
  nameIsDnsSubdomain,
  parseFieldSelector,
  parseLabelSelector,
} from 'nekube/apimachinery';
import { defineFunction, type FunctionDeclaration, type Implementation, memberOverload } from '../function.ts';
import { BOOL, type CelType, objectType, STRING } from '../type.ts';
import { CelError, type CelValue, noSuchOverload, TypeValue } from '../value.ts';
import { LibraryValue } from './library-value.ts';

/** Whether somebody may do something, as an expression asks it. */
export interface AuthorizationQuestion {
  /** Who; undefined for the user of the request. */
  readonly serviceAccount: { readonly namespace: string; readonly name: string } | undefined;
  readonly verb: string;
  /** Set for a path that is no resource; all else is empty then. */
  readonly path: string;
  readonly resourceRequest: boolean;
  readonly apiGroup: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Absent where none was given, or where it does not parse. */
  readonly fieldSelector?: FieldSelector;
  readonly labelSelector?: LabelSelector;
}

/** The answer. */
export interface AuthorizationAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  readonly error?: string;
}

/** Answers at once; undefined for an answer that must be waited for: the evaluation is done again when it is there. */
export type AskAuthorizer = (question: AuthorizationQuestion) => AuthorizationAnswer | undefined;

/**
 * Answers questions whose answers may take time. Whoever evaluates calls {@link settle} afterwards, and evaluates again
 * as long as that says so; each question is asked once.
 */
export class PendingAnswers {
  readonly #ask: (question: AuthorizationQuestion) => AuthorizationAnswer | Promise<AuthorizationAnswer>;
  readonly #answers = new Map<string, AuthorizationAnswer>();
  readonly #pending = new Map<string, Promise<AuthorizationAnswer>>();

  constructor(ask: (question: AuthorizationQuestion) => AuthorizationAnswer | Promise<AuthorizationAnswer>) {
    this.#ask = ask;
  }

  readonly ask: AskAuthorizer = (question) => {
    const key = JSON.stringify(question);
    const known = this.#answers.get(key);
    if (known !== undefined || this.#pending.has(key)) return known;
    const answer = this.#ask(question);
    if (answer instanceof Promise) this.#pending.set(key, answer);
    else this.#answers.set(key, answer);
    return this.#answers.get(key);
  };

  /** Waits for what was asked; true if something was, so that the evaluation must be done again. */
  async settle(): Promise<boolean> {
    const waiting = [...this.#pending];
    this.#pending.clear();
    for (const [key, answer] of waiting) this.#answers.set(key, await answer);
    return waiting.length > 0;
  }
}

const AUTHORIZER: CelType = objectType('kubernetes.authorization.Authorizer');
const PATH_CHECK: CelType = objectType('kubernetes.authorization.PathCheck');
const GROUP_CHECK: CelType = objectType('kubernetes.authorization.GroupCheck');
const RESOURCE_CHECK: CelType = objectType('kubernetes.authorization.ResourceCheck');
const DECISION: CelType = objectType('kubernetes.authorization.Decision');

/** The type of the variable `authorizer`. */
export const AUTHORIZER_TYPE: CelType = AUTHORIZER;
/** Likewise of `authorizer.requestResource`. */
export const RESOURCE_CHECK_TYPE: CelType = RESOURCE_CHECK;

const NOTHING = {
  path: '',
  resourceRequest: true,
  apiGroup: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  fieldSelector: '',
  labelSelector: '',
};

/** What is being asked; selectors are texts until it is. */
type Draft = typeof NOTHING & { readonly serviceAccount: AuthorizationQuestion['serviceAccount'] };

/** An authorizer, or a question that is being put together. */
class QuestionValue extends LibraryValue {
  readonly type: TypeValue;
  readonly celType: CelType;
  readonly ask: AskAuthorizer;
  readonly draft: Draft;

  constructor(type: CelType, ask: AskAuthorizer, draft: Draft) {
    super();
    this.celType = type;
    this.type = new TypeValue(type.name);
    this.ask = ask;
    this.draft = draft;
  }

  /** The same question with something more in it. */
  with(change: Partial<Draft>, type: CelType = this.celType): QuestionValue {
    return new QuestionValue(type, this.ask, { ...this.draft, ...change });
  }

  isSame(): CelError {
    return noSuchOverload();
  }
}

class DecisionValue extends LibraryValue {
  readonly type: TypeValue = new TypeValue(DECISION.name);
  readonly answer: AuthorizationAnswer;

  constructor(answer: AuthorizationAnswer) {
    super();
    this.answer = answer;
  }

  isSame(): CelError {
    return noSuchOverload();
  }
}

/** The value of `authorizer`. */
export function authorizerValue(ask: AskAuthorizer): CelValue {
  return new QuestionValue(AUTHORIZER, ask, { ...NOTHING, serviceAccount: undefined });
}

/** The value of `authorizer.requestResource`. */
export function requestResourceValue(
  ask: AskAuthorizer,
  resource: Pick<AuthorizationQuestion, 'apiGroup' | 'resource' | 'subresource' | 'namespace' | 'name'>,
): CelValue {
  return new QuestionValue(RESOURCE_CHECK, ask, { ...NOTHING, ...resource, serviceAccount: undefined });
}

/** Questions to the authorizer. */
export const AUTHORIZER_LIBRARY: readonly FunctionDeclaration[] = [
  step('path', 'authorizer_path', [AUTHORIZER, STRING], PATH_CHECK, (of, path) =>
    isBlank(path!)
      ? new CelError('path must not be empty')
      : of.with({ path: path!, resourceRequest: false }, PATH_CHECK),
  ),
  step('group', 'authorizer_group', [AUTHORIZER, STRING], GROUP_CHECK, (of, apiGroup) =>
    of.with({ apiGroup: apiGroup! }, GROUP_CHECK),
  ),
  step('serviceAccount', 'authorizer_serviceaccount', [AUTHORIZER, STRING, STRING], AUTHORIZER, serviceAccount),
  step('resource', 'groupcheck_resource', [GROUP_CHECK, STRING], RESOURCE_CHECK, (of, resource) =>
    isBlank(resource!) ? new CelError('resource must not be empty') : of.with({ resource: resource! }, RESOURCE_CHECK),
  ),
  detail('subresource', 'resourcecheck_subresource'),
  detail('namespace', 'resourcecheck_namespace'),
  detail('name', 'resourcecheck_name'),
  detail('fieldSelector', 'authorizer_fieldselector'),
  detail('labelSelector', 'authorizer_labelselector'),
  defineFunction('check', [
    memberOverload('pathcheck_check', [PATH_CHECK, STRING], DECISION, check),
    memberOverload('resourcecheck_check', [RESOURCE_CHECK, STRING], DECISION, check),
  ]),
  answer('allowed', 'decision_allowed', BOOL, ({ allowed }) => allowed),
  answer('reason', 'decision_reason', STRING, ({ reason }) => reason),
  answer('errored', 'decision_errored', BOOL, ({ error }) => error !== undefined),
  answer('error', 'decision_error', STRING, ({ error }) => error ?? ''),
];

function step(
  name: string,
  id: string,
  params: readonly CelType[],
  result: CelType,
  apply: (of: QuestionValue, ...texts: string[]) => CelValue,
): FunctionDeclaration {
  const call: Implementation = (of, ...texts) => apply(of as QuestionValue, ...(texts as string[]));
  return defineFunction(name, [memberOverload(id, params, result, call)]);
}

function detail(
  name: 'subresource' | 'namespace' | 'name' | 'fieldSelector' | 'labelSelector',
  id: string,
): FunctionDeclaration {
  return step(name, id, [RESOURCE_CHECK, STRING], RESOURCE_CHECK, (of, text) => of.with({ [name]: text }));
}

function answer(
  name: string,
  id: string,
  result: CelType,
  read: (answer: AuthorizationAnswer) => CelValue,
): FunctionDeclaration {
  return defineFunction(name, [
    memberOverload(id, [DECISION], result, (decision) => read((decision as DecisionValue).answer)),
  ]);
}

function isBlank(text: string): boolean {
  return /^\p{White_Space}*$/u.test(text);
}

function serviceAccount(of: QuestionValue, namespace?: string, name?: string): CelValue {
  if (nameIsDnsSubdomain(name!, false).length > 0) return new CelError('Invalid service account name');
  if (isDns1123Label(namespace!).length > 0) return new CelError('Invalid service account namespace');
  return of.with({ serviceAccount: { namespace: namespace!, name: name! } });
}

function check(question: CelValue, verb: CelValue): CelValue {
  const { ask, draft } = question as QuestionValue;
  const { fieldSelector, labelSelector, ...rest } = draft;
  const fields = parsed(parseFieldSelector, fieldSelector);
  const labels = parsed(parseLabelSelector, labelSelector);
  const given = ask({
    ...rest,
    verb: verb as string,
    ...(fields && { fieldSelector: fields }),
    ...(labels && { labelSelector: labels }),
  });
  return given === undefined ? new CelError('the authorizer has not answered yet') : new DecisionValue(given);
}

/** A selector that does not parse limits nothing. */
function parsed<T>(parse: (text: string) => T, text: string): T | undefined {
  if (text === '') return undefined;
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
