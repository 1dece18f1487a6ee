import type { ViewProps } from '../app/registry.ts';

export default function DetailView({ params }: ViewProps) {
  return <h1>{params.name}</h1>;
}
