// Starts a program of this folder that is one script: node load.cjs NAME ARGS…
// What V8 has compiled of it in the first run that served is kept beside it, where the folder can be written, and read by the others.
'use strict';
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { Script } = require('node:vm');

process.argv.splice(1, 1);
const file = join(__dirname, `${process.argv[1]}.cjs`);
// V8 takes no data of another version; by the name they do not replace each other
const code = `${file}.${process.version}-${process.arch}.code`;
const cachedData = read(code);
// the text has ASCII alone: one byte for each character, which is read soonest
const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData });
// what was told to end has served: other runs compile little of it; data that was made on another processor is refused
if (cachedData === undefined || script.cachedDataRejected) for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.once('exit', keep));
script.runInThisContext()(require, pathToFileURL(file).href);

function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Another process may do the same; each writes a whole file. */
function keep() {
  try {
    // data is taken by a process with the same flags alone, so that those that the program has changed are put back
    require('node:v8').setFlagsFromString('--semi-space-growth-factor=2');
    const made = `${code}.${process.pid}.tmp`;
    writeFileSync(made, script.createCachedData());
    renameSync(made, code);
  } catch {
    // the folder is not to be written: each run compiles
  }
}
