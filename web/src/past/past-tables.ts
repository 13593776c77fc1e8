// The tables of the moment that is shown, with the trends of the seconds before it as far as they are here.
import { CgroupStore } from '../tables/cgroups';
import { ProcessStore } from '../tables/processes';
import type { Moment } from './answers';
import type { Moments } from './moments';

/** Moments before the one that is shown that are read for the trends at most. */
const mostBefore = 30;

export class PastTables {
  processes = new ProcessStore(1000);
  readonly cgroups = new CgroupStore();
  #shown: Moment | null = null;

  /** Whether the moment that is shown stands right after the one before it. */
  isStep = false;

  /** Shows a moment; null: nothing was recorded. Again: the same, now that more is known of the time before it. */
  show(moment: Moment | null, moments: Pick<Moments, 'atTick'>, intervalMs: number, isAgain = false): void {
    const follows = !isAgain && moment !== null && this.#shown !== null && moment.before === this.#shown.t;
    const isBack = moment !== null && this.#shown !== null && moment.after === this.#shown.t;
    this.isStep = isAgain || follows || isBack;
    this.#shown = moment;
    if (intervalMs !== this.processes.intervalMs) {
      this.processes = new ProcessStore(intervalMs);
    }

    if (!follows) {
      this.processes.clear();
      before(moment, moments).forEach((earlier) => this.#take(earlier));
    }

    if (moment === null || moment.cgroups === null) {
      this.cgroups.clear();
    } else {
      this.cgroups.apply(moment.cgroups);
    }

    if (moment !== null) {
      this.#take(moment);
    }
  }

  #take({ processes }: Moment): void {
    // Where a scan is spread over several ticks, one table belongs to all of them.
    if (processes !== null && processes.seq !== this.processes.seq) {
      this.processes.apply(processes);
    }
  }
}

/** The moments that lead to one without a hole, oldest first. */
function before(moment: Moment | null, moments: Pick<Moments, 'atTick'>): Moment[] {
  const found: Moment[] = [];
  let at = moment?.resolution === 60_000 ? null : (moment?.before ?? null);
  while (at !== null && found.length < mostBefore) {
    const earlier = moments.atTick(at);
    if (earlier === null || earlier.resolution === 60_000) {
      break;
    }

    found.push(earlier);
    at = earlier.before;
  }

  return found.reverse();
}
