import type { KubeObject } from 'nekube/apimachinery';
import type { CellPrinter } from '../rules/resource-rules.ts';
import type { Loose } from '../rules/rule.ts';
import { nameAnd, nameAndCreation } from './format.ts';

const bindingCells: CellPrinter = (object, now) => [
  ...nameAnd(({ roleRef }) => [`${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`])(object, now),
  subjectsOf(object, 'User').join(', '),
  subjectsOf(object, 'Group').join(', '),
  subjectsOf(object, 'ServiceAccount').join(', '),
];

/** Cells of the rbac.authorization.k8s.io group's resources. */
export const rbacCells: Readonly<Record<string, CellPrinter>> = {
  clusterrolebindings: bindingCells,
  clusterroles: nameAndCreation,
  rolebindings: bindingCells,
  roles: nameAndCreation,
};

function subjectsOf({ subjects }: KubeObject, kind: string): string[] {
  return (subjects ?? [])
    .filter((subject: Loose) => subject.kind === kind)
    .map(({ namespace = '', name = '' }: Loose) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name));
}
