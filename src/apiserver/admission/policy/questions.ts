import {
  type AuthorizationAnswer,
  type AuthorizationQuestion,
  type CelValue,
  authorizerValue,
  PendingAnswers,
  requestResourceValue,
} from 'nekube/cel';
import type { AdmissionAttributes } from '../../admission.ts';
import type { Authorizer, Decision } from '../../authorization/authorizer.ts';
import type { UserInfo } from '../../user.ts';

/** What expressions ask an authorizer about a request. */
export interface Questions {
  /** The value of `authorizer`. */
  readonly authorizer: CelValue;
  /** The value of `authorizer.requestResource`. */
  readonly requestResource: CelValue;
  /** Waits for answers that were not there at once; true if the evaluation must be done again with them. */
  settle(): Promise<boolean>;
}

/** Lets expressions ask what the user of a request may do. */
export function questionsOf(authorizer: Authorizer, attributes: AdmissionAttributes): Questions {
  const answers = new PendingAnswers((question) => {
    const decision = authorizer.authorize({
      ...question,
      user: userOf(question, attributes.user),
      apiVersion: question.resourceRequest ? '*' : '',
    });
    return decision instanceof Promise ? decision.then(answerOf) : answerOf(decision);
  });
  const { resource, subresource, namespace, name } = attributes;
  const asked = { apiGroup: resource.group, resource: resource.resource, subresource, namespace, name };
  return {
    authorizer: authorizerValue(answers.ask),
    requestResource: requestResourceValue(answers.ask, asked),
    settle: () => answers.settle(),
  };
}

function userOf({ serviceAccount }: AuthorizationQuestion, user: UserInfo): UserInfo {
  if (serviceAccount === undefined) return user;
  const { namespace, name } = serviceAccount;
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
  };
}

function answerOf({ decision, reason, error }: Decision): AuthorizationAnswer {
  return { allowed: decision === 'allow', reason, ...(error !== undefined && { error }) };
}
