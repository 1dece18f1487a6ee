import { invalid, Path, required as requiredError } from 'nekube/apimachinery';
import type { Loose, RuleContext } from '../rule.ts';

const annotation = 'api-approved.kubernetes.io';
const why = 'see https://github.com/kubernetes/enhancements/pull/1111';
const protectedDomains = ['k8s.io', 'kubernetes.io'];

/** Groups of the Kubernetes community need an approval, whose state may stay as it is stored. */
export function checkApproval(definition: Loose, _path: Path, { errors, old }: RuleContext): void {
  const group: string = definition.spec?.group ?? '';
  if (!protectedDomains.some((domain) => group === domain || group.endsWith(`.${domain}`))) return;
  const text: string = definition.metadata.annotations?.[annotation] ?? '';
  const state = stateOf(text);
  if (old && stateOf(old.metadata.annotations?.[annotation] ?? '') === state) return;
  const path = Path.of('metadata', 'annotations').key(annotation);
  const needed = `protected groups must have approval annotation "${annotation}"`;
  if (state === 'missing') errors.push(requiredError(path, `${needed}, ${why}`));
  if (state === 'invalid') {
    errors.push(invalid(path, text, `${needed} with either a URL or a reason starting with "unapproved", ${why}`));
  }
}

function stateOf(text: string): 'missing' | 'bypassed' | 'approved' | 'invalid' {
  if (text === '') return 'missing';
  if (text.startsWith('unapproved')) return 'bypassed';
  return /^[A-Za-z][-+.A-Za-z0-9]*:\/\/[^/?#\s]+/.test(text) ? 'approved' : 'invalid';
}
