/**
 * The command line `nekube`: reads flags, calls the rooms, prints.
 *
 * What it does not do: anything that a library user could not do with the same few lines. Each command's flags and help
 * stand in `NAME-command.ts`, what it does in `NAME.ts`, which is loaded only when it runs.
 */
export { buildProgram, run } from './program.ts';
export { type Io, EXIT, CliError } from './io.ts';
