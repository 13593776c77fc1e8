// Asks the recorder. The server answers four questions at once; two at a time leave room for another tab.
import { objectAt } from '../json';
import type { Series } from '../wire';
import { recorder } from './now';
import { type Recorder, recorderOf } from './recorder';
import { type Moment, type Overview, type PastRange, readMoment, readOverview, readRange } from './answers';

/** Questions on their way at most. */
const mostAtOnce = 2;

/** Series in one question at most. */
export const mostSeries = 20;

/** A question that is refused because there were too many is asked again so often. */
const mostTries = 4;

/** How long to wait when the server does not say, ms. */
const usualWaitMs = 1000;

/** An answer that is not one: what the server said was wrong. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Waiting {
  readonly urgent: boolean;
  start(): void;
}

export class Questions {
  readonly #base: string;
  readonly #waiting: Waiting[] = [];
  #open = 0;

  /** `base` is the address of the host: `/api/v1/hosts/local/`. */
  constructor(base: string) {
    this.#base = base;
  }

  /** What the recorder says of itself; null when nothing is recorded. */
  async recorder(): Promise<Recorder | null> {
    return recorderOf(objectAt(await this.#ask('', true), 'host')['recorder']);
  }

  /** The second at or before a time. */
  async moment(at: number, urgent: boolean, signal?: AbortSignal): Promise<Moment> {
    return readMoment(await this.#ask(`moment?at=${Math.floor(at)}`, urgent, signal));
  }

  /** What a strip of a range shows; without a beginning, of all there is. */
  async overview(from: number | null, to: number, points: number, signal?: AbortSignal): Promise<Overview> {
    const start = from === null ? '' : `from=${Math.floor(from)}&`;
    return readOverview(await this.#ask(`overview?${start}to=${Math.ceil(to)}&points=${points}`, true, signal));
  }

  /** At most `mostSeries` series over time. */
  async range(
    series: readonly Series[],
    from: number,
    to: number,
    points: number,
    signal: AbortSignal,
  ): Promise<PastRange> {
    const keys = series.map((item) => `series=${encodeURIComponent(queryKey(item))}`).join('&');
    const span = `from=${Math.floor(from)}&to=${Math.ceil(to)}&points=${points}`;
    return readRange(await this.#ask(`history?${keys}&${span}`, true, signal));
  }

  async #ask(question: string, urgent: boolean, signal?: AbortSignal): Promise<unknown> {
    await this.#turn(urgent);
    try {
      // While the store is being opened there is no answer; the recorder's next message says when there is.
      while (question !== '' && recorder.peek()?.state === 'starting') {
        await wait(usualWaitMs / 4);
        signal?.throwIfAborted();
      }

      for (let tries = 1; ; tries++) {
        signal?.throwIfAborted();
        const address = question === '' ? this.#base.slice(0, -1) : `${this.#base}${question}`;
        const response = await fetch(address, signal === undefined ? {} : { signal });
        if (response.ok) {
          return await response.json();
        }

        const mayRetry = (response.status === 429 || response.status === 503) && tries < mostTries;
        if (!mayRetry) {
          throw new Refused(response.status, await reasonOf(response));
        }

        await wait(1000 * Number(response.headers.get('Retry-After')) || usualWaitMs);
      }
    } catch (error) {
      // What a browser says of a server that cannot be reached differs from one to the next, and helps nobody.
      throw error instanceof TypeError ? new Error('The server does not answer.', { cause: error }) : error;
    } finally {
      this.#open--;
      this.#next();
    }
  }

  #turn(urgent: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ urgent, start: resolve });
      this.#next();
    });
  }

  #next(): void {
    while (this.#open < mostAtOnce && this.#waiting.length > 0) {
      const urgent = this.#waiting.findIndex((item) => item.urgent);
      const [chosen] = this.#waiting.splice(Math.max(0, urgent), 1);
      this.#open++;
      chosen?.start();
    }
  }
}

/** A series as a question names it: labels in the order of the schema. */
export function queryKey({ name, labels }: Series): string {
  const parts = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return parts.length === 0 ? name : `${name}{${parts.join(',')}}`;
}

async function reasonOf(response: Response): Promise<string> {
  try {
    const problem: unknown = await response.json();
    const detail = (problem as { readonly detail?: unknown } | null)?.detail;
    return typeof detail === 'string' ? detail : `The server answered ${response.status}.`;
  } catch {
    return `The server answered ${response.status}.`;
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
