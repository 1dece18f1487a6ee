import type { PlanWarning } from './plan-model.ts';
import { editTexts as t } from './texts.ts';

/** A warning of a plan in the language that is shown; undefined: it is one that the page does not know. */
export function warningText({ type, facts }: PlanWarning): string | undefined {
  const {
    path = '',
    other = '',
    owners = '',
    manager = '',
    lost = '',
    count = '',
    applied = '',
    ...rest
  } = facts ?? {};
  switch (type) {
    case 'Atomic':
      return t.warnAtomic(path, lost === '' ? t.entries(Number(count)) : lost, owners);
    case 'ListKey':
      return t.warnListKey(path, other, owners);
    case 'Yielded':
      return t.warnYielded(path, owners);
    case 'UpdateManager':
      return t.warnUpdateManager(manager, count === '1' ? path : t.appliedFields(Number(count)));
    case 'ForcedApply':
      return t.warnForced(rest.refusal ?? '');
    case 'ChangedByServer':
      return rest.result === undefined ? t.warnDropped(path, applied) : t.warnChanged(path, applied, rest.result);
    case 'NoSchema':
      return t.warnNoSchema(rest.kind ?? '');
    case 'ManagedFields':
      return t.warnManagedFields(rest.problem ?? '');
    case 'PoliciesUnread':
      return t.warnUnread(rest.kinds ?? '');
    default:
      return undefined;
  }
}

/** What mends it; of some it is a command, which is the same in every language. */
export function fixText({ type, facts, fix }: PlanWarning): string | undefined {
  return type === 'Yielded' ? t.fixYielded(facts?.path ?? '') : fix;
}
