// Loaded into a server before its program (node --expose-gc --import …): says on SIGUSR2 what memory is really in use.
process.on('SIGUSR2', () => {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  process.stderr.write(`memory in use: ${heapUsed + external}\n`);
});
