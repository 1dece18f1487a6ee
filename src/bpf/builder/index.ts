// Programs as their authors think them: values with types, memory with names, and registers given out at the end.
export { type Argument, build, Builder, type BuildOptions } from './builder.ts';
export { PacketView } from './packet.ts';
export { type Condition, type Given, type HostName, Value } from './value.ts';
export { type FieldName, type Located, type NumberField, View } from './view.ts';
