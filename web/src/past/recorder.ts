// What the recorder says about itself: the member `recorder` of a hello, and the message of that name.
import { arrayAt, isObject, type Json, numberAt, numberOrNullAt, objectAt, stringAt, stringOrNullAt } from '../json';

export interface PastEvent {
  readonly id: number;
  readonly t: number;
  readonly kind: string;
  readonly text: string;
}

/** One resolution of the past. */
export interface Tier {
  /** Between its points, ms. */
  readonly resolution: number;
  readonly oldest: number | null;
  /** Age at which its points are dropped, ms; 0 where nothing is. */
  readonly maxAge: number;
}

export interface Recorder {
  readonly type: 'recorder';
  /** starting, recording, paused, refused or ended. */
  readonly state: string;
  /** Why nothing is kept, for people. */
  readonly reason: string | null;
  readonly oldest: number | null;
  readonly newest: number | null;
  readonly tiers: readonly Tier[];
  readonly events: readonly PastEvent[];
}

/** What a server says about its recorder where there may be none. */
export function recorderOf(json: unknown): Recorder | null {
  return isObject(json) ? readRecorder(json) : null;
}

export function readRecorder(json: Json): Recorder {
  const list = (member: string) => arrayAt(json[member] ?? [], `recorder.${member}`);
  return {
    type: 'recorder',
    state: stringAt(json['state'], 'recorder.state'),
    reason: stringOrNullAt(json['reason'], 'recorder.reason'),
    oldest: numberOrNullAt(json['oldest'], 'recorder.oldest'),
    newest: numberOrNullAt(json['newest'], 'recorder.newest'),
    tiers: list('tiers').map((item) => {
      const tier = objectAt(item, 'recorder.tiers');
      return {
        resolution: numberAt(tier['resolution'], 'recorder.tiers.resolution'),
        oldest: numberOrNullAt(tier['oldest'], 'recorder.tiers.oldest'),
        maxAge: numberOrNullAt(tier['maxAge'], 'recorder.tiers.maxAge') ?? 0,
      };
    }),
    events: list('events').map((item) => readEvent(item, 'recorder.events')),
  };
}

export function readEvent(json: unknown, where: string): PastEvent {
  const event = objectAt(json, where);
  return {
    id: numberAt(event['id'], `${where}.id`),
    t: numberAt(event['t'], `${where}.t`),
    kind: stringAt(event['kind'], `${where}.kind`),
    text: stringOrNullAt(event['text'], `${where}.text`) ?? '',
  };
}
