import type { KubeObject } from 'nekube/apimachinery';
import type { CellPrinter } from '../rules/resource-rules.ts';
import { nameAnd } from './format.ts';

/** Cells of the resource.k8s.io group's resources. */
export const resourceCells: Readonly<Record<string, CellPrinter>> = {
  deviceclasses: nameAnd(),
  resourceclaims: nameAnd((claim) => [claimState(claim)]),
  resourceclaimtemplates: nameAnd(),
  resourceslices: nameAnd(({ spec }) => [spec?.nodeName ?? '', spec?.driver ?? '', spec?.pool?.name ?? '']),
};

function claimState({ metadata, status }: KubeObject): string {
  const states = metadata.deletionTimestamp ? ['deleted'] : [];
  if (status?.allocation) {
    states.push('allocated');
    if ((status.reservedFor ?? []).length > 0) states.push('reserved');
  } else if (!metadata.deletionTimestamp) states.push('pending');
  return states.join(',');
}
