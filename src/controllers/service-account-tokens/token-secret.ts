import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';

/** A Secret. */
export interface Secret extends KubeObject {
  type?: string;
  data?: Record<string, string>;
}

/** Secrets. */
export const SECRET: Kind<Secret> = { apiVersion: 'v1', kind: 'Secret' };

const TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';

/** What a Secret says whose token it holds; undefined: it holds none, or says of nobody. */
export function accountOf({ metadata, type }: Secret): { name: string; uid: string | undefined } | undefined {
  const name = metadata.annotations?.[ACCOUNT_NAME];
  if (type !== TYPE || !name) return undefined;
  return { name, uid: metadata.annotations?.[ACCOUNT_UID] || undefined };
}

/** What a Secret that holds a token lacks. */
export function missingOf({ data = {} }: Secret, rootCa: string | undefined) {
  return {
    ca: rootCa !== undefined && data['ca.crt'] !== encoded(rootCa),
    namespace: !data.namespace,
    token: !data.token,
  };
}

/** The Secret with all that belongs into it. */
export function completed(
  secret: Secret,
  { account, rootCa, token }: { account: KubeObject; rootCa: string | undefined; token: string | undefined },
): Secret {
  const missing = missingOf(secret, rootCa);
  const { metadata, data } = secret;
  const annotations = {
    ...metadata.annotations,
    [ACCOUNT_NAME]: account.metadata.name!,
    [ACCOUNT_UID]: account.metadata.uid!,
  };
  return {
    ...secret,
    metadata: { ...metadata, annotations },
    data: {
      ...data,
      ...(missing.ca && { 'ca.crt': encoded(rootCa!) }),
      ...(missing.namespace && { namespace: encoded(metadata.namespace!) }),
      ...(missing.token && token !== undefined && { token: encoded(token) }),
    },
  };
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}
