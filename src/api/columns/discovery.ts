import type { CellPrinter } from '../rules/resource-rules.ts';
import type { Loose } from '../rules/rule.ts';
import { firstOf, nameAnd, orElse } from './format.ts';

/** Cells of the discovery.k8s.io group's resources. */
export const discoveryCells: Readonly<Record<string, CellPrinter>> = {
  endpointslices: nameAnd(({ addressType, ports, endpoints }) => [
    addressType ?? '',
    orElse(firstOf((ports ?? []).map(formatPort), 3), '<unset>'),
    orElse(
      firstOf(
        (endpoints ?? []).flatMap((endpoint: Loose) => endpoint.addresses ?? []),
        3,
      ),
      '<unset>',
    ),
  ]),
};

function formatPort({ port, name }: Loose): string {
  return String(port ?? name ?? '*');
}
