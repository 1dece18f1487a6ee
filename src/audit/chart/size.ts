import type { Template } from './template.ts';

const sizes = new WeakMap<Template, number>();

/** How much a template says, so that the simpler of two can be taken. */
export function sizeOf(template: Template): number {
  const known = sizes.get(template);
  if (known !== undefined) return known;
  const size = counted(template);
  sizes.set(template, size);
  return size;
}

function counted(template: Template): number {
  const sum = (all: readonly Template[]): number => all.reduce((size, one) => size + sizeOf(one), 1);
  switch (template.form) {
    case 'object':
      return sum([...template.members.values(), ...template.loops.flatMap(({ name, value }) => [name, value])]);
    case 'list':
      return sum(template.items);
    case 'concat':
      return sum(template.lists);
    case 'range':
      return 2 + sizeOf(template.item);
    case 'join':
      return 2 + sizeOf(template.list);
    case 'if':
      return 3 + sizeOf(template.met) + sizeOf(template.otherwise);
    case 'apply':
      return 1 + sizeOf(template.of);
    case 'text':
      return template.parts.reduce((size, part) => size + (typeof part === 'string' ? 1 : 1 + sizeOf(part)), 0);
    case 'constant':
      // a text that says much is no likelier than the values that it is made of
      return 1.5;
    default:
      return 1;
  }
}
