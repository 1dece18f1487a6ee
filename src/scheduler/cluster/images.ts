import type { Node } from '../objects/node.ts';

/** The images that a node has, by all their names, and how many bytes each has. */
export function imagesOf({ status }: Node): ReadonlyMap<string, number> {
  const images = new Map<string, number>();
  for (const { names = [], sizeBytes = 0 } of status?.images ?? []) {
    for (const name of names) images.set(name, Number(sizeBytes));
  }
  return images;
}

/** The name of an image as nodes have it: with a tag. */
export function normalImageName(name: string): string {
  return name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name;
}
