import { humanDuration, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import type { CellPrinter } from '../rules/resource-rules.ts';
import type { Loose } from '../rules/rule.ts';
import { ageOf, orElse } from './format.ts';

/** Cells of the certificates.k8s.io group's resources. */
export const certificatesCells: Readonly<Record<string, CellPrinter>> = { certificatesigningrequests: requestCells };

function requestCells(request: KubeObject, now: Date): JsonValue[] {
  const { spec = {} } = request;
  const seconds: number | undefined = spec.expirationSeconds;
  return [
    request.metadata.name ?? '',
    ageOf(request, now),
    orElse(spec.signerName, '<none>'),
    spec.username ?? '',
    typeof seconds === 'number' ? humanDuration(seconds * 1000) : '<none>',
    requestStatus(request.status ?? {}),
  ];
}

function requestStatus(status: Loose): string {
  const has = (type: string) => (status.conditions ?? []).some((c: Loose) => c.type === type);
  const verdict = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return `${verdict}${has('Failed') ? ',Failed' : ''}${status.certificate ? ',Issued' : ''}`;
}
