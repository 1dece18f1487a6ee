/**
 * The scheduler of a cluster: it decides on which node each pod runs, with the filters, scores, texts and events of
 * kube-scheduler's default profile.
 *
 * What it does not do: it starts no server and no process, runs no pod (that is the node's), and asks no program beside it
 * (extenders).
 */
export { addScheduler, type SchedulerOptions } from './add-scheduler.ts';
