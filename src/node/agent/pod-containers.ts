import type { PodAttachment } from 'nekube/network';
import { runHook } from '../hooks/run-hook.ts';
import type { Image } from '../images/image-map.ts';
import { containerLogPath } from '../logs/container-logs.ts';
import { terminationMessage } from '../logs/termination-message.ts';
import type { Container } from '../pod/container.ts';
import { describePod, type Pod } from '../pod/pod.ts';
import type { PodState } from '../pod/pod-state.ts';
import type { Exit } from '../pod/record.ts';
import { ContainerProbes } from '../probes/container-probes.ts';
import { type Place, portOf } from '../probes/place.ts';
import { runProbe } from '../probes/run-probe.ts';
import type { RunningContainer } from '../runtime/running-container.ts';
import { startContainer, type StartRequest } from './container-starter.ts';
import { ContainerStop } from './container-stop.ts';
import { containerDir, terminationLog } from './folders.ts';
import type { NodeParts } from './node-parts.ts';
import { watchPorts } from './port-watch.ts';
import { StartError } from './start-error.ts';
import { untilHeard } from './until-heard.ts';

/** What containers of a pod need of it. */
export interface PodContainersOptions {
  readonly node: NodeParts;
  readonly state: PodState;
  /** As it is known now. */
  readonly pod: () => Pod;
  readonly attachment: () => PodAttachment | undefined;
  /** Something is otherwise than before: a container ended, a probe found something. */
  readonly changed: () => void;
}

/** A container that runs, and what looks at it. */
interface Member {
  readonly running: RunningContainer;
  probes?: ContainerProbes;
  endWatch?: () => void;
}

/** The containers of a pod that run: starts them, with hooks and probes, and stops them. */
export class PodContainers {
  readonly #options: PodContainersOptions;
  readonly #members = new Map<string, Member>();
  readonly #stops = new Set<ContainerStop>();
  /** Processes that have been started and are not members yet. */
  readonly #beginning = new Set<Promise<unknown>>();
  #isEnding = false;

  constructor(options: PodContainersOptions) {
    this.#options = options;
  }

  /** How many run. */
  get size(): number {
    return this.#members.size;
  }

  /** What runs of a container. */
  get(name: string): RunningContainer | undefined {
    return this.#members.get(name)?.running;
  }

  /** Starts a container, and its probes when its hook is done. @throws StartError */
  async start(container: Container, image: Image, volumes: ReadonlyMap<string, string>): Promise<void> {
    const { node, pod, state, attachment } = this.#options;
    const { name } = container;
    const restartCount = state.nextRestartCount(name);
    const mayBegin = (): boolean => {
      if (!this.#isEnding) this.#beginning.add(begun);
      return !this.#isEnding;
    };
    const request = { pod: pod(), container, image, attachment: attachment()!, restartCount, volumes, mayBegin };
    const begun = this.#begin(request).finally(() => this.#beginning.delete(begun));
    const running = await begun;
    const member: Member = { running };
    this.#members.set(name, member);
    state.started(name, { id: running.id, image: container.image, startedAt: running.startedAt });
    void running.exited.then((exit) => this.#ended(container, member, exit, restartCount));
    if (running.pid === undefined) return;
    this.tell(container, 'Normal', 'Created', 'Container created');
    this.tell(container, 'Normal', 'Started', 'Container started');
    member.endWatch = watchPorts({
      container,
      attachment: request.attachment,
      clock: node.clock,
      tell: (text) => this.tell(container, 'Warning', 'NotListening', text),
    });
    await this.#postStart(container, running);
    if (this.#members.get(name) === member) member.probes = this.#probes(container, running);
  }

  /** Starts it, and waits a little until it listens. */
  async #begin(request: StartRequest): Promise<RunningContainer> {
    const { node, pod } = this.#options;
    const { container, attachment } = request;
    const running = await startContainer(node, request);
    const isInit = pod().spec.initContainers?.some(({ name }) => name === container.name) === true;
    const isWanted = (): boolean => !this.#isEnding && pod().metadata.deletionTimestamp === undefined;
    await untilHeard(running, { container, isInit, attachment, clock: node.clock, isWanted });
    return running;
  }

  /** Asks a container to end, and ends it when its time is over. Resolves when that is known of. */
  async stop(container: Container, message: string, graceMs: number): Promise<void> {
    const { node, state } = this.#options;
    const member = this.#members.get(container.name);
    if (member === undefined) return;
    const { running } = member;
    if (running.pid !== undefined) this.tell(container, 'Normal', 'Killing', message);
    const { preStop, stopSignal = node.images.find(container.image)?.stopSignal } = container.lifecycle ?? {};
    const stop = new ContainerStop(running, {
      graceMs,
      clock: node.clock,
      ...(stopSignal !== undefined && { signal: stopSignal }),
      ...(preStop && running.pid !== undefined && { preStop: (signal) => this.#preStop(container, running, signal) }),
    });
    this.#stops.add(stop);
    await stop.done;
    this.#stops.delete(stop);
    // what follows must know of its end, whoever hears of it first
    state.ended(container.name, running.id, await running.exited);
  }

  /** The pod is on its way out: nothing is killed any more because a probe fails. */
  terminating(): void {
    for (const { probes } of this.#members.values()) probes?.terminating();
  }

  /** What is being stopped has less time. */
  shorten(graceMs: number): void {
    for (const stop of this.#stops) stop.shorten(graceMs);
  }

  /** Ends all within about so long, and tells nobody. */
  async end(graceMs: number): Promise<void> {
    const { clock } = this.#options.node;
    // what reads variables still will not be started any more; what is starting must be known to be ended
    this.#isEnding = true;
    await Promise.allSettled(this.#beginning);
    const all = [...this.#members.values()];
    for (const { probes, endWatch } of all) {
      probes?.stop();
      endWatch?.();
    }
    for (const stop of this.#stops) stop.shorten(graceMs);
    await Promise.all(all.map(({ running }) => new ContainerStop(running, { graceMs, clock }).done));
  }

  /** Tells an event of a container. */
  tell(container: Container, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const pod = this.#options.pod();
    const { initContainers = [], ephemeralContainers = [] } = pod.spec;
    const isIn = (list: readonly Container[]): boolean => list.some(({ name }) => name === container.name);
    const other = isIn(ephemeralContainers) ? 'ephemeralContainers' : 'containers';
    const fieldPath = `spec.${isIn(initContainers) ? 'initContainers' : other}{${container.name}}`;
    this.#options.node.events.record(pod, type, reason, message, { fieldPath });
  }

  #ended(container: Container, member: Member, exit: Exit, restartCount: number): void {
    const { state, changed } = this.#options;
    member.probes?.stop();
    member.endWatch?.();
    if (this.#members.get(container.name) === member) this.#members.delete(container.name);
    const message = member.running.pid === undefined ? '' : this.#messageOf(container, exit, restartCount);
    state.ended(container.name, member.running.id, { ...exit, ...(message !== '' && { message }) });
    changed();
  }

  #messageOf(container: Container, exit: Exit, restartCount: number): string {
    const { node, pod } = this.#options;
    const { namespace = '', name = '', uid = '' } = pod().metadata;
    return terminationMessage({
      file: terminationLog(containerDir(node.dir, uid, container.name)),
      logPath: containerLogPath(node.logsDir, { namespace, name, uid }, container.name, restartCount),
      usesLog: container.terminationMessagePolicy === 'FallbackToLogsOnError' && exit.code !== 0,
    });
  }

  /** @throws StartError if the hook fails; the container is ended then */
  async #postStart(container: Container, running: RunningContainer): Promise<void> {
    const hook = container.lifecycle?.postStart;
    if (hook === undefined) return;
    const over = new AbortController();
    const { node, pod } = this.#options;
    const exited = running.exited.then(() => over.abort());
    try {
      await Promise.race([runHook(hook, this.#place(container, running), node.clock, over.signal), exited]);
    } catch (error) {
      if (over.signal.aborted) return;
      this.tell(container, 'Warning', 'FailedPostStartHook', 'PostStartHook failed');
      await this.stop(container, 'FailedPostStartHook', graceOf(pod()));
      throw new StartError('PostStartHookError', (error as Error).message);
    }
  }

  async #preStop(container: Container, running: RunningContainer, signal: AbortSignal): Promise<void> {
    const { node } = this.#options;
    try {
      await runHook(container.lifecycle!.preStop!, this.#place(container, running), node.clock, signal);
    } catch {
      if (!signal.aborted) this.tell(container, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
    }
  }

  #probes(container: Container, running: RunningContainer): ContainerProbes | undefined {
    const { startupProbe, livenessProbe, readinessProbe } = container;
    if (startupProbe === undefined && livenessProbe === undefined && readinessProbe === undefined) return undefined;
    const { node, state, changed } = this.#options;
    const place = this.#place(container, running);
    return new ContainerProbes({
      container,
      clock: node.clock,
      run: (probe) => runProbe(probe, place),
      found(kind, result) {
        if (state.probed(container.name, kind, result)) changed();
      },
      tell: (reason, message) => this.tell(container, 'Warning', reason, message),
    });
  }

  #place(container: Container, running: RunningContainer): Place {
    const { attachment } = this.#options;
    return {
      ip: attachment()?.ips[0] ?? '',
      portOf: (port) => portOf(container, port),
      async dial(port) {
        const there = attachment();
        if (there === undefined) throw new Error('the pod has no network');
        return there.dial(port);
      },
      beside(argv) {
        if (running.beside === undefined) throw new Error('the container has no process');
        return running.beside(argv);
      },
    };
  }
}

const DEFAULT_GRACE_SECONDS = 30;

/** How long the containers of a pod have to end: what its deletion says, else what the pod does; a second at least. */
export function graceOf({ metadata, spec }: Pod): number {
  const seconds = metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  return Math.max(1, Number(seconds)) * 1000;
}

/** The wait that a container is in before it is started again, in the kubelet's words. */
export function backoffMessages(container: string, pod: Pod, waitMs: number): { status: string; event: string } {
  const who = describePod(pod);
  return {
    status: `back-off ${goDuration(waitMs)} restarting failed container=${container} pod=${who}`,
    event: `Back-off restarting failed container ${container} in pod ${who}`,
  };
}

/** A time as Go prints it: `10s`, `1m20s`. */
function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
