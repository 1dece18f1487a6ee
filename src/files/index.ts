/**
 * Folders and files, made whole or not at all, and the marks by which a process knows what is its own.
 *
 * What it does not do: it knows nothing of what is in a file, watches nothing, and locks nothing.
 */
export { makeFolder } from './make-folder.ts';
export { isMarkAlive, processMark } from './process-mark.ts';
export { isRunning, processScope, shortProcessScope } from './process-scope.ts';
export { makeTemporaryFolder, removeTemporaryFolder } from './temporary-folders.ts';
export { writeWhole } from './write-whole.ts';
