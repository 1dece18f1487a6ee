import { jsonEqual, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import { changesBetween } from './changes.ts';
import { idOf, keyOf, type Manifest, type ObjectId } from './manifest.ts';
import type { Outlook } from './object-writer.ts';
import { type Stage, stageOf } from './order.ts';
import type { ObjectAction, ObjectReport, ReportedConflict } from './report.ts';

/** What is known of one of the objects while they are applied. */
export class Entry implements Manifest {
  readonly configuration: Manifest['configuration'];
  readonly place: string;
  readonly id: ObjectId;
  readonly key: string;
  readonly stage: Stage;
  /** Undefined: what an apply would do was not found out, or cannot be before it is done. */
  outlook: Outlook | undefined;
  action: ObjectAction = 'not applied';
  reason: string | undefined;
  /** Found when it was written. */
  refused: readonly ReportedConflict[] | undefined;
  /** As it was written, or as it is if there was nothing to write. */
  object: KubeObject | undefined;
  readiness: ObjectReport['readiness'];

  constructor({ configuration, place }: Manifest) {
    this.configuration = configuration;
    this.place = place;
    this.id = idOf(configuration);
    this.key = keyOf(this.id);
    this.stage = stageOf(this.id);
  }

  /** What an apply makes of it, by what is known now. */
  get expected(): ObjectAction {
    if (this.outlook === undefined || this.outlook.live === undefined) return 'created';
    const { live, result } = this.outlook;
    return result !== undefined && sameObject(live, result) ? 'unchanged' : 'configured';
  }

  /** Ends with an action, and why. */
  end(action: ObjectAction, reason?: string): void {
    this.action = action;
    this.reason = reason;
  }

  /** Ends with what was written. */
  written(object: KubeObject): void {
    const live = this.outlook?.live;
    const { metadata } = object;
    this.object = object;
    if (live === undefined) return this.end('created');
    this.end(live.metadata.resourceVersion === metadata.resourceVersion ? 'unchanged' : 'configured');
  }

  /** What became of it. */
  report(): ObjectReport {
    const { live, result, conflicts = [] } = this.outlook ?? {};
    const became = this.object ?? result;
    return {
      apiVersion: this.configuration.apiVersion,
      ...this.id,
      place: this.place,
      stage: this.stage,
      action: this.action,
      ...(this.reason !== undefined && { reason: this.reason }),
      changes: live !== undefined && became !== undefined ? changesBetween(live, became) : [],
      conflicts: this.refused ?? conflicts,
      ...(this.readiness !== undefined && { readiness: this.readiness }),
    };
  }
}

/** Whether an apply would change nothing at all, not even who owns what. */
function sameObject(live: KubeObject, result: KubeObject): boolean {
  return jsonEqual(live as unknown as JsonValue, result as unknown as JsonValue);
}
