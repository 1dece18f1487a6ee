// What a process with an informer tells the bench: a line of JSON when it is synced, and one when it heard all changes.
const changes = Number(process.env.CHANGES);
const began = performance.now();
const cpu = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000;

/** Gives what to call for each object, for each change, and with the count of objects when all are there. */
export function tell() {
  let heard = 0;
  let cpuBefore = 0;
  const say = (figures) => console.log(JSON.stringify(figures));
  return {
    object() {},
    change() {
      if (++heard === changes) say({ changesCpuMs: cpu() - cpuBefore });
    },
    synced(objects) {
      const figures = { objects, syncMs: performance.now() - began, cpuMs: cpu() };
      global.gc();
      global.gc();
      const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
      say({ ...figures, heapMb: (heapUsed + external + arrayBuffers) / 2 ** 20, rssMb: rss / 2 ** 20 });
      cpuBefore = cpu();
    },
  };
}
