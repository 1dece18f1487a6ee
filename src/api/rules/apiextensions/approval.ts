import { goQuote, invalid, Path, required as requiredError } from 'nekube/apimachinery';
import type { Loose, RuleContext } from '../rule.ts';

const annotation = 'api-approved.kubernetes.io';
const why = 'see https://github.com/kubernetes/enhancements/pull/1111';
const needed = `protected groups must have approval annotation "${annotation}"`;
const protectedDomains = ['k8s.io', 'kubernetes.io'];

/** Whether a definition's API is approved by the Kubernetes community, as its annotations say. */
export interface Approval {
  readonly state: 'missing' | 'bypassed' | 'approved' | 'invalid';
  /** What the definition's condition says of it. */
  readonly message: string;
}

/** Groups of the Kubernetes community need an approval. */
export function isProtectedGroup(group: string): boolean {
  return protectedDomains.some((domain) => group === domain || group.endsWith(`.${domain}`));
}

/** The approval that annotations tell of. */
export function approvalOf(annotations: Readonly<Record<string, string>> | undefined): Approval {
  const text = annotations?.[annotation] ?? '';
  if (text === '') return { state: 'missing', message: `${needed}, ${why}` };
  if (text.startsWith('unapproved')) return { state: 'bypassed', message: `not approved: ${goQuote(text)}` };
  if (/^[A-Za-z][-+.A-Za-z0-9]*:\/\/[^/?#\s]+/.test(text)) return { state: 'approved', message: `approved in ${text}` };
  return { state: 'invalid', message: `${needed} with either a URL or a reason starting with "unapproved", ${why}` };
}

/** A definition of a protected group must say something of its approval, or go on as it is stored. */
export function checkApproval(definition: Loose, _path: Path, { errors, old }: RuleContext): void {
  if (!isProtectedGroup(definition.spec?.group ?? '')) return;
  const { state, message } = approvalOf(definition.metadata.annotations);
  if (old && approvalOf(old.metadata.annotations).state === state) return;
  const path = Path.of('metadata', 'annotations').key(annotation);
  if (state === 'missing') errors.push(requiredError(path, message));
  if (state === 'invalid') errors.push(invalid(path, definition.metadata.annotations?.[annotation] ?? '', message));
}
