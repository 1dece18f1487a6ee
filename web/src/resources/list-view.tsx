import { kindAt } from '../api/discovery.ts';
import type { ViewProps } from '../app/registry.ts';

export default function ListView({ params }: ViewProps) {
  const kind = kindAt(params.group!, params.version!, params.resource!);
  return <h1>{kind?.kind ?? params.resource}</h1>;
}
